"""Deletes peers from the grid: one DELETE per peer, confirmed by reading the grid."""

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

# This much of the remaining time is kept to read the peers if an answer does not come.
_KEPT_SHARE, _KEPT_SECONDS = 0.25, 5.0


def delete(
    run: Run, root: str, approve: Approve, inventory: Inventory | None = None, *, force: bool = False
) -> Report:
    """Delete the run's peers from the grid.

    Args:
        run: the run, with checked names and no repeats.
        root: the CDP's REST root, for the URLs of a dry run.
        approve: called before the first request.
        inventory: the grid, if the caller has read it.
        force: also delete peers that are not stopped.

    Returns:
        The report, even of an interrupted run.

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
                run.skip(names, "not sent: an earlier request failed, and --fail-fast was given")
    except Interruption as interruption:
        return interrupted_report(run, interruption)
    return run.report()


def _preflight(run: Run, inventory: Inventory | None, *, force: bool) -> list[str]:
    """Settle every peer that must not be deleted, and return the others."""
    with nothing_sent_hint(unseen=False):
        inventory = inventory or read_inventory(run.session)
    if not inventory.served:
        raise UsageError(
            "cannot delete: this CDP serves neither /info/peer nor /peer, so types cannot be checked",
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
        run.skip(wanted, "not sent: other peers were refused or not found, and --strict was given")
        return []
    return wanted


def _why_not(peer: Peer, *, force: bool) -> str:
    if peer.is_vital:
        return f"the grid needs its {peer.type}: cdpctl does not delete it"
    if peer.type is None:
        return "the CDP does not show its type, and it may be a CDP: cdpctl does not delete it"
    if force or peer.is_at(STOPPED):
        return ""
    if peer.status is None:
        return "the CDP does not show its status; --force deletes it anyway"
    return f"it is {peer.status}: stop it first, or use --force"


def _send(run: Run, names: Sequence[str]) -> dict[str, CdpctlError]:
    """Send one request per peer, each once, and return the errors of lost answers."""
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
            run.record_accepted([name], answer)

    run_parallel(
        names,
        work,
        run.options.parallel,
        lambda: run.options.fail_fast and bool(failed or lost),
        begin=lambda name: run.record_sent("delete", [name]),
        done=done,
    )
    return lost


def _missing(run: Run) -> Callable[[Sequence[str]], Mapping[str, str]]:
    def read(names: Sequence[str]) -> Mapping[str, str]:
        inventory = read_inventory(run.session)
        if inventory.served and any(name not in inventory.peers for name in names):
            # The first read may show only part of the grid.
            inventory = complete_inventory(run.session, inventory)
        if not inventory.peers:
            # Every grid has a CDP, so an empty list proves nothing.
            raise RejectedError("the CDP lists no peers")
        run.update_known(inventory.peers)
        listed = {name: inventory.peers.get(name) for name in names}
        return {
            name: f"still listed as {peer.status or 'a peer'}" if peer else ""
            for name, peer in listed.items()
        }

    return read
