"""Sending: one PUT, one POST for many, or one PUT a peer, and each of them once."""

import threading
from collections.abc import Sequence

from cdpctl.cdp import Receipt, many_body, peer_path
from cdpctl.errors import CdpctlError, ExitCode, LostAnswerError, RejectedError, UnclearAnswerError
from cdpctl.models import Outcome
from cdpctl.operations.lost import settle_lost
from cdpctl.operations.run import Action, Request, Run
from cdpctl.operations.workers import for_each

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
    receipt: Receipt | None = None
    try:
        receipt = run.session.call(
            run.session.cdp.change_many,
            names,
            action.verb,
            run.deadline.holding_back(_KEPT_SHARE, _KEPT_SECONDS),
        )
    except (LostAnswerError, UnclearAnswerError) as error:
        settle_lost(run, action, names, error)
    except RejectedError as error:
        if error.http_status not in _TRY_ONE_BY_ONE:
            _settle_error(run, names, error)
            return
        run.in_flight.difference_update(names)
        run.reporter.note(
            f"the CDP refused the call for {len(names)} peers ({error.http_status}): one call a peer instead"
        )
        _send_each(run, action, names)
    except CdpctlError as error:
        _settle_error(run, names, error)
    else:
        for name in names:
            _take(run, name, receipt)


def plan(run: Run, action: Action, names: Sequence[str], root: str) -> None:
    """Settle every one of `names` as planned and note the requests that would be sent.

    Args:
        run: whose options say how it would be sent.
        action: stop or start.
        names: that a request would be sent for.
        root: the REST root of the CDP.
    """
    if run.options.each or len(names) == 1:
        for name in names:
            request = Request("PUT", root + peer_path(name, action.verb), None)
            run.requests.append(request)
            run.settle(run.result(name, Outcome.PLANNED, f"would send PUT {request.url}"))
    elif names:
        request = Request("POST", f"{root}/peer/{action.verb}", many_body(names).decode())
        run.requests.append(request)
        for name in names:
            run.settle(
                run.result(name, Outcome.PLANNED, f"would send POST {request.url} for {len(names)} peers")
            )


def _send_each(run: Run, action: Action, names: Sequence[str]) -> None:
    lock = threading.Lock()
    lost: list[tuple[str, CdpctlError]] = []

    def one(name: str) -> None:
        with lock:
            run.in_flight.add(name)
        deadline = run.deadline.holding_back(_KEPT_SHARE, _KEPT_SECONDS)
        try:
            receipt = run.session.call(run.session.cdp.change_one, name, action.verb, deadline)
        except (LostAnswerError, UnclearAnswerError) as error:
            with lock:
                lost.append((name, error))
        except CdpctlError as error:
            with lock:
                _settle_error(run, [name], error)
        else:
            with lock:
                _take(run, name, receipt)

    # A lost answer is no failure yet, but with --fail-fast nothing more is sent until it is settled.
    for_each(names, one, run.options.parallel, lambda: run.broken or bool(run.options.fail_fast and lost))
    if lost:
        settle_lost(run, action, [name for name, _ in lost], lost[0][1])
    if run.options.fail_fast:
        run.skip(names, "not sent: --fail-fast, and a peer before it is not ok")


def _take(run: Run, name: str, receipt: Receipt) -> None:
    result = run.result(name, Outcome.ACCEPTED, receipt.message, http_status=receipt.http_status)
    if run.options.wait:
        run.accept(result)
    else:
        run.settle(result)


def _settle_error(run: Run, names: Sequence[str], error: CdpctlError) -> None:
    outcome = Outcome.NOT_FOUND if error.http_status == 404 and len(names) == 1 else Outcome.FAILED
    reason = ExitCode.NOT_FOUND if outcome is Outcome.NOT_FOUND else error.exit_code
    for name in names:
        result = run.result(name, outcome, error.message, http_status=error.http_status, reason=reason)
        run.settle(result._replace(message=f"{error.message}; {error.hint}") if error.hint else result)
