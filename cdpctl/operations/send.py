"""Sending: one PUT, one POST for many, or one PUT a peer, and each of them once."""

import threading
from collections.abc import Sequence

from cdpctl.cdp.calls import bulk_body, peer_path
from cdpctl.cdp.responses import Accepted
from cdpctl.errors import (
    CdpctlError,
    DeadlineError,
    ExitCode,
    LostAnswerError,
    UnclearAnswerError,
)
from cdpctl.operations.parallel import run_parallel
from cdpctl.operations.reconcile import reconcile
from cdpctl.operations.run import STOP, Action, Request, Run
from cdpctl.peers.models import Outcome

# 400 and 404 to the call for many do not say which name is meant, 405 that there is no such call:
# a PUT a peer then keeps one bad name from stranding the rest.
_TRY_ONE_BY_ONE = (400, 404, 405)
# Of the time left, so much is kept for a last look at peers whose answer does not come.
_KEPT_SHARE, _KEPT_SECONDS = 0.25, 5.0


def send(run: Run, action: Action, names: Sequence[str]) -> None:
    """Ask the CDP for every one of `names`; each ends settled, or accepted where the run waits."""
    if not names:
        return
    # Before anything else: a login that fails is one error of the run, not one a peer.
    run.session.ensure_token()
    if run.options.each or len(names) == 1:
        _send_each(run, action, names)
        return
    run.in_flight.update(names)
    receipt: Accepted | None = None
    try:
        deadline = run.deadline.reserve(_KEPT_SHARE, _KEPT_SECONDS)
        if action is STOP:
            receipt = run.session.stop_many(names, deadline)
        else:
            receipt = run.session.start_many(names, deadline)
    except (LostAnswerError, UnclearAnswerError) as error:
        reconcile(run, action, dict.fromkeys(names, error))
    except CdpctlError as error:
        if error.http_status not in _TRY_ONE_BY_ONE:
            settle_error(run, names, error)
            return
        run.in_flight.difference_update(names)
        run.reporter.note(
            f"the CDP refused the request for {len(names)} peers ({error.http_status}): "
            "sending one request per peer instead"
        )
        _send_each(run, action, names)
    else:
        for name in names:
            take(run, name, receipt)


def plan(run: Run, action: Action, names: Sequence[str], root: str) -> dict[str, str]:
    """Note the requests that would be sent for `names`.

    Args:
        run: whose options say how it would be sent.
        action: stop or start.
        names: that a request would be sent for.
        root: the REST root of the CDP.

    Returns:
        What would be sent for each peer, for its result.
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


def _send_each(run: Run, action: Action, names: Sequence[str]) -> None:
    lock = threading.Lock()
    lost: dict[str, CdpctlError] = {}
    failed: list[str] = []

    def one(name: str) -> None:
        with lock:
            run.in_flight.add(name)
        deadline = run.deadline.reserve(_KEPT_SHARE, _KEPT_SECONDS)
        try:
            if action is STOP:
                receipt = run.session.stop(name, deadline)
            else:
                receipt = run.session.start(name, deadline)
        except (LostAnswerError, UnclearAnswerError) as error:
            with lock:
                lost[name] = error
        except CdpctlError as error:
            with lock:
                failed.append(name)
                settle_error(run, [name], error)
        else:
            with lock:
                take(run, name, receipt)

    # A lost answer is no failure yet, but with --fail-fast nothing more is sent until it is settled.
    run_parallel(names, one, run.options.parallel, lambda: run.options.fail_fast and bool(failed or lost))
    if lost:
        reconcile(run, action, lost)
    if run.options.fail_fast:
        run.skip(names, "not sent: --fail-fast, and a request before it did not end well")


def take(run: Run, name: str, receipt: Accepted) -> None:
    """Settle a peer whose request was accepted, or keep it open where the run waits."""
    result = run.result(name, Outcome.ACCEPTED, receipt.message, http_status=receipt.http_status)
    if run.options.wait:
        run.accept(result)
    else:
        run.settle(result)


def settle_error(run: Run, names: Sequence[str], error: CdpctlError) -> None:
    """Settle peers whose request was refused or never left."""
    outcome = Outcome.FAILED
    if error.http_status == 404 and len(names) == 1:
        outcome = Outcome.NOT_FOUND
    elif isinstance(error, DeadlineError):
        # No byte of it has left: had one, the answer would count as lost.
        outcome = Outcome.SKIPPED
    reason = ExitCode.NOT_FOUND if outcome is Outcome.NOT_FOUND else error.exit_code
    for name in names:
        result = run.result(name, outcome, error.message, http_status=error.http_status, reason=reason)
        run.settle(result._replace(message=f"{error.message}; {error.hint}") if error.hint else result)
