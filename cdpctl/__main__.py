"""The entry of `cdpctl` and `python -m cdpctl`."""

import sys


def main() -> int:
    """Run the program and return its exit code."""
    if sys.argv[1:] == ["--version"]:
        # Typer costs five times the interpreter's own start; a version needs none of it.
        from cdpctl import __version__

        try:
            sys.stdout.write(f"cdpctl {__version__}\n")
            sys.stdout.flush()
        except (OSError, AttributeError, ValueError):
            return 11
        return 0
    from cdpctl.cli import main as full

    return full()


if __name__ == "__main__":
    sys.exit(main())
