"""A fake terminal that records its output."""

from cdpctl.output.live import Region
from tests.support.terminal import final_screen


class Terminal:
    """Records the output."""

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.text = ""
        self.now = 0.0
        self.size = (columns, rows)

    def write(self, text: str) -> None:
        self.text += text

    @property
    def region(self) -> Region:
        return Region(self.write, lambda: self.size)

    @property
    def lines(self) -> list[str]:
        return final_screen(self.text.replace("\n", "\r\n"))[:-1]
