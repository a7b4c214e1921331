"""The results of checks: one line each, and the code of the most severe failure."""

import pytest

from cdpctl.doctor.checks import NAMES, Check, Examination, Status
from cdpctl.errors import (
    AuthError,
    CdpctlError,
    ConfigError,
    ExitCode,
    ForbiddenError,
    LostAnswerError,
    NotFoundError,
    RejectedError,
    UnreachableError,
    UsageError,
)
from cdpctl.text import command_line

_BY_GRAVITY = [
    ConfigError,
    UsageError,
    UnreachableError,
    AuthError,
    ForbiddenError,
    RejectedError,
    NotFoundError,
]


def test_each_check_is_told_at_once_and_kept() -> None:
    told: list[Check] = []
    examination = Examination(told.append)
    examination.passed("dns", "found")
    examination.passed("tls", "expires soon", "renew it")
    examination.skip("sso", "nothing to check")
    assert told == examination.checks
    assert [(check.name, check.status.value, check.to_json()["ok"]) for check in told] == [
        ("dns", "ok", True),
        ("tls", "warning", True),
        ("sso", "skipped", None),
    ]
    assert examination.exit_code is ExitCode.OK


@pytest.mark.parametrize("place", range(len(_BY_GRAVITY)))
def test_exit_code_is_that_of_the_gravest_failure(place: int) -> None:
    examination = Examination(lambda _: None)
    for kind in reversed(_BY_GRAVITY[place:]):
        examination.fail("api", kind("does not work"))
    assert examination.exit_code is _BY_GRAVITY[place].exit_code


def test_failure_of_another_kind_is_a_failure() -> None:
    examination = Examination(lambda _: None)
    examination.fail("api", LostAnswerError("no answer"))
    assert examination.exit_code is ExitCode.FAILED


def test_hint_that_leads_back_to_the_doctor_is_left_out() -> None:
    examination = Examination(lambda _: None)
    for hint in (command_line.to_doctor, ("set a URL", command_line.to_doctor), None):
        examination.fail("api", CdpctlError("does not work", hint=hint))
    assert [check.hint for check in examination.checks] == [None, "set a URL", None]


def test_rest_is_skipped_with_the_reason_and_each_name_comes_once() -> None:
    examination = Examination(lambda _: None)
    examination.passed("configuration", "read")
    examination.skip_rest("no URL")
    assert sorted(check.name for check in examination.checks) == sorted(NAMES)
    assert all("no URL" in check.message for check in examination.checks if check.status is Status.SKIPPED)
