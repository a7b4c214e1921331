"""The entry of `cdpctl` and `python -m cdpctl`: what can be answered early, how the process ends."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself costs a third of what `--version` may take
    from typing import NoReturn

# Importing makes some hundred thousand objects that all stay; collecting among them costs a tenth of
# a run. What a command makes itself is still collected, only less often.
_ALLOCATIONS_BEFORE_A_COLLECTION = 1_000_000


def main() -> "NoReturn":
    """Run the program and end the process with its exit code."""
    _forget_current_folder()
    try:
        code = _version() if sys.argv[1:] in (["--version"], ["-V"]) else _program()
    except KeyboardInterrupt:
        # Ctrl-C while the program was still being loaded: nothing was sent.
        code = 130
    except Exception as error:  # noqa: BLE001 - 1 would say that the CDP turned it down
        code = _broken(error)
    _leave(code)


def _forget_current_folder() -> None:
    """Let no `typer.py` of the current folder, which `python -m` puts first, stand in for the library."""
    own = f"{os.sep}cdpctl{os.sep}__main__.py"
    # A checkout is run from the folder that holds the package.
    if __name__ == "__main__" and not sys.flags.safe_path and f"{sys.path[0]}{own}" != __file__:
        del sys.path[0]


def _version() -> int:
    # Typer alone costs four times the interpreter's own start; a version needs none of it.
    from cdpctl import __version__

    text = f"cdpctl {__version__}\n".encode()
    try:
        if sys.stdout is not None and os.write(sys.stdout.fileno(), text) == len(text):
            return 0
    except (OSError, ValueError):
        # Full, closed or not ready: the program knows how to wait, and what to say.
        return _program()
    return _program()


def _broken(error: Exception) -> int:
    """Tell of a program that cannot even start or end, in one line; nothing of ours can be relied on."""
    try:
        text = f"error: cdpctl cannot run: {type(error).__name__}: {error}"
        os.write(2, (" ".join(text.split())[:500] + "\n").encode("ascii", "backslashreplace"))
    except OSError:
        # Standard error is closed: the exit code alone has to do.
        return 70
    return 70


def _program() -> int:
    import gc

    gc.set_threshold(_ALLOCATIONS_BEFORE_A_COLLECTION)
    from cdpctl.cli import main as run

    return run()


def _leave(code: int) -> "NoReturn":
    """End the process at once: taking every module apart again takes longer than a call to the CDP.

    `cli.main` has flushed and closed what there is; daemon threads that wait for a keyring or a server
    end with the process either way.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            # The error has its exit code already; here it would only be said twice.
            continue
    os._exit(code)


if __name__ == "__main__":
    main()
