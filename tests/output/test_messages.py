"""Messages on standard error: prefixes, questions, and what is never shown."""

import io
import sys
from collections.abc import Mapping
from unittest import mock

import pytest

from cdpctl.errors import CdpctlError, ExitCode, Interruption, UsageError
from cdpctl.output.messages import Messages
from cdpctl.redact import redactor


class Err(io.TextIOWrapper):
    """A recorded standard error."""

    def __init__(self, *, terminal: bool = False) -> None:
        self.kept = io.BytesIO()
        self.terminal = terminal
        super().__init__(self.kept, encoding="utf-8")

    def isatty(self) -> bool:
        return self.terminal

    @property
    def text(self) -> str:
        return self.kept.getvalue().decode()


class Keyboard:
    """A standard input that answers, or raises an exception like a signal handler."""

    def __init__(self, answer: str | BaseException) -> None:
        self.answer = answer

    def readline(self) -> str:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def err() -> Err:
    return Err()


def messages(err: Err | None, environ: Mapping[str, str] | None = None, *, quiet: bool = False) -> Messages:
    with mock.patch.object(sys, "stderr", err):
        made = Messages(environ or {})
    made.quiet = quiet
    return made


def test_each_message_says_what_it_is(err: Err) -> None:
    said = messages(err)
    said.error(CdpctlError("it broke", hint="cdpctl doctor"))
    said.warn("it may break")
    said.note("it is so")
    said.say("it is done")
    assert err.text == (
        "error: it broke\nhint: cdpctl doctor\nwarning: it may break\nnote: it is so\nit is done\n"
    )


def test_quiet_leaves_notes_out_and_keeps_errors_and_warnings(err: Err) -> None:
    said = messages(err, quiet=True)
    said.note("a note")
    said.say("a result")
    said.warn("a warning")
    said.error(CdpctlError("an error"))
    assert err.text == "warning: a warning\nerror: an error\n"


def test_details_are_for_those_who_ask(err: Err) -> None:
    said = messages(err)
    said.verbosity = 2
    for level in (1, 2, 3):
        said.debug(level, f"level {level}")
    assert err.text == "level 1\nlevel 2\n"


def test_colour_is_in_the_prefix_alone() -> None:
    err = Err(terminal=True)
    messages(err, {"TERM": "xterm"}).error(CdpctlError("it broke", hint="cdpctl doctor"))
    assert err.text == "\x1b[31merror: \x1b[0mit broke\nhint: cdpctl doctor\n"


def test_what_others_said_is_harmless_and_secrets_are_masked(err: Err) -> None:
    redactor.add("s3cr3t-value")
    messages(err).warn("\x1b[2J\u202e s3cr3t-value")
    assert err.text == "warning: \\x1b[2J\\u202e *****\n"


@pytest.mark.parametrize(
    ("answer", "yes"), [("y\n", True), (" YES \n", True), ("n\n", False), ("\n", False), ("yn\n", False)]
)
def test_answer_stands_on_the_line_of_the_question(
    err: Err, monkeypatch: pytest.MonkeyPatch, answer: str, yes: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard(answer))
    assert messages(err).confirm("stop 2 peers\nContinue?") is yes
    assert err.text == "stop 2 peers\nContinue? [y/N] "


@pytest.mark.parametrize("answer", ["", Interruption(ExitCode.INTERRUPTED)])
def test_ctrl_d_and_ctrl_c_end_the_line_and_mean_no(
    err: Err, monkeypatch: pytest.MonkeyPatch, answer: str | BaseException
) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard(answer))
    assert messages(err).confirm("Continue?") is False
    assert err.text == "Continue? [y/N] \n"


def test_other_signals_at_a_question_end_the_run(err: Err, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard(Interruption(ExitCode.TERMINATED)))
    with pytest.raises(Interruption):
        messages(err).confirm("Continue?")
    assert err.text.endswith("\n")


def test_line_of_text_is_asked_for(err: Err, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard(" operator \n"))
    assert messages(err).ask("User name: ") == "operator"
    assert err.text == "User name: "


def test_no_answer_is_an_error_on_a_line_of_its_own(err: Err, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard(""))
    with pytest.raises(UsageError, match="no answer"):
        messages(err).ask("User name: ")
    assert err.text == "User name: \n"


def test_secret_that_was_asked_for_is_masked_from_then_on(err: Err, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _prompt, stream: "an-0dd-secret")
    said = messages(err)
    assert said.ask_secret("Password: ") == "an-0dd-secret"
    said.note("an-0dd-secret")
    assert err.text == "note: *****\n"


@pytest.mark.parametrize("error", [EOFError(), Interruption(ExitCode.INTERRUPTED)])
def test_password_that_is_not_typed_ends_the_line(
    err: Err, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def refuse(_prompt: str, stream: object) -> str:
        raise error

    monkeypatch.setattr("getpass.getpass", refuse)
    with pytest.raises((UsageError, Interruption)):
        messages(err).ask_secret("Password: ")
    assert err.text == "\n"


def test_closed_standard_error_is_no_terminal_and_takes_everything() -> None:
    said = messages(None)
    said.warn("lost")
    assert not said.interactive_streams
