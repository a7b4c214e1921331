"""A request that may have arrived and whose answer did not: never sent again, the peers tell."""

from collections.abc import Mapping

from cdpctl.errors import CdpctlError
from cdpctl.operations.inventory import read_inventory
from cdpctl.operations.run import CHECK_FIRST, Action, Run
from cdpctl.peers.models import Outcome, normalised

#: Seconds for a last read at or after the deadline.
LAST_POLL_SECONDS = 2.0
# Seconds before each poll. A CDP short of memory may begin late; a few seconds tell most of what can
# be told, and an operator who needs more has --wait.
_POLLS = (0.0, 0.7, 1.5)
# The most lost answers that get a note; every one of them is in its peer's result.
_NOTED = 3


def reconcile(run: Run, action: Action, lost: Mapping[str, CdpctlError]) -> None:
    """Read the peers until they show that the request worked, or no more can be told.

    A peer that is where it was asked to be, or on its way there, was reached by the request: accepted.
    Anything else proves nothing: with `--wait` it is followed to the deadline, else it is `unknown`.

    Args:
        run: the run.
        action: what was asked for.
        lost: the peers whose request it was, and how its answer was lost.
    """
    open_names = list(lost)
    for message in list(dict.fromkeys(error.message for error in lost.values()))[:_NOTED]:
        run.reporter.note(f"{message}: reading the peers to see what became of it")
    for pause in _POLLS:
        if pause and pause >= run.deadline.remaining():
            break
        run.sleep(pause)
        try:
            # Also where the process was stopped until after the deadline: one read is always made.
            with run.overall.extended(0.0 if pause else LAST_POLL_SECONDS):
                inventory = read_inventory(run.session, open_names)
        except CdpctlError as failure:
            run.reporter.debug(1, f"reading the peers failed: {failure.message}")
            continue
        run.update_known(inventory.peers)
        open_names = [name for name in open_names if not shows_effect(run, action, name)]
        if not open_names or not inventory.served:
            break
    still_open = set(open_names)
    for name, error in lost.items():
        if name in still_open:
            mark_unknown(run, name, error)
        else:
            mark_accepted(run, action, name, error)


def shows_effect(run: Run, action: Action, name: str) -> bool:
    """Whether the peer is where it was asked to be, or has set out on the documented way there.

    Only a read made since the request left counts.
    """
    peer = run.known.get(name)
    if peer is None or name not in run.seen:
        return False
    if peer.is_at(action.target):
        return True
    return normalised(peer.status) == action.way and normalised(run.before.get(name)) != action.way


def mark_accepted(run: Run, action: Action, name: str, error: CdpctlError) -> None:
    """Settle a peer whose request shows an effect."""
    peer = run.known[name]
    message = f"{error.message}; the CDP now shows it {peer.status}"
    if run.options.wait and not peer.is_at(action.target):
        run.accept(run.result(name, Outcome.ACCEPTED, message, http_status=error.http_status))
        return
    outcome = Outcome.CONFIRMED if run.options.wait else Outcome.ACCEPTED
    run.settle(run.result(name, outcome, message, http_status=error.http_status))


def mark_unknown(run: Run, name: str, error: CdpctlError) -> None:
    """Leave a peer open whose request shows no effect yet."""
    peer = run.known.get(name)
    seen = f"the CDP still shows it {peer.status}" if peer and peer.status else "no read shows its state"
    message = f"{error.message}; it was sent, and {seen}; {CHECK_FIRST}"
    result = run.result(name, Outcome.UNKNOWN, message, http_status=error.http_status)
    if run.options.wait and peer is not None and peer.status is not None and not run.deadline.expired:
        run.accept(result)
    else:
        run.settle(result)
