"""Finds out what happened to requests whose answer was lost. They are never sent again."""

from collections.abc import Mapping

from cdpctl.errors import CdpctlError
from cdpctl.operations.inventory import read_inventory
from cdpctl.operations.run import CHECK_FIRST, Action, Run
from cdpctl.peers.models import Outcome, normalised

#: Time for a last read at or after the deadline, in seconds.
LAST_POLL_SECONDS = 2.0
# Seconds before each poll. A busy CDP may begin late. For longer, an operator can use --wait.
_POLLS = (0.0, 0.7, 1.5)
# At most this many lost answers get a note. Each is in its peer's result as well.
_NOTED = 3


def reconcile(run: Run, action: Action, lost: Mapping[str, CdpctlError]) -> None:
    """Read the peers a few times to see whether the request worked.

    A peer in the target state, or on its way there, counts as accepted. Any other state proves nothing:
    with `--wait` the peer is followed to the deadline, without it is `unknown`.

    Args:
        run: the run.
        action: stop or start.
        lost: the error for each peer whose answer was lost.
    """
    open_names = list(lost)
    for message in list(dict.fromkeys(error.message for error in lost.values()))[:_NOTED]:
        run.reporter.note(f"{message}: reading the peers to see whether it worked")
    for pause in _POLLS:
        if pause and pause >= run.deadline.remaining():
            break
        run.sleep(pause)
        try:
            # One read is always made, even if the process was suspended until after the deadline.
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
    """Return whether the peer is in the target state, or has left for it since the request was sent."""
    peer = run.known.get(name)
    if peer is None or name not in run.seen:
        return False
    if peer.is_at(action.target):
        return True
    before = normalised(run.before.get(name))
    return normalised(peer.status) == action.transition and before != action.transition


def mark_accepted(run: Run, action: Action, name: str, error: CdpctlError) -> None:
    """Settle or follow a peer whose request had an effect."""
    peer = run.known[name]
    message = f"{error.message}; the CDP now shows it {peer.status}"
    if run.options.wait and not peer.is_at(action.target):
        run.follow(run.result(name, Outcome.ACCEPTED, message, http_status=error.http_status))
        return
    outcome = Outcome.CONFIRMED if run.options.wait else Outcome.ACCEPTED
    run.settle(run.result(name, outcome, message, http_status=error.http_status))


def mark_unknown(run: Run, name: str, error: CdpctlError) -> None:
    """Settle or follow a peer whose request has had no effect yet."""
    peer = run.known.get(name)
    seen = f"the CDP still shows it {peer.status}" if peer and peer.status else "its status is unknown"
    message = f"{error.message}; it was sent, but {seen}; {CHECK_FIRST}"
    result = run.result(name, Outcome.UNKNOWN, message, http_status=error.http_status)
    if run.options.wait and peer is not None and peer.status is not None and not run.deadline.expired:
        run.follow(result)
    else:
        run.settle(result)
