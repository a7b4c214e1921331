"""Every error of the program: its code, its exit code, its message."""

import pytest

from cdpctl import errors
from cdpctl.errors import CdpctlError, ExitCode, InterruptedRunError, Interruption

_ERRORS = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, CdpctlError)]


@pytest.mark.parametrize("kind", [each for each in _ERRORS if each is not CdpctlError])
def test_error_has_a_code_and_an_exit_code_of_its_own(kind: type[CdpctlError]) -> None:
    error = kind("what happened", exit_code=ExitCode.HANGUP) if kind is InterruptedRunError else kind("what")
    assert error.exit_code not in (ExitCode.OK, ExitCode.INTERNAL)
    assert error.code not in ("", "internal")
    assert (kind.__doc__ or "").strip()


def test_codes_are_those_of_the_exit_codes_and_one_for_every_signal() -> None:
    codes = {kind("what").code for kind in _ERRORS if kind is not InterruptedRunError}
    assert codes == {
        "auth", "config", "failed", "forbidden", "internal", "not_found", "output", "unknown", "unreachable",
        "usage",
    }  # fmt: skip
    for exit_code in (ExitCode.HANGUP, ExitCode.INTERRUPTED, ExitCode.TERMINATED):
        assert InterruptedRunError("what", exit_code=exit_code).code == "interrupted"


def test_reason_is_the_message_where_none_is_given() -> None:
    assert CdpctlError("cannot do it").reason == "cannot do it"
    assert CdpctlError("cannot do it", reason="refused").reason == "refused"


def test_interruption_passes_through_handlers_of_exceptions() -> None:
    assert not issubclass(Interruption, Exception)
    assert Interruption(ExitCode.TERMINATED).exit_code == 143


def test_error_with_other_hints_is_the_same_error() -> None:
    error = InterruptedRunError("interrupted", hint="run it again", exit_code=ExitCode.HANGUP)
    other = error.with_hints("nothing was sent", *error.hints)
    assert (other.hint, error.hint) == ("nothing was sent; run it again", "run it again")
    assert type(other) is type(error)
    assert (str(other), other.message, other.exit_code) == ("interrupted", "interrupted", ExitCode.HANGUP)
    assert CdpctlError("cannot do it").hint is None
