"""SIGINT, SIGTERM and SIGHUP: the end of a run that is told, and a second one that ends it at once."""

import signal
import threading
from types import FrameType
from typing import NoReturn

from cdpctl.errors import ExitCode, Interruption

#: The signals that end a run, by name because Windows lacks one, and the exit code of each.
CODES = {
    getattr(signal, name): code
    for name, code in (
        ("SIGINT", ExitCode.INTERRUPTED),
        ("SIGTERM", ExitCode.TERMINATED),
        ("SIGHUP", ExitCode.HANGUP),
    )
    if hasattr(signal, name)
}


def install_signals() -> None:
    """Handle the signals that end a run; one that was ignored when the program started stays ignored."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in CODES:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    for each in CODES:
        if signal.getsignal(each) is not signal.SIG_IGN:
            # A second signal ends the process at once. A terminal that goes sends SIGHUP twice, from the
            # kernel and from the shell, and that is one wish only.
            again = signal.SIG_IGN if each == number == getattr(signal, "SIGHUP", None) else signal.SIG_DFL
            signal.signal(each, again)
    raise Interruption(CODES[signal.Signals(number)])
