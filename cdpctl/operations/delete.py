"""Removing peers from the grid for good: one DELETE per peer, confirmed by reading."""

from collections.abc import Callable, Mapping, Sequence

from cdpctl.cdp.calls import peer_path
from cdpctl.cdp.responses import Accepted
from cdpctl.errors import (
    CdpctlError,
    Interruption,
    LostAnswerError,
    RejectedError,
    UnclearAnswerError,
    UsageError,
)
from cdpctl.operations.change import Approve, interrupted_report
from cdpctl.operations.confirm import Effect, confirm
from cdpctl.operations.inventory import Inventory, complete_inventory, describe, read_inventory
from cdpctl.operations.parallel import run_parallel
from cdpctl.operations.preflight import look_up, nothing_sent_hint, settle_missing
from cdpctl.operations.run import Report, Request, Run
from cdpctl.operations.send import settle_error
from cdpctl.peers.models import STOPPED, Outcome, Peer

# Of the time left, this much is kept for reading peers whose answer does not come.
_KEPT_SHARE, _KEPT_SECONDS = 0.25, 5.0


def delete(
    run: Run, root: str, approve: Approve, inventory: Inventory | None = None, *, force: bool = False
) -> Report:
    """Remove the run's peers from the grid.

    Args:
        run: with the names asked for, checked and without repeats.
        root: the REST root of the CDP, for what a dry run shows.
        approve: asked before the first request.
        inventory: the grid as read, where the caller has done so already.
        force: remove peers that are not stopped too.

    Returns:
        The report; after an interruption too, with what is known by then.

    Raises:
        CdpctlError: nothing was sent.
    """
    try:
        names = _preflight(run, inventory, force=force)
        if run.options.dry_run:
            for name in names:
                request = Request("DELETE", root + peer_path(name), None)
                run.requests.append(request)
                run.settle(run.result(name, Outcome.PLANNED, f"would send DELETE {request.url}"))
        elif names:
            approve(names)
            lost = _send(run, names)
            confirm(run, Effect("deleted", _missing(run)), lost)
            if run.options.fail_fast:
                run.skip(names, "not sent: --fail-fast, and a request before it failed")
    except Interruption as interruption:
        return interrupted_report(run, interruption)
    return run.report()


def _preflight(run: Run, inventory: Inventory | None, *, force: bool) -> list[str]:
    """Settle every peer that is not to be removed, and return the others."""
    with nothing_sent_hint(unseen=False):
        inventory = inventory or read_inventory(run.session)
    if not inventory.served:
        raise UsageError(
            "cannot delete: this CDP serves neither /info/peer nor /peer, so nothing shows a peer's type",
            hint="nothing was sent",
        )
    with nothing_sent_hint(unseen=False):
        inventory = look_up(run, inventory)
    settle_missing(run, inventory)
    wanted = []
    for name in run.names:
        if name in run.results:
            continue
        why = _why_not(inventory.peers[name], force=force)
        if name in inventory.contradictions:
            why = f"the CDP lists it more than once, as {describe(inventory.contradictions[name])}"
        if why:
            run.settle(run.result(name, Outcome.REFUSED, why))
        else:
            wanted.append(name)
    if run.options.strict and any(not result.ok for result in run.results.values()):
        run.skip(wanted, "nothing was sent: --strict, and not every name is good")
        return []
    return wanted


def _why_not(peer: Peer, *, force: bool) -> str:
    if peer.is_vital:
        return f"the grid needs its {peer.type}: cdpctl does not delete it"
    if peer.type is None:
        return "no read shows its type, and it may be a CDP: cdpctl does not delete it"
    if force or peer.is_at(STOPPED):
        return ""
    if peer.status is None:
        return "no read shows whether it is stopped; --force deletes it anyway"
    return f"it is {peer.status}: stop it first, or use --force"


def _send(run: Run, names: Sequence[str]) -> dict[str, CdpctlError]:
    """Send one request per peer, each once, and return those whose answer was lost."""
    run.session.ensure_token()
    lost: dict[str, CdpctlError] = {}
    failed: list[str] = []

    def work(name: str) -> Accepted | CdpctlError:
        try:
            return run.session.delete(name, run.deadline.reserve(_KEPT_SHARE, _KEPT_SECONDS))
        except CdpctlError as error:
            return error

    def done(name: str, answer: Accepted | CdpctlError) -> None:
        if isinstance(answer, LostAnswerError | UnclearAnswerError):
            lost[name] = answer
        elif isinstance(answer, CdpctlError):
            failed.append(name)
            settle_error(run, [name], answer)
        else:
            run.take([name], answer)

    run_parallel(
        names,
        work,
        run.options.parallel,
        lambda: run.options.fail_fast and bool(failed or lost),
        begin=lambda name: run.leave("delete", [name]),
        done=done,
    )
    return lost


def _missing(run: Run) -> Callable[[Sequence[str]], Mapping[str, str]]:
    def read(names: Sequence[str]) -> Mapping[str, str]:
        inventory = read_inventory(run.session)
        if inventory.served and any(name not in inventory.peers for name in names):
            # The first read may show only a part of the grid.
            inventory = complete_inventory(run.session, inventory)
        if not inventory.peers:
            # A grid has a CDP at least: a list without it proves nothing.
            raise RejectedError("the CDP lists no peers at all")
        run.update_known(inventory.peers)
        listed = {name: inventory.peers.get(name) for name in names}
        return {
            name: f"still listed as {peer.status or 'a peer'}" if peer else ""
            for name, peer in listed.items()
        }

    return read
