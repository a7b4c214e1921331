"""Follows peers: reads the grid, once for all of them, until it shows the effect of their request.

A request whose answer was lost is never sent again: reading the peers shows whether it worked.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from cdpctl.errors import AuthError, CdpctlError, ForbiddenError, RejectedError
from cdpctl.operations.inventory import read_inventory
from cdpctl.operations.model import START, STOP, Action
from cdpctl.operations.pace import reads
from cdpctl.operations.run import Run
from cdpctl.peers.models import Outcome, Peer, mentions_fault, normalised
from cdpctl.text import command_line

# A peer that shows a fault gets this long to recover.
_FAULT_SECONDS = 1.0
_MOST_NAMED = 10
# At most this many lost answers get a note. Each is in its peer's result as well.
_NOTED = 3


class Effect(NamedTuple):
    """The effect that a request should have, and how the grid shows it.

    Attributes:
        done: the word for it, such as `deleted`.
        missing: reads the grid once, and returns for each of these names what is still to be done, such as
            `still STOPPED`, or an empty string if the peer is done.
        begun: whether a peer that is not done has left for the target state.
        failed: why a peer will never be done, or an empty string if it may.
        accepted: the beginning of a message about a peer that is not done.
        rest: the end of such a message, with what the operation has not done because of it.
        late: the middle for a peer that is not done after `{seconds}`, with `{what}` is still to be done.
        first: seconds before the first read, if it has to come later than usual.
    """

    done: str
    missing: Callable[[Sequence[str]], Mapping[str, str]]
    begun: Callable[[str], bool] = lambda _name: False
    failed: Callable[[str], str] = lambda _name: ""
    accepted: str = "accepted, but "
    rest: str = ""
    late: str = "after {seconds}: {what}"
    first: float = 0.0


class _NotServedError(RejectedError):
    """This CDP cannot list its peers, so that waiting makes no sense."""


def state(run: Run, action: Action) -> Effect:
    """Return the effect of a stop or start, which is the target state.

    Status values other than RUNNING and STOPPED are not documented, so a peer counts as failed only
    if its status mentions a fault, did not do so before, and still does so in a later read.
    """
    faulty: dict[str, float] = {}

    def seen(name: str) -> Peer | None:
        # Only reads since the request was sent count.
        return run.known.get(name) if name in run.seen else None

    def missing(names: Sequence[str]) -> Mapping[str, str]:
        inventory = read_inventory(run.session, names)
        if not inventory.served:
            raise _NotServedError("this CDP serves neither /info/peer nor /peer")
        run.update_known(inventory.peers)
        return {name: what_is_left(name) for name in names}

    def what_is_left(name: str) -> str:
        if (peer := seen(name)) is not None and peer.is_at(action.target):
            return ""
        if name in run.unlisted:
            return "not listed by the CDP"
        known = run.known.get(name)
        return f"still {known.status}" if known is not None and known.status else "without a status"

    def begun(name: str) -> bool:
        peer, before = seen(name), normalised(run.before.get(name))
        return peer is not None and peer.is_at(action.transition) and before != action.transition

    def failed(name: str) -> str:
        peer, now = seen(name), run.clock()
        status = peer.status if peer is not None else None
        if status is None or status == run.before.get(name) or not mentions_fault(status):
            faulty.pop(name, None)
            return ""
        lasting = now - faulty.setdefault(name, now) >= min(_FAULT_SECONDS, run.options.interval)
        return f"the peer is now {status}{rest}" if lasting else ""

    accepted, rest = "accepted, but ", ""
    if run.operation == "wait":
        accepted = ""
    elif run.operation == "restart":
        accepted = f"the {action.verb} was accepted, but "
        rest = "; the start was not sent" if action is STOP else ""
    late = "{what} after {seconds}"
    return Effect(action.done, missing, begun, failed, accepted, rest, late)


def mark_lost(run: Run, names: Sequence[str], error: CdpctlError, done: str) -> None:
    """Follow peers whose answer was lost. Their outcome is unknown until a read shows more.

    Args:
        run: the run.
        names: the names in the request.
        error: the error.
        done: the word for the effect of the request.
    """
    told = {each.message for each in run.lost.values()}
    if error.message not in told and len(told) < _NOTED:
        run.reporter.note(f"{error.message}: reading the peers to see whether it worked")
    for name in names:
        run.lost[name] = error
        message = _not_shown(name, error, done)
        run.follow(run.result(name, Outcome.UNKNOWN, message, http_status=error.http_status), "sent")


def _not_shown(name: str, error: CdpctlError, done: str, what: str = "") -> str:
    shown = f" ({what})" if what else ""
    check = f"check before you retry: {command_line('peer show', name)}"
    return f"{error.message}; the CDP does not show it {done}{shown}; {check}"


def follow(run: Run, effect: Effect) -> None:
    """Settle every followed peer: done, failed, timed out, or unknown. Only reads are sent.

    A peer whose answer was lost counts as accepted if it is done or has left for the target state. Any other
    state proves nothing.
    """
    missing: Mapping[str, str] = {}
    unreadable = ""
    for seconds in reads(run, effect.first):
        try:
            with run.overall.extended(seconds):
                missing = effect.missing(list(run.accepted))
        except (AuthError, ForbiddenError, _NotServedError) as error:
            missing, unreadable = {}, f"the grid can no longer be read: {error.message}"
            break
        except CdpctlError as error:
            # The CDP or its proxy may be busy, so try again.
            run.reporter.debug(1, f"reading the peers failed: {error.message}")
            continue
        for name in list(run.accepted):
            _settle(run, effect, name, missing.get(name))
    _give_up(run, effect, missing, unreadable)


def _settle(run: Run, effect: Effect, name: str, missing: str | None) -> None:
    """Settle or follow one peer after a read."""
    error, waits = run.lost.get(name), run.options.wait
    if missing == "":
        after = f"{effect.done} after {run.elapsed:.1f} s"
        message = after if error is None else f"{error.message}; it is {effect.done} now"
        run.settle_again(name, Outcome.CONFIRMED if waits else Outcome.ACCEPTED, message)
    elif waits and (why := effect.failed(name)):
        run.settle_again(name, Outcome.FAILED, why)
    elif error is not None and effect.begun(name):
        message = f"{error.message}; the CDP now shows it {run.known[name].status}"
        result = run.result(name, Outcome.ACCEPTED, message, http_status=error.http_status)
        del run.lost[name]
        if waits:
            run.follow(result)
        else:
            run.settle(result)


def _give_up(run: Run, effect: Effect, missing: Mapping[str, str], unreadable: str) -> None:
    """Settle every peer that is still followed."""
    seconds = f"{run.deadline.seconds:g} s" if run.deadline.seconds is not None else "the deadline"
    late = []
    for name in list(run.accepted):
        what = missing.get(name, "")
        if (error := run.lost.get(name)) is not None:
            run.settle_again(name, Outcome.UNKNOWN, _not_shown(name, error, effect.done, what))
        elif unreadable:
            run.settle_again(name, Outcome.UNKNOWN, effect.accepted + unreadable + effect.rest)
        else:
            what = what or f"the CDP does not show whether it is {effect.done}"
            message = effect.accepted + effect.late.format(what=what, seconds=seconds) + effect.rest
            run.settle_again(name, Outcome.TIMED_OUT, message)
            late.append(name)
    if 0 < len(late) <= _MOST_NAMED and run.operation in (STOP.verb, START.verb):
        run.reporter.note(f"to keep waiting: {command_line(f'peer wait --for {effect.done}', *late)}")
