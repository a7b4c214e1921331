"""Faults of the embedded grid: `--fault CALL:WHAT[:PROBABILITY]`."""

import random
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from cdpctl.deadline import parse_duration
from cdpctl.errors import UsageError
from cdpctl.text import quoted, unknown_value

CALLS = ("login", "logout", "list", "show", "stop", "start", "update", "delete", "any")
KINDS = ("lost", "drop", "failure", "html", "redirect", "slow=D")


class Fault(NamedTuple):
    """A fault.

    Attributes:
        call: one of `CALLS`.
        kind: `status`, `lost` (carried out, no answer), `drop` (not carried out, no answer), `failure`
            (200 whose response says so), `html` (a login page under 200), `redirect`, `slow`.
        status: the status of the answer, for `status`.
        seconds: the length of the pause, for `slow`.
        probability: its probability, above 0 and up to 1.
    """

    call: str
    kind: str
    status: int = 0
    seconds: float = 0.0
    probability: float = 1.0


def parse_fault(text: str) -> Fault:
    """Read a fault as typed.

    Raises:
        UsageError: it is not valid. The message says which part, and what is allowed.
    """
    call, *rest = text.split(":", 2)
    what = rest[0] if rest else ""
    chance = rest[1] if len(rest) > 1 else "1"
    if call not in CALLS:
        raise unknown_value("--fault", call, CALLS, "call")
    match = re.fullmatch(r"0?\.\d{1,6}|1(?:\.0{1,6})?", chance, re.ASCII)
    probability = float(chance) if match else 0.0
    if not probability:
        raise UsageError(
            f"--fault: {quoted(chance, 40)} is not a valid probability",
            hint="use a number above 0 and up to 1, for example stop:500:0.1",
        )
    if re.fullmatch(r"[45]\d\d", what, re.ASCII):
        return Fault(call, "status", status=int(what), probability=probability)
    if what.startswith("slow="):
        seconds = parse_duration(what.removeprefix("slow="), "--fault: slow")
        return Fault(call, "slow", seconds=seconds, probability=probability)
    if what not in KINDS:
        raise unknown_value("--fault", what, ("a status from 400 to 599", *KINDS), "fault")
    return Fault(call, what, probability=probability)


def call_of(method: str, path: str) -> str:
    """Return which of `CALLS` a request is, or `other`.

    Args:
        method: the HTTP method.
        path: the path below the REST root, without a query.
    """
    if path in ("/login", "/logout"):
        return path[1:]
    if method == "GET":
        return "list" if path in ("/peer", "/info/peer") else "show"
    if method == "DELETE":
        return "delete"
    if (method, path) == ("PUT", "/peer"):
        return "update"
    verb = path.rpartition("/")[2]
    return verb if verb in ("stop", "start") else "other"


def choose_fault(
    faults: Sequence[Fault], call: str, chance: Callable[[], float] = random.random
) -> Fault | None:
    """Return the first fault that happens to a call, or None.

    Args:
        faults: the faults, in order.
        call: the result of `call_of`.
        chance: returns a number from 0 up to 1.
    """
    return next(
        (fault for fault in faults if fault.call in (call, "any") and chance() < fault.probability), None
    )
