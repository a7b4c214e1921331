"""Sends requests, each once: one PUT, one POST for many peers, or one PUT per peer."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from cdpctl.cdp.calls import Call, change_call, change_many_call
from cdpctl.cdp.responses import Accepted
from cdpctl.deadline import Deadline
from cdpctl.errors import (
    CdpctlError,
    DeadlineError,
    ExitCode,
    LostAnswerError,
    UnclearAnswerError,
    UnreachableError,
)
from cdpctl.operations.follow import mark_lost
from cdpctl.operations.model import START, Action, Request
from cdpctl.operations.parallel import run_parallel
from cdpctl.operations.run import Run
from cdpctl.peers.models import Outcome

# A 400 or 404 to the call for many does not say which name is wrong, and 405 means that there is no such
# call. One PUT per peer then keeps one bad name from affecting the others.
_TRY_ONE_BY_ONE = (400, 404, 405)
# This much of the remaining time is kept to read the peers if an answer does not come.
_KEPT_SHARE, _KEPT_SECONDS = 0.25, 5.0


def send(run: Run, action: Action, names: Sequence[str]) -> None:
    """Send the requests for `names`. Each peer is then settled or followed.

    Raises:
        CdpctlError: there is no token, and nothing was sent in this run.
    """
    if not names:
        return
    try:
        # First, so that a failed login is one error of the run, not one per peer.
        run.session.ensure_token()
    except CdpctlError as error:
        if not run.sent:
            raise
        _settle_error(run, action, names, error)
        return
    ask, ask_many = run.session.stop, run.session.stop_many
    if action is START:
        ask, ask_many = run.session.start, run.session.start_many
    if run.options.each:
        send_each(run, action, names, ask)
        return
    run.record_sent(action.verb, names)
    answer = answer_of(run, partial(ask, names[0]) if len(names) == 1 else partial(ask_many, names))
    if len(names) > 1 and isinstance(answer, CdpctlError) and answer.http_status in _TRY_ONE_BY_ONE:
        refusal = f"the CDP refused the request for {len(names)} peers ({answer.http_status})"
        run.refused.update(dict.fromkeys(names, CdpctlError(refusal, http_status=answer.http_status)))
        run.in_flight.difference_update(names)
        run.reporter.note(f"{refusal}: sending one request per peer instead")
        send_each(run, action, names, ask)
    else:
        take_answer(run, action, names, answer)


def send_each(
    run: Run, action: Action, names: Sequence[str], ask: Callable[[str, Deadline], Accepted]
) -> None:
    """Send one request per peer, each once. Each peer is then settled or followed."""
    bad: list[str] = []

    def done(name: str, answer: Accepted | CdpctlError) -> None:
        if isinstance(answer, CdpctlError):
            bad.append(name)
        take_answer(run, action, [name], answer)

    run_parallel(
        names,
        lambda name: answer_of(run, partial(ask, name)),
        run.options.parallel,
        # With --fail-fast, a lost answer counts as a failure until it is settled.
        lambda: run.options.fail_fast and bool(bad),
        begin=lambda name: run.record_sent(action.verb, [name]),
        done=done,
    )
    if bad and run.options.fail_fast:
        run.skip(names, f"not sent: the request for {bad[0]} failed, and --fail-fast was given")


def answer_of(run: Run, call: Callable[[Deadline], Accepted]) -> Accepted | CdpctlError:
    """Return the answer to a call, early enough to read the peers if it does not come."""
    try:
        return call(run.deadline.reserve(_KEPT_SHARE, _KEPT_SECONDS))
    except CdpctlError as error:
        return error


def take_answer(run: Run, action: Action, names: Sequence[str], answer: Accepted | CdpctlError) -> None:
    """Settle or follow peers according to the answer to their request."""
    if isinstance(answer, LostAnswerError | UnclearAnswerError):
        mark_lost(run, names, answer, action.done)
    elif isinstance(answer, CdpctlError):
        _settle_error(run, action, names, answer)
    else:
        run.record_accepted(names, answer)


def plan_change(run: Run, action: Action, names: Sequence[str]) -> dict[str, str]:
    """Record the requests that would be sent for `names`; the result is as for `plan`."""
    if run.options.each or len(names) == 1:
        planned = [plan(run, change_call(action.verb, name), [name]) for name in names]
        return {name: text for each in planned for name, text in each.items()}
    return plan(run, change_many_call(action.verb, names), names) if names else {}


def plan(run: Run, call: Call, names: Sequence[str]) -> dict[str, str]:
    """Record a request that would be sent.

    Args:
        run: the run.
        call: the request.
        names: the names in it.

    Returns:
        The request for each peer in words, for its result.
    """
    body = None if call.body is None else call.body.decode()
    request = Request(call.method, run.session.root + call.path, body)
    run.requests.append(request)
    many = f" for {len(names)} peers" if len(names) > 1 else ""
    return dict.fromkeys(names, f"{request.method} {request.url}{many}")


def settle_planned(run: Run, requests: Mapping[str, str]) -> None:
    """Settle peers of a dry run, each with its request in words."""
    for name, request in requests.items():
        run.settle(run.result(name, Outcome.PLANNED, f"would send {request}"))


def _settle_error(run: Run, action: Action, names: Sequence[str], error: CdpctlError) -> None:
    """Settle peers whose request was refused or could not be sent."""
    outcome, reason = Outcome.FAILED, error.exit_code
    message = f"{error.message}; {error.hint}" if error.hint else error.message
    if error.http_status == 404 and len(names) == 1:
        if names[0] in run.known:
            # "Not found" would say that the peer is gone. A version without this call answers the same.
            reason, message = ExitCode.FAILED, f"{message}, although the CDP listed this peer"
        else:
            outcome, reason = Outcome.NOT_FOUND, ExitCode.NOT_FOUND
    elif isinstance(error, DeadlineError):
        # Nothing was sent: otherwise the answer would count as lost.
        outcome = Outcome.SKIPPED
    if isinstance(error, UnreachableError):
        run.record_unsent(names)
        if any(name in run.refused for name in names):
            # An earlier request did reach the CDP.
            reason = ExitCode.FAILED
    results = []
    for name in names:
        result = run.result(name, outcome, message, http_status=error.http_status, reason=reason)
        if action is START and name in run.down and outcome is not Outcome.SKIPPED:
            # The peer was stopped, so "not found" or "unreachable" would be wrong.
            text = f"stopped, but not started again: {message}"
            result = result._replace(outcome=Outcome.FAILED, message=text, reason=ExitCode.FAILED)
        results.append(result)
    run.settle_all(results)
