"""Checks before anything is sent: which peers exist, may be changed, and need a request."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cdpctl.errors import AuthError, CdpctlError, ConfigError, UnreachableError, UsageError
from cdpctl.operations.inventory import Inventory, complete_inventory, describe, incomplete, lacks
from cdpctl.operations.run import Action, Run
from cdpctl.peers.models import Outcome
from cdpctl.peers.not_found import what_was_meant
from cdpctl.text import NearMisses, quoted


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


def look_up(run: Run, inventory: Inventory) -> Inventory:
    """Record the states of the run's peers, and read `/peer` too if `/info/peer` lacks something."""
    if inventory is run.inventory:
        return inventory
    if lacks(inventory, run.names):
        run.reporter.debug(1, "/info/peer lacks a name, a type or a status: reading /peer as well")
        inventory = complete_inventory(run.session, inventory)
    if inventory.nameless:
        run.warn(next(incomplete(inventory)))
    run.update_known(inventory.peers)
    run.inventory = inventory
    return inventory


def settle_missing(run: Run, inventory: Inventory) -> None:
    """Settle every name that the grid does not have as `not_found`, with suggestions."""
    near = NearMisses(inventory.peers)
    for name in run.names:
        if name not in inventory.peers:
            meant = what_was_meant(name, near, selects=run.operation != "delete")
            message = f"no peer has this name{meant}"
            run.settle(run.result(name, Outcome.NOT_FOUND, message))


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
            raise _cannot_wait(run.names)
        return list(run.names)
    with nothing_sent_hint():
        inventory = look_up(run, inventory)
    settle_missing(run, inventory)
    wanted = []
    for name in run.names:
        if name in run.results:
            continue
        peer = inventory.peers[name]
        if peer.is_vital:
            message = f"the grid needs its {peer.type}: cdpctl does not {action.verb} it"
            if name in inventory.contradictions:
                message += f" (the CDP lists it as {describe(inventory.contradictions[name])})"
            run.settle(run.result(name, Outcome.REFUSED, message))
        elif name in inventory.contradictions:
            seen = describe(inventory.contradictions[name])
            run.settle(run.result(name, Outcome.REFUSED, f"the CDP lists it more than once, as {seen}"))
        elif peer.is_at(action.target) and not keep_there:
            run.settle(run.result(name, Outcome.UNCHANGED, f"already {action.done}"))
        else:
            wanted.append(name)
    if run.options.wait:
        silent = [name for name in wanted if inventory.peers[name].status is None]
        if silent:
            raise _cannot_wait(silent)
    if run.options.strict and any(not result.ok for result in run.results.values()):
        run.skip(wanted, "not sent: other peers were refused or not found, and --strict was given")
        return []
    return wanted


def _cannot_wait(names: Sequence[str]) -> UsageError:
    some = ", ".join(quoted(name)[1:-1] for name in names[:5]) + (" …" if len(names) > 5 else "")
    return UsageError(
        f"cannot --wait for {some}: this CDP does not report a status",
        hint="nothing was sent; leave out --wait to send the request without waiting",
    )
