"""What credentials need of a run's output: messages, and a question for a secret."""

from typing import Protocol


class Console(Protocol):
    """Shows messages and asks for secrets."""

    def note(self, text: str) -> None:
        """Show a note."""

    def warn(self, text: str) -> None:
        """Show a warning."""

    def debug(self, level: int, text: str) -> None:
        """Explain a decision (1), a call (2) or its contents (3), if the user asked for it."""

    def ask_secret(self, prompt: str) -> str:
        """Ask for a secret without showing it."""
