"""Signals: the first one ends the run with its results, a second one ends it at once."""

import os
import signal
import sys
import threading
from types import FrameType

from cdpctl.errors import ExitCode, Interruption
from cdpctl.output.streams import SIGNALS

_IMPORTING = "<frozen importlib._bootstrap>"
_SOON = 0.01


def install_signals() -> None:
    """Handle the signals that end a run. A signal that is ignored at the start stays ignored."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    if _is_importing(frame) and _sent_soon(number):
        return
    for each in SIGNALS:
        if signal.getsignal(each) is not signal.SIG_IGN:
            # A second signal ends the process at once. A closing terminal sends SIGHUP twice, from the
            # kernel and from the shell, so a second SIGHUP is ignored.
            again = signal.SIG_IGN if each == number == getattr(signal, "SIGHUP", None) else signal.SIG_DFL
            signal.signal(each, again)
    raise Interruption(ExitCode(128 + number))


def _is_importing(frame: FrameType | None) -> bool:
    """Return whether a module is being imported. Callbacks of imports drop errors, or replace them."""
    while frame is not None and frame.f_code.co_filename != _IMPORTING:
        frame = frame.f_back
    return frame is not None


def _sent_soon(number: int) -> bool:
    """Send this process the signal again in a moment. Return False if no thread can be started for that."""

    def send() -> None:
        if sys.platform == "win32":
            signal.raise_signal(number)
        else:
            os.kill(os.getpid(), number)

    timer = threading.Timer(_SOON, send)
    timer.daemon = True
    try:
        timer.start()
    except RuntimeError:
        return False
    return True
