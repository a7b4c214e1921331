"""Following accepted peers: polls of the grid, one read for all of them, until one deadline."""

from cdpctl.errors import AuthError, CdpctlError, ForbiddenError, RejectedError
from cdpctl.operations.inventory import Inventory, read_inventory
from cdpctl.operations.pace import Pace
from cdpctl.operations.reconcile import LAST_POLL_SECONDS, shows_effect
from cdpctl.operations.run import Action, Run
from cdpctl.peers.models import Outcome, Peer
from cdpctl.text import command_line

_FAULT_WORDS = ("FAULT", "FAIL", "ERROR")
# A peer that shows a fault on its way is given this long to leave it.
_FAULT_SECONDS = 1.0
_MOST_NAMED = 10


def follow(run: Run, action: Action) -> None:
    """Settle every accepted peer: confirmed, failed, timed out, or unknown.

    The last poll comes at the deadline, or after it where the process was stopped meanwhile, so that what
    is there by then is confirmed.

    Status values other than RUNNING and STOPPED are not documented, so a peer counts as failed only
    where its status speaks of a fault, did not do so before, and still does so in a later poll.
    """
    faulty: dict[str, float] = {}
    pace = Pace(run.options.interval, run.clock)
    while run.accepted:
        run.sleep(min(pace.pause(), run.deadline.remaining()))
        last = run.deadline.expired
        begun = run.clock()
        try:
            with run.overall.extended(LAST_POLL_SECONDS if last else 0.0):
                inventory = read_inventory(run.session, run.accepted)
        except (AuthError, ForbiddenError) as error:
            _lose_sight(run, action, error)
            return
        except CdpctlError as error:
            # The CDP may be short of memory, or its proxy may be: accepted peers are worth another poll.
            run.reporter.debug(1, f"reading the peers failed: {error.message}")
        else:
            pace.took(run.clock() - begun)
            if not _take_in(run, action, inventory, faulty):
                return
        if last:
            _give_up(run, action)
            return


def _take_in(run: Run, action: Action, inventory: Inventory, faulty: dict[str, float]) -> bool:
    if not inventory.served:
        _lose_sight(run, action, RejectedError("this CDP serves neither /info/peer nor /peer"))
        return False
    run.update_known(inventory.peers)
    _settle_seen(run, action, faulty)
    return True


def _at_fault(peer: Peer) -> bool:
    return peer.status is not None and any(word in peer.status.upper() for word in _FAULT_WORDS)


def _settle_seen(run: Run, action: Action, faulty: dict[str, float]) -> None:
    """Settle who is there and who stays at fault; `faulty` holds when each was first seen so."""
    now = run.clock()
    for name in list(run.accepted):
        peer = run.known.get(name)
        if peer is None:
            continue
        if peer.is_at(action.target):
            run.settle_again(name, Outcome.CONFIRMED, f"{action.done} after {run.elapsed:.1f} s")
        elif not _at_fault(peer) or peer.status == run.before.get(name):
            faulty.pop(name, None)
        elif now - faulty.setdefault(name, now) >= min(_FAULT_SECONDS, run.options.interval):
            run.settle_again(name, Outcome.FAILED, f"the peer went to {peer.status}")


def _give_up(run: Run, action: Action) -> None:
    seconds = f"{run.deadline.seconds:g} s" if run.deadline.seconds is not None else "the deadline"
    late = []
    for name, result in list(run.accepted.items()):
        if result.outcome is Outcome.UNKNOWN and not shows_effect(run, action, name):
            run.settle(run.result(name, Outcome.UNKNOWN, result.message, http_status=result.http_status))
            continue
        peer = run.known.get(name)
        state = f"still {peer.status}" if peer and peer.status else "no read reports its status"
        accepted = "" if run.operation == "wait" else "accepted, but "
        run.settle_again(name, Outcome.TIMED_OUT, f"{accepted}{state} after {seconds}")
        late.append(name)
    if late and len(late) <= _MOST_NAMED and run.operation == action.verb:
        run.reporter.note(f"to go on waiting: {command_line(f'peer wait --for {action.done}', *late)}")


def _lose_sight(run: Run, action: Action, error: CdpctlError) -> None:
    for name in list(run.accepted):
        run.settle_again(
            name,
            Outcome.UNKNOWN,
            f"accepted, but whether it is {action.done} cannot be read any more: {error.message}",
        )
