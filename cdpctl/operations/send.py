"""Sends requests, each once: one PUT, one POST for many peers, or one PUT per peer."""

from collections.abc import Sequence

from cdpctl.cdp.calls import bulk_body, peer_path
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
from cdpctl.operations.parallel import run_parallel
from cdpctl.operations.reconcile import reconcile
from cdpctl.operations.run import START, STOP, Action, Request, Run
from cdpctl.peers.models import Outcome

# A 400 or 404 to the call for many does not say which name is wrong, and 405 means that there is no such
# call. One PUT per peer then keeps one bad name from affecting the others.
_TRY_ONE_BY_ONE = (400, 404, 405)
# This much of the remaining time is kept to read the peers if an answer does not come.
_KEPT_SHARE, _KEPT_SECONDS = 0.25, 5.0


def send(run: Run, action: Action, names: Sequence[str]) -> None:
    """Send the requests for `names`. Each peer is then settled, or followed if the run waits.

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
        settle_error(run, names, error, action)
        return
    if len(names) == 1:
        run.record_sent(action.verb, names)
        answer = _ask(run, action, names[0])
        _take_answer(run, action, names[0], answer)
        if isinstance(answer, LostAnswerError | UnclearAnswerError):
            reconcile(run, action, {names[0]: answer})
        return
    if run.options.each:
        _send_each(run, action, names)
        return
    run.record_sent(action.verb, names)
    try:
        deadline = _answer_deadline(run)
        if action is STOP:
            receipt = run.session.stop_many(names, deadline)
        else:
            receipt = run.session.start_many(names, deadline)
    except (LostAnswerError, UnclearAnswerError) as error:
        reconcile(run, action, dict.fromkeys(names, error))
    except CdpctlError as error:
        if error.http_status not in _TRY_ONE_BY_ONE:
            settle_error(run, names, error, action)
            return
        refusal = f"the CDP refused the request for {len(names)} peers ({error.http_status})"
        run.refused.update(dict.fromkeys(names, CdpctlError(refusal, http_status=error.http_status)))
        run.in_flight.difference_update(names)
        run.reporter.note(f"{refusal}: sending one request per peer instead")
        _send_each(run, action, names)
    else:
        run.record_accepted(names, receipt)


def plan(run: Run, action: Action, names: Sequence[str], root: str) -> dict[str, str]:
    """Record the requests that would be sent for `names`.

    Args:
        run: the run.
        action: stop or start.
        names: the names to send a request for.
        root: the CDP's REST root.

    Returns:
        The request for each peer in words, for its result.
    """
    if run.options.each or len(names) == 1:
        urls = {name: root + peer_path(name, action.verb) for name in names}
        run.requests += [Request("PUT", url, None) for url in urls.values()]
        return {name: f"PUT {url}" for name, url in urls.items()}
    if not names:
        return {}
    request = Request("POST", f"{root}/peer/{action.verb}", bulk_body(names).decode())
    run.requests.append(request)
    return dict.fromkeys(names, f"POST {request.url} for {len(names)} peers")


def _answer_deadline(run: Run) -> Deadline:
    return run.deadline.reserve(_KEPT_SHARE, _KEPT_SECONDS)


def _ask(run: Run, action: Action, name: str) -> Accepted | CdpctlError:
    try:
        if action is STOP:
            return run.session.stop(name, _answer_deadline(run))
        return run.session.start(name, _answer_deadline(run))
    except CdpctlError as error:
        return error


def _send_each(run: Run, action: Action, names: Sequence[str]) -> None:
    lost: dict[str, CdpctlError] = {}
    failed: dict[str, CdpctlError] = {}

    def done(name: str, answer: Accepted | CdpctlError) -> None:
        if isinstance(answer, CdpctlError):
            (lost if _is_lost(answer) else failed)[name] = answer
        _take_answer(run, action, name, answer)

    run_parallel(
        names,
        lambda name: _ask(run, action, name),
        run.options.parallel,
        # With --fail-fast, a lost answer counts as a failure until it is settled.
        lambda: run.options.fail_fast and bool(failed or lost),
        begin=lambda name: run.record_sent(action.verb, [name]),
        done=done,
    )
    if lost:
        reconcile(run, action, lost)
    if run.options.fail_fast:
        run.skip(names, f"not sent: {_first([*failed, *lost])}, and --fail-fast was given")


def _is_lost(answer: object) -> bool:
    return isinstance(answer, LostAnswerError | UnclearAnswerError)


def _take_answer(run: Run, action: Action, name: str, answer: Accepted | CdpctlError) -> None:
    """Settle one peer by its answer, unless the answer was lost."""
    if not isinstance(answer, CdpctlError):
        run.record_accepted([name], answer)
    elif not _is_lost(answer):
        settle_error(run, [name], answer, action)


def _first(names: Sequence[str]) -> str:
    return f"the request for {names[0]} failed" if names else "nothing is left"


def settle_error(run: Run, names: Sequence[str], error: CdpctlError, action: Action | None = None) -> None:
    """Settle peers whose request was refused or could not be sent.

    Args:
        run: the run.
        names: the names in the request.
        error: the error.
        action: stop or start. None for another request.
    """
    outcome, reason = Outcome.FAILED, error.exit_code
    if error.http_status == 404 and len(names) == 1:
        outcome, reason = Outcome.NOT_FOUND, ExitCode.NOT_FOUND
    elif isinstance(error, DeadlineError):
        # Nothing was sent: otherwise the answer would count as lost.
        outcome = Outcome.SKIPPED
    if isinstance(error, UnreachableError):
        run.record_unsent(names)
        if any(name in run.refused for name in names):
            # An earlier request did reach the CDP.
            reason = ExitCode.FAILED
    message = f"{error.message}; {error.hint}" if error.hint else error.message
    results = []
    for name in names:
        result = run.result(name, outcome, message, http_status=error.http_status, reason=reason)
        if action is START and name in run.down and outcome is not Outcome.SKIPPED:
            # The peer was stopped, so "not found" or "unreachable" would be wrong.
            text = f"stopped, but not started again: {message}"
            result = result._replace(outcome=Outcome.FAILED, message=text, reason=ExitCode.FAILED)
        results.append(result)
    run.settle_all(results)
