"""How an interrupted run ends: every peer gets the result that is true for it."""

from cdpctl.errors import InterruptedRunError, Interruption
from cdpctl.operations.model import START, Report
from cdpctl.operations.run import Run
from cdpctl.peers.models import Outcome
from cdpctl.text import command_line, join_names, plural


def interrupted_report(run: Run, interruption: Interruption) -> Report:
    """Give every peer of an interrupted run its result."""
    error = _interrupted_error(run, interruption)
    if run.operation == "wait":
        for name in list(run.accepted):
            status = run.known[name].status
            run.settle_again(name, Outcome.UNKNOWN, f"still {status} when the run was interrupted")
    _settle_half_restarted(run)
    return run.report(error)


def _settle_half_restarted(run: Run) -> None:
    """Settle the peers that an interrupted restart has stopped and not started again."""
    cut = "the run was interrupted before it was started again"
    for name in list(run.down):
        result, verb = run.results.get(name), run.sent.get(name)
        accepted = name in run.accepted
        if verb is None:
            # Its stop was never sent.
            del run.down[name]
        elif name in run.lost or (name in run.in_flight and not accepted):
            continue
        elif verb == START.verb:
            if accepted or (result is not None and result.ok):
                del run.down[name]
        elif accepted:
            run.settle_again(name, Outcome.UNKNOWN, f"the stop was accepted, but not confirmed; {cut}")
        elif result is None:
            run.settle(run.result(name, Outcome.FAILED, f"stopped, but {cut}"))
        elif result.outcome is Outcome.CONFIRMED:
            run.settle(result._replace(outcome=Outcome.FAILED, message=f"stopped, but {cut}"))
        elif not run.may_be_down(result):
            del run.down[name]


def _interrupted_error(run: Run, interruption: Interruption) -> InterruptedRunError:
    """Return the error of an interrupted run: what was accepted or sent, or that nothing was."""
    done = [name for name, result in run.results.items() if result.outcome is Outcome.ACCEPTED]
    known = [name for name in dict.fromkeys((*done, *run.accepted)) if name in run.sent]
    accepted = [name for name in known if name not in run.lost]
    unanswered = {*run.in_flight, *run.lost}
    parts = ["interrupted"]
    if accepted:
        parts.append(f"accepted, but not confirmed: {join_names(accepted)}")
    if unanswered:
        parts.append(f"no answer yet for {plural(len(unanswered), 'peer')}")
    if not run.sent:
        login = run.session.unanswered_login
        parts.append(f"{login} may have been carried out" if login else "nothing was sent")
    return InterruptedRunError(
        "; ".join(parts),
        hint=command_line("peer list") if accepted or unanswered else None,
        exit_code=interruption.exit_code,
    )
