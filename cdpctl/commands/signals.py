"""Signals: the first one ends the run with its results, a second one ends it at once."""

import signal
import threading
from types import FrameType
from typing import NoReturn

from cdpctl.errors import ExitCode, Interruption
from cdpctl.output.streams import SIGNALS


def install_signals() -> None:
    """Handle the signals that end a run. A signal that is ignored at the start stays ignored."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    for each in SIGNALS:
        if signal.getsignal(each) is not signal.SIG_IGN:
            # A second signal ends the process at once. A closing terminal sends SIGHUP twice, from the
            # kernel and from the shell, so a second SIGHUP is ignored.
            again = signal.SIG_IGN if each == number == getattr(signal, "SIGHUP", None) else signal.SIG_DFL
            signal.signal(each, again)
    raise Interruption(ExitCode(128 + number))
