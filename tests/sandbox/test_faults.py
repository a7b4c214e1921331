"""The values of `--fault`, and the calls they apply to."""

import pytest

from cdpctl.commands.sandbox import serve
from cdpctl.errors import UsageError
from cdpctl.sandbox.faults import CALLS, KINDS, Fault, call_of, choose_fault, parse_fault
from cdpctl.text import one_of


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("stop:500:0.1", Fault("stop", "status", status=500, probability=0.1)),
        ("any:slow=250ms", Fault("any", "slow", seconds=0.25)),
        ("login:html:1", Fault("login", "html")),
        ("list:drop:.5", Fault("list", "drop", probability=0.5)),
    ],
)
def test_fault_is_read_as_typed(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("stpo:500", "use login, logout, list"),
        ("stop", "a status from 400"),
        ("stop:200", "a status from 400"),
        ("stop:slow=never", "use seconds"),
        ("stop:500:2", "above 0"),
        ("stop:500:0", "above 0"),
        ("stop:500:", "above 0"),
        ("stop:slow=D", "use seconds"),
    ],
)
def test_fault_that_is_none_is_refused_with_what_to_type(text: str, named: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_fault(text)
    assert named in (caught.value.hint or "")


def test_help_describes_every_call_and_fault() -> None:
    _, _, faults = " ".join((serve.__doc__ or "").split()).partition("In --fault ")
    assert f"CALL is {one_of(CALLS)}." in faults
    _, _, kinds = faults.partition("WHAT is ")
    assert [kind for kind in KINDS if kind not in kinds] == []


@pytest.mark.parametrize(
    ("method", "path", "call"),
    [
        ("POST", "/login", "login"),
        ("GET", "/info/peer", "list"),
        ("GET", "/peer", "list"),
        ("GET", "/peer/stop", "show"),
        ("PUT", "/peer/AP1/start", "start"),
        ("POST", "/peer/stop", "stop"),
        ("DELETE", "/peer/AP1", "delete"),
        ("PUT", "/peer", "update"),
    ],
)
def test_call_has_the_name_that_faults_use(method: str, path: str, call: str) -> None:
    assert call_of(method, path) == call


def test_fault_strikes_as_often_as_its_probability_says() -> None:
    fault = Fault("stop", "drop", probability=0.5)
    assert choose_fault([fault], "stop", lambda: 0.49) == fault
    assert choose_fault([fault], "stop", lambda: 0.5) is None
    assert choose_fault([fault], "start", lambda: 0.0) is None
