"""Waits for accepted peers: polls the grid with one read for all of them, up to the deadline."""

from cdpctl.errors import AuthError, CdpctlError, ForbiddenError, RejectedError
from cdpctl.operations.inventory import Inventory, read_inventory
from cdpctl.operations.pace import Pace
from cdpctl.operations.reconcile import LAST_POLL_SECONDS, shows_effect
from cdpctl.operations.run import Action, Run
from cdpctl.peers.models import Outcome, Peer
from cdpctl.text import command_line

_FAULT_WORDS = ("FAULT", "FAIL", "ERROR")
# A peer that shows a fault gets this long to recover.
_FAULT_SECONDS = 1.0
_MOST_NAMED = 10


def follow(run: Run, action: Action) -> None:
    """Settle every accepted peer: confirmed, failed, timed out, or unknown.

    The last poll comes at the deadline, or later if the process was suspended until then.

    Status values other than RUNNING and STOPPED are not documented, so a peer counts as failed only
    if its status mentions a fault, did not do so before, and still does so in a later poll.
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
            _settle_unreadable(run, error)
            return
        except CdpctlError as error:
            # The CDP or its proxy may be busy, so try again.
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
        _settle_unreadable(run, RejectedError("this CDP serves neither /info/peer nor /peer"))
        return False
    run.update_known(inventory.peers)
    _settle_seen(run, action, faulty)
    return True


def _at_fault(peer: Peer) -> bool:
    return peer.status is not None and any(word in peer.status.upper() for word in _FAULT_WORDS)


def _settle_seen(run: Run, action: Action, faulty: dict[str, float]) -> None:
    """Settle peers that are done, and peers with a lasting fault, first seen at the times in `faulty`."""
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
            run.settle_again(name, Outcome.FAILED, f"the peer is now {peer.status}")


def _give_up(run: Run, action: Action) -> None:
    seconds = f"{run.deadline.seconds:g} s" if run.deadline.seconds is not None else "the deadline"
    late = []
    for name, result in list(run.accepted.items()):
        if result.outcome is Outcome.UNKNOWN and not shows_effect(run, action, name):
            run.settle(run.result(name, Outcome.UNKNOWN, result.message, http_status=result.http_status))
            continue
        peer = run.known.get(name)
        state = f"still {peer.status}" if peer and peer.status else "without a status"
        accepted = "" if run.operation == "wait" else "accepted, but "
        run.settle_again(name, Outcome.TIMED_OUT, f"{accepted}{state} after {seconds}")
        late.append(name)
    if late and len(late) <= _MOST_NAMED and run.operation == action.verb:
        run.reporter.note(f"to keep waiting: {command_line(f'peer wait --for {action.done}', *late)}")


def _settle_unreadable(run: Run, error: CdpctlError) -> None:
    for name in list(run.accepted):
        run.settle_again(
            name,
            Outcome.UNKNOWN,
            f"accepted, but the grid can no longer be read: {error.message}",
        )
