"""Following accepted peers: one read of the grid a round, for all of them, until one deadline."""

from cdpctl.errors import AuthError, CdpctlError, ForbiddenError, RejectedError
from cdpctl.operations.inventory import Inventory, read_inventory
from cdpctl.operations.reconcile import shows_effect
from cdpctl.operations.run import Action, Run
from cdpctl.peers.models import Outcome, Peer

_FIRST_PAUSE = 0.5
_FASTER_GROWTH = 1.5
_FAULT_WORDS = ("FAULT", "FAIL", "ERROR")


def follow(run: Run, action: Action) -> None:
    """Settle every accepted peer: confirmed, failed, timed out, or unknown.

    Status values other than RUNNING and STOPPED are not documented, so a peer counts as failed only
    where its status speaks of a fault, did not do so before, and does so in two looks running.
    """
    faulty: set[str] = set()
    pause = min(_FIRST_PAUSE, run.options.interval)
    while run.accepted:
        left = run.deadline.remaining()
        if left <= 0:
            _give_up(run, action)
            return
        run.sleep(min(pause, left))
        pause = min(pause * _FASTER_GROWTH, run.options.interval)
        try:
            inventory = _look(run)
        except (AuthError, ForbiddenError) as error:
            _lose_sight(run, action, error)
            return
        except CdpctlError as error:
            # The CDP may be short of memory, or its proxy may be: accepted peers are worth another look.
            run.reporter.debug(1, f"a look at the peers failed: {error.message}")
            continue
        if not inventory.served:
            _lose_sight(run, action, RejectedError("this CDP serves neither /info/peer nor /peer"))
            return
        run.update_known(inventory.peers)
        faulty = _settle_seen(run, action, faulty)


def _look(run: Run) -> Inventory:
    return read_inventory(run.session, run.accepted)


def _at_fault(peer: Peer) -> bool:
    return peer.status is not None and any(word in peer.status.upper() for word in _FAULT_WORDS)


def _settle_seen(run: Run, action: Action, faulty: set[str]) -> set[str]:
    at_fault = set()
    for name in list(run.accepted):
        peer = run.known.get(name)
        if peer is None:
            continue
        if peer.is_at(action.target):
            run.settle_again(name, Outcome.CONFIRMED, f"{action.done} after {run.elapsed:.1f} s")
        elif _at_fault(peer) and peer.status != run.before.get(name):
            at_fault.add(name)
            if name in faulty:
                run.settle_again(name, Outcome.FAILED, f"the peer went to {peer.status}")
    return at_fault


def _give_up(run: Run, action: Action) -> None:
    from shlex import quote

    seconds = f"{run.deadline.seconds:g} s" if run.deadline.seconds is not None else "the deadline"
    for name, result in list(run.accepted.items()):
        if result.outcome is Outcome.UNKNOWN and not shows_effect(run, action, name):
            run.settle(run.result(name, Outcome.UNKNOWN, result.message, http_status=result.http_status))
            continue
        peer = run.known.get(name)
        state = peer.status if peer and peer.status else "in no state that a read reports"
        run.settle_again(
            name,
            Outcome.TIMED_OUT,
            f"{state} after {seconds}"
            if run.operation == "wait"
            else f"accepted, and {state} after {seconds}; it goes on in the grid: "
            f"cdpctl peer wait {quote(name)} --for {action.done}",
        )


def _lose_sight(run: Run, action: Action, error: CdpctlError) -> None:
    for name in list(run.accepted):
        run.settle_again(
            name,
            Outcome.UNKNOWN,
            f"whether it is {action.done} cannot be seen any more: {error.message}",
        )
