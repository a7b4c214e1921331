"""Runs the checks of `cdpctl doctor` in order, without changing anything."""

from collections.abc import Callable

from cdpctl.cdp.client import CdpClient
from cdpctl.deadline import Deadline
from cdpctl.doctor.checks import STANDBY, Check, Examination
from cdpctl.doctor.local import check_configuration, check_keyring
from cdpctl.doctor.network import check_network
from cdpctl.doctor.service import check_service
from cdpctl.errors import CdpctlError
from cdpctl.settings.model import Settings
from cdpctl.transport.client import Transport

#: Returns the transport and the client of a CDP, with credentials that ask the user nothing.
OpenCdp = Callable[[Settings, Deadline], tuple[Transport, CdpClient]]


def examine(
    settings: Callable[[], Settings],
    open_cdp: OpenCdp,
    show: Callable[[Check], None],
    default_seconds: float,
) -> Examination:
    """Run every check. When one fails, those that depend on it are skipped.

    Args:
        settings: resolves the settings of the run, or raises CdpctlError.
        open_cdp: makes the transport and the client of a CDP.
        show: takes the result of each check at once.
        default_seconds: the time limit if the settings have none.
    """
    examination = Examination(show)
    found = check_configuration(examination, settings)
    if found is None:
        examination.skip_rest("the configuration cannot be used")
        return examination
    check_keyring(examination, found)
    deadline = Deadline(default_seconds if found.timeout is None else found.timeout)
    _check_cdp(examination, found, open_cdp, deadline)
    standby = found.standby()
    if standby is not None:
        examination.prefix = STANDBY
        _check_cdp(examination, standby, open_cdp, deadline)
    return examination


def _check_cdp(examination: Examination, found: Settings, open_cdp: OpenCdp, deadline: Deadline) -> None:
    try:
        transport, cdp = open_cdp(found, deadline)
    except CdpctlError as error:
        examination.fail("dns", error)
        examination.skip_rest("no connection to the CDP is possible")
        return
    try:
        if not check_network(examination, found, transport, deadline):
            examination.skip_rest("the CDP cannot be reached")
            return
        check_service(examination, found, transport, cdp)
    finally:
        cdp.close()
        transport.close()
