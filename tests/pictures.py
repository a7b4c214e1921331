"""The pictures of the real program in the README, by rich: `python -m tests.pictures` makes them anew."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from cdpctl.sandbox.grid import Grid, default_peers
from cdpctl.sandbox.server import Sandbox
from tests.support.program import SCRIPT

_FOLDER = Path(__file__).parents[1] / ".github" / "images"
_COLUMNS = 100
_PICTURES = {
    "stop": ("peer list", "peer stop AP1 AP11 AP3 CDP LAP --wait", "peer list --status STOPPED -o name"),
    "restart": ("peer restart AP1 AP2 --batch 1", "doctor"),
}


def picture(name: str, lines: tuple[str, ...]) -> None:
    """Run commands on one embedded grid and write what a terminal shows of them.

    Args:
        name: of the file, without its ending.
        lines: the commands, without the program's name.
    """
    with (
        tempfile.TemporaryDirectory() as home,
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        Sandbox(Grid(default_peers(), 0.5, 0.5)) as sandbox,
    ):
        console = Console(record=True, width=_COLUMNS, file=nowhere)
        env = {**os.environ, **sandbox.environment(), "HOME": home}
        env |= {"FORCE_COLOR": "1", "COLUMNS": str(_COLUMNS)}
        for line in lines:
            done = subprocess.run(
                [SCRIPT, *line.split(), *(() if "-o" in line else ("-o", "table"))],
                env=env,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            console.print(Text(f"$ cdpctl {line}", style="bold"))
            shown = done.stdout.replace(f"127.0.0.1:{sandbox.port}", "127.0.0.1:38080").replace(home, "~")
            console.print(Text.from_ansi(shown))
        _FOLDER.mkdir(parents=True, exist_ok=True)
        drawn = console.export_svg(title="cdpctl", unique_id=f"cdpctl-{name}")
        # Fonts of somebody else's server: the reader's own monospace does as well.
        drawn = re.sub(r"\s*@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
        (_FOLDER / f"{name}.svg").write_text(drawn, encoding="utf-8")


def main() -> None:
    """Make every picture."""
    for name, lines in _PICTURES.items():
        picture(name, lines)


if __name__ == "__main__":
    main()
