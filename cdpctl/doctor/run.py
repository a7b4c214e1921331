"""Looking for what keeps cdpctl from working, step by step; nothing is changed."""

from collections.abc import Callable

from cdpctl.cdp.client import CdpClient
from cdpctl.credentials.manager import Credentials
from cdpctl.deadline import Deadline
from cdpctl.doctor.checks import Check, Examination
from cdpctl.doctor.local import check_configuration, check_keyring
from cdpctl.doctor.network import check_network
from cdpctl.doctor.service import check_service
from cdpctl.errors import CdpctlError
from cdpctl.settings.model import Settings
from cdpctl.transport.client import Transport


def examine(
    settings: Callable[[], Settings],
    transport_of: Callable[[Settings, Deadline], Transport],
    credentials_of: Callable[[Settings, Deadline, CdpClient], Credentials],
    tell: Callable[[Check], None],
    default_seconds: float,
) -> Examination:
    """Go through every check; one that fails ends those that build on it, and no others.

    Args:
        settings: resolves the settings of the run; raises CdpctlError.
        transport_of: opens the way to the CDP.
        credentials_of: makes credentials that ask nobody.
        tell: takes each check as soon as it is made.
        default_seconds: the deadline where the settings have none.
    """
    examination = Examination(tell)
    found = check_configuration(examination, settings)
    if found is None:
        examination.skip_rest("the configuration cannot be used")
        return examination
    check_keyring(examination, found)
    deadline = Deadline(default_seconds if found.timeout is None else found.timeout)
    _check_cdp(examination, found, transport_of, credentials_of, deadline)
    standby = found.standby()
    if standby is not None:
        examination.turn_to_standby()
        _check_cdp(examination, standby, transport_of, credentials_of, deadline)
    return examination


def _check_cdp(
    examination: Examination,
    found: Settings,
    transport_of: Callable[[Settings, Deadline], Transport],
    credentials_of: Callable[[Settings, Deadline, CdpClient], Credentials],
    deadline: Deadline,
) -> None:
    try:
        transport = transport_of(found, deadline)
    except CdpctlError as error:
        examination.fail("dns", error)
        examination.skip_rest("the way to the CDP is not known")
        return
    try:
        if not check_network(examination, found, transport, deadline):
            examination.skip_rest("the CDP cannot be reached")
            return
        cdp = CdpClient(transport)
        check_service(examination, found, transport, cdp, credentials_of(found, deadline, cdp))
    finally:
        transport.close()
