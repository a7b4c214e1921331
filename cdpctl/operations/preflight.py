"""Checks before anything is sent: which peers exist, may be changed, and need a request."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

from cdpctl.errors import AuthError, CdpctlError, ConfigError, UnreachableError, UsageError
from cdpctl.operations.inventory import (
    Inventory,
    complete_inventory,
    describe,
    incomplete,
    lacks,
    read_inventory,
)
from cdpctl.operations.run import Run
from cdpctl.peers.models import Outcome, Peer
from cdpctl.text import NearMisses, command_line, join_names

_MOST_NAMED = 10
#: Takes the grid, if it has been read for a selection, and returns it with all that an operation must know.
Read = Callable[[Run, Inventory | None], Inventory]
#: Returns the outcome of a peer that needs no request, and why, or None if it needs one.
Judge = Callable[[Peer], tuple[Outcome, str] | None]


@contextmanager
def nothing_sent_hint(*, can_skip: bool = False) -> Iterator[None]:
    """Add to the hints of an error that nothing was sent, and how to skip reading the grid.

    Args:
        can_skip: whether the run can do without this read.
    """
    try:
        yield
    except (AuthError, ConfigError):
        raise
    except CdpctlError as error:
        useful = can_skip and not isinstance(error, UnreachableError)
        sent = () if error.says_sent else ("nothing was sent",)
        way = ("add --no-preflight to send without reading the grid first",) if useful else ()
        # The command of a hint comes last, so that it can be pasted.
        raise error.with_hints(*sent, *way, *error.hints) from error.__cause__


def read_peers(run: Run, inventory: Inventory | None) -> Inventory:
    """Read names, types and states: `/peer` too if `/info/peer` lacks something of the run's peers."""
    inventory = inventory or read_inventory(run.session)
    if lacks(inventory, run.unsettled):
        run.reporter.debug(1, "/info/peer lacks a name, a type or a status: reading /peer as well")
        inventory = complete_inventory(run.session, inventory)
    return inventory


def preflight(
    run: Run, inventory: Inventory | None, read: Read, judge: Judge, *, impossible: str = ""
) -> tuple[Inventory, list[str]]:
    """Read the grid, and settle every peer that needs no request.

    Args:
        run: the run.
        inventory: the grid, if it has been read for a selection.
        read: reads the grid.
        judge: judges a peer that the grid has.
        impossible: why a CDP that cannot list its peers makes the operation impossible. Empty if it does not.

    Returns:
        The grid, and the names of the peers that need a request.

    Raises:
        UsageError: this CDP cannot list its peers. Nothing was sent.
        CdpctlError: the grid cannot be read. Nothing was sent.
    """
    # A wait sends nothing anyway.
    hinted = run.operation != "wait"
    with nothing_sent_hint(can_skip=run.operation in ("stop", "start")) if hinted else nullcontext():
        inventory = read(run, inventory)
    if not inventory.served:
        unlisted = "this CDP serves neither /info/peer nor /peer"
        if impossible:
            raise UsageError(
                f"cannot {run.operation}: {unlisted}, so {impossible}",
                hint=f"nothing was sent; {command_line('doctor')}",
            )
        run.warn(f"{unlisted}: names, types and states cannot be checked before sending")
        return inventory, run.unsettled
    if inventory.nameless:
        run.warn(next(incomplete(inventory)))
    run.update_known(inventory.peers)
    _settle_missing(run, inventory)
    return inventory, _settle_judged(run, inventory, judge)


def _settle_missing(run: Run, inventory: Inventory) -> None:
    """Settle every name that the grid does not have as `not_found`, with suggestions."""
    missing = [name for name in run.names if name not in inventory.peers]
    if not missing:
        return
    from cdpctl.peers.not_found import what_was_meant

    near = NearMisses(inventory.peers)
    for name in missing:
        meant = what_was_meant(name, near, selects=run.operation != "delete")
        run.settle(run.result(name, Outcome.NOT_FOUND, f"no peer has this name{meant}"))


def _settle_judged(run: Run, inventory: Inventory, judge: Judge) -> list[str]:
    """Settle every peer that needs no request, and return the names of the others."""
    wanted = []
    for name in run.unsettled:
        peer = inventory.peers[name]
        verdict = judge(peer)
        # A wait changes nothing, and the entries may agree in the end.
        if name in inventory.contradictions and run.operation != "wait":
            entries = describe(inventory.contradictions[name])
            why = f"the CDP lists it more than once, as {entries}"
            if verdict is not None and verdict[0] is Outcome.REFUSED and peer.is_vital:
                why = f"{verdict[1]} (the CDP lists it as {entries})"
            verdict = Outcome.REFUSED, why
        if verdict is None:
            wanted.append(name)
        else:
            run.settle(run.result(name, *verdict))
    if run.options.strict and any(not result.ok for result in run.results.values()):
        run.skip(wanted, "not sent: other peers were refused or not found, and --strict was given")
        return []
    return wanted


def require_status(run: Run, names: Sequence[str]) -> None:
    """Check that the CDP reports the status of peers, without which their change cannot be seen.

    Raises:
        UsageError: it does not. Nothing was sent.
    """
    silent = [name for name in names if (peer := run.known.get(name)) is None or peer.status is None]
    if not silent:
        return
    why, hint = "this CDP does not report a status", "nothing was sent"
    what = f"cannot wait for {join_names(silent)}"
    if run.operation == "restart":
        what, why = f"cannot restart {join_names(silent)}", f"{why}, so no stop can be confirmed"
        if len(silent) <= _MOST_NAMED:
            hint += f"; to stop without waiting: {command_line('peer stop', *silent)}"
    elif run.operation != "wait":
        hint += "; leave out --wait to send the request without waiting"
    raise UsageError(f"{what}: {why}", hint=hint)
