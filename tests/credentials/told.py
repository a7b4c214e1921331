"""A console that collects the messages."""

from collections.abc import Callable


class Told:
    """Collects what is said, and answers questions with `ask`."""

    def __init__(self, said: list[str], ask: Callable[[str], str] | None = None) -> None:
        self._said, self._ask = said, ask

    def note(self, text: str) -> None:
        self._said.append(text)

    def warn(self, text: str) -> None:
        self._said.append(text)

    def debug(self, level: int, text: str) -> None:
        self._said.append(f"{level} {text}")

    def ask_secret(self, prompt: str) -> str:
        assert self._ask is not None, prompt
        return self._ask(prompt)
