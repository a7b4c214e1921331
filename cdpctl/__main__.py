"""The entry point of `cdpctl` and `python -m cdpctl`: early answers, and how the process ends."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing typing takes a third of the time for `--version`
    from typing import NoReturn

# Imports create a hundred thousand permanent objects, and collecting them would take a tenth of a run.
# Other objects are still collected, but less often.
_ALLOCATIONS_BEFORE_A_COLLECTION = 1_000_000


def main() -> "NoReturn":
    """Run the program and end the process with its exit code."""
    _forget_current_folder()
    try:
        early = sys.argv[1:] in (["--version"], ["-V"]) and _wrote_version()
        code = 0 if early else _program()
    except KeyboardInterrupt:
        # Ctrl-C while the program was still being loaded: nothing was sent.
        code = 130
    except (Exception, SystemExit) as error:  # noqa: BLE001 - 1 would say that the CDP turned it down
        code = 70
        _tell(error)
    _leave(code)


def _forget_current_folder() -> None:
    """Remove the current folder, which `python -m` puts first: it may contain a `typer.py`."""
    own = f"{os.sep}cdpctl{os.sep}__main__.py"
    # In a checkout, the current folder contains the package.
    if __name__ == "__main__" and not sys.flags.safe_path and f"{sys.path[0]}{own}" != __file__:
        del sys.path[0]


def _wrote_version() -> bool:
    # Importing Typer takes four times as long as starting Python, so do without it here.
    from cdpctl import __version__

    text = f"cdpctl {__version__}\n".encode()
    try:
        return sys.stdout is not None and os.write(sys.stdout.fileno(), text) == len(text)
    except (OSError, ValueError):
        # Standard output is full, closed or not ready. The program handles that.
        return False


def _tell(error: BaseException) -> None:
    """Print one line about a failure to start or end, without using the rest of the program."""
    from contextlib import suppress

    text = f"error: cdpctl cannot run: {type(error).__name__}: {error}"
    # If standard error is closed, only the exit code is left.
    with suppress(OSError):
        os.write(2, (" ".join(text.split())[:500] + "\n").encode("ascii", "backslashreplace"))


def _program() -> int:
    import gc

    gc.set_threshold(_ALLOCATIONS_BEFORE_A_COLLECTION)
    from cdpctl.cli import main as run

    return run()


def _leave(code: int) -> "NoReturn":
    """End the process at once, because Python's shutdown takes longer than a call to the CDP.

    `cli.main` has flushed and closed everything. Daemon threads that wait for a keyring or a server end
    with the process.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            # The error was already shown.
            continue
    os._exit(code)


if __name__ == "__main__":
    main()
