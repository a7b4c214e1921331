"""Turns unexpected exceptions into errors, with places in the code but no values."""

from cdpctl.errors import CdpctlError
from cdpctl.output.messages import Messages
from cdpctl.text import command_line


def bug(error: Exception, output: Messages) -> CdpctlError:
    """Return the error for a bug. With -v, show the places in the code.

    Args:
        error: the unexpected exception.
        output: the output of the run.
    """
    import traceback

    # The places only: a frame's values and an exception's text may hold a secret.
    places = traceback.extract_tb(error.__traceback__)
    for place in places[-8:]:
        output.debug(1, f"  at {place.filename.rpartition('/')[2]}:{place.lineno} in {place.name}")
    where = f"{places[-1].filename.rpartition('/')[2]}:{places[-1].lineno}" if places else "an unknown place"
    return CdpctlError(
        f"a bug in cdpctl: {type(error).__name__} at {where}. Requests sent before may have worked",
        hint="please report it with your command and the output of -v; to see the peers: "
        f"{command_line('peer list')}",
    )
