"""Every error of the program: its code, its exit code, its words."""

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


def test_errors_of_one_code_end_with_one_exit_code() -> None:
    found: dict[str, set[ExitCode]] = {}
    for kind in _ERRORS:
        found.setdefault(kind.code, set()).add(kind.exit_code)
    assert {code: exits for code, exits in found.items() if len(exits) > 1} == {}


def test_reason_is_the_message_where_none_is_given() -> None:
    assert CdpctlError("cannot do it").reason == "cannot do it"
    assert CdpctlError("cannot do it", reason="refused").reason == "refused"


def test_interruption_passes_through_handlers_of_exceptions() -> None:
    assert not issubclass(Interruption, Exception)
    assert Interruption(ExitCode.TERMINATED).exit_code == 143
