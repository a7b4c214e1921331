"""Before anything is sent: which peers exist, may be touched, and are not there already."""

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
    """Say, of an error that reading the grid ends with, that nothing was sent, and how to send unseen.

    Args:
        unseen: the operation can be sent without reading the grid first.
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
    """Take in what an inventory says of the run's peers, asking the longer list for what it lacks."""
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
    """Settle every name the grid does not have as `not_found`, with what it may have meant."""
    near = NearMisses(inventory.peers)
    for name in run.names:
        if name not in inventory.peers:
            meant = what_was_meant(name, near, selects=run.operation != "delete")
            message = f"no peer has this name{meant}"
            run.settle(run.result(name, Outcome.NOT_FOUND, message))


def preflight(run: Run, action: Action, inventory: Inventory, *, keep_there: bool = False) -> list[str]:
    """Settle every peer that needs no request and return the names that do.

    Args:
        run: with `names` as asked for.
        action: stop or start.
        inventory: the grid as this run read it.
        keep_there: return the peers that are in the wanted state already as well; a restart has its own
            rule for them.

    Raises:
        UsageError: `--wait` on a peer whose status nothing reports; nothing was sent.
    """
    if not inventory.served:
        run.reporter.warn(
            "this CDP serves neither /info/peer nor /peer: "
            "names, types and states were not checked before sending"
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
        run.skip(wanted, "nothing was sent: --strict, and not every name is good")
        return []
    return wanted


def _cannot_wait(names: Sequence[str]) -> UsageError:
    some = ", ".join(quoted(name)[1:-1] for name in names[:5]) + (" …" if len(names) > 5 else "")
    return UsageError(
        f"cannot --wait for {some}: no read of this CDP reports a status to follow",
        hint="nothing was sent; leave --wait out to send the request without following it",
    )
