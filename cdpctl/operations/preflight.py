"""Checks before anything is sent: which peers exist, may be changed, and need a request."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from cdpctl.errors import AuthError, CdpctlError, ConfigError, UnreachableError, UsageError
from cdpctl.operations.inventory import Inventory, complete_inventory, describe, incomplete, lacks
from cdpctl.operations.model import Action
from cdpctl.operations.run import Run
from cdpctl.peers.models import Outcome, Peer
from cdpctl.text import NearMisses, command_line, quoted

_MOST_NAMED = 10


@contextmanager
def nothing_sent_hint(*, unseen: bool = True) -> Iterator[None]:
    """Add to the hint of an error that nothing was sent, and how to skip reading the grid.

    Args:
        unseen: whether the operation takes --no-preflight.
    """
    try:
        yield
    except (AuthError, ConfigError):
        raise
    except CdpctlError as error:
        useful = unseen and not isinstance(error, UnreachableError)
        way = "; add --no-preflight to send without reading the grid first" if useful else ""
        # The command of a hint comes last, so that it can be pasted.
        error.hint = f"nothing was sent{way}" + (f"; {error.hint}" if error.hint else "")
        raise


def fill_gaps(run: Run, inventory: Inventory) -> Inventory:
    """Read `/peer` too if `/info/peer` lacks something of the run's peers."""
    if lacks(inventory, run.unsettled):
        run.reporter.debug(1, "/info/peer lacks a name, a type or a status: reading /peer as well")
        inventory = complete_inventory(run.session, inventory)
    return inventory


def look_up(run: Run, inventory: Inventory) -> Inventory:
    """Fill the gaps of a read, and record the states of the run's peers."""
    inventory = fill_gaps(run, inventory)
    if inventory.nameless:
        run.warn(next(incomplete(inventory)))
    run.update_known(inventory.peers)
    return inventory


def settle_missing(run: Run, inventory: Inventory) -> None:
    """Settle every name that the grid does not have as `not_found`, with suggestions."""
    missing = [name for name in run.names if name not in inventory.peers]
    if not missing:
        return
    from cdpctl.peers.not_found import what_was_meant

    near = NearMisses(inventory.peers)
    for name in missing:
        meant = what_was_meant(name, near, selects=run.operation != "delete")
        run.settle(run.result(name, Outcome.NOT_FOUND, f"no peer has this name{meant}"))


def preflight(run: Run, action: Action, inventory: Inventory, *, keep_there: bool = False) -> list[str]:
    """Settle every peer that needs no request, and return the names of the others.

    Args:
        run: the run.
        action: stop or start.
        inventory: the grid.
        keep_there: also return peers that are already in the target state, for a restart.

    Raises:
        UsageError: `--wait` was given, but a peer has no status. Nothing was sent.
    """
    if not inventory.served:
        run.reporter.warn(
            "this CDP serves neither /info/peer nor /peer: "
            "names, types and states cannot be checked before sending"
        )
        if run.options.wait:
            raise _cannot_wait(run, run.names)
        return run.unsettled
    with nothing_sent_hint():
        inventory = look_up(run, inventory)

    def judge(peer: Peer) -> tuple[Outcome, str] | None:
        if peer.is_vital:
            return Outcome.REFUSED, f"the grid needs its {peer.type}: cdpctl does not {action.verb} it"
        if peer.is_at(action.target) and not keep_there:
            return Outcome.UNCHANGED, f"already {action.done}"
        return None

    wanted = names_to_send(run, inventory, judge)
    if run.options.wait:
        silent = [name for name in wanted if inventory.peers[name].status is None]
        if silent:
            raise _cannot_wait(run, silent)
    return wanted


def names_to_send(
    run: Run, inventory: Inventory, judge: Callable[[Peer], tuple[Outcome, str] | None]
) -> list[str]:
    """Settle every peer that needs no request, and return the names of the others.

    Args:
        run: the run.
        inventory: the grid.
        judge: returns the outcome of a peer that needs no request, and why, or None if it needs one.
    """
    settle_missing(run, inventory)
    wanted = []
    for name in run.unsettled:
        peer = inventory.peers[name]
        verdict = judge(peer)
        if name in inventory.contradictions:
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


def _cannot_wait(run: Run, names: Sequence[str]) -> UsageError:
    some = ", ".join(quoted(name)[1:-1] for name in names[:5]) + (" …" if len(names) > 5 else "")
    if run.operation == "restart":
        way = f"; to stop without waiting: {command_line('peer stop', *names)}"
        return UsageError(
            f"cannot restart {some}: this CDP does not report a status, so no stop can be confirmed",
            hint=f"nothing was sent{way if len(names) <= _MOST_NAMED else ''}",
        )
    return UsageError(
        f"cannot --wait for {some}: this CDP does not report a status",
        hint="nothing was sent; leave out --wait to send the request without waiting",
    )
