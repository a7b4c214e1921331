"""Confirms updates and deletions by reading the grid."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cdpctl.errors import AuthError, CdpctlError, ForbiddenError
from cdpctl.operations.run import Run
from cdpctl.peers.models import Outcome
from cdpctl.text import command_line

# Most grids need a little less for such a change, so that one read is enough.
_FIRST_PAUSE = 0.75
_FASTER_GROWTH = 1.5
# Seconds before each read if the run does not wait, to find out about a lost answer.
_PAUSES = (0.0, 0.7, 1.5)
# The last read begins this many seconds before the deadline, so that its answer arrives in time.
_LAST_READ = 0.5
# At most this many lost answers get a note. Each is in its peer's result as well.
_MOST_NOTES = 3


class Effect(NamedTuple):
    """The effect that a request should have.

    Attributes:
        done: the word for it, such as `deleted`.
        missing: reads the grid once, and returns for each of these names what is still to be done, such as
            `still STOPPED`, or an empty string if the peer is done.
    """

    done: str
    missing: Callable[[Sequence[str]], Mapping[str, str]]


def confirm(run: Run, effect: Effect, lost: Mapping[str, CdpctlError]) -> None:
    """Read the grid until it shows the effect or the time is over. Nothing else is sent.

    Args:
        run: the run.
        effect: the effect of the request.
        lost: the errors of peers whose answer was lost, although their request may have arrived.
    """
    for message in list(dict.fromkeys(error.message for error in lost.values()))[:_MOST_NOTES]:
        run.reporter.note(f"{message}; reading the grid to see whether it worked")
    for name, error in lost.items():
        message = f"{error.message}; it was sent, but the CDP does not show it {effect.done}"
        run.follow(run.result(name, Outcome.UNKNOWN, message, http_status=error.http_status), "sent")
    missing: Mapping[str, str] = {}
    for pause in _pauses(run, at_once=bool(lost)):
        if not run.accepted:
            return
        run.sleep(pause)
        try:
            missing = effect.missing(list(run.accepted))
        except (AuthError, ForbiddenError) as error:
            _settle_unreadable(run, error)
            return
        except CdpctlError as error:
            # The CDP or its proxy may be busy, so try again.
            run.reporter.debug(1, f"reading the grid failed: {error.message}")
            continue
        for name in [name for name in run.accepted if not missing.get(name, "?")]:
            _settle_done(run, effect, name)
    _give_up(run, effect, missing)


def _pauses(run: Run, *, at_once: bool) -> Iterator[float]:
    if not run.options.wait:
        for pause in _PAUSES:
            if pause < run.deadline.remaining():
                yield pause
        return
    pause = min(_FIRST_PAUSE, run.options.interval)
    if at_once:
        yield 0.0
    while (left := run.deadline.remaining()) > pause + _LAST_READ:
        yield pause
        pause = min(pause * _FASTER_GROWTH, run.options.interval)
    if left > 0:
        yield max(0.0, left - _LAST_READ)


def _settle_done(run: Run, effect: Effect, name: str) -> None:
    was = run.accepted[name]
    if run.options.wait:
        run.settle_again(name, Outcome.CONFIRMED, f"{effect.done} after {run.elapsed:.1f} s")
    else:
        run.settle_again(name, Outcome.ACCEPTED, f"{was.message.partition(';')[0]}; it is {effect.done} now")


def _give_up(run: Run, effect: Effect, missing: Mapping[str, str]) -> None:
    seconds = f"{run.deadline.seconds:g} s" if run.deadline.seconds is not None else "the deadline"
    for name, was in list(run.accepted.items()):
        seen = missing.get(name)
        if was.outcome is Outcome.UNKNOWN:
            shown = f" ({seen})" if seen else ""
            hint = f"check before you retry: {command_line('peer show', name)}"
            run.settle_again(name, Outcome.UNKNOWN, f"{was.message}{shown}; {hint}")
        else:
            shown = seen or f"the CDP does not show whether it is {effect.done}"
            run.settle_again(name, Outcome.TIMED_OUT, f"accepted, but after {seconds}: {shown}")


def _settle_unreadable(run: Run, error: CdpctlError) -> None:
    for name in list(run.accepted):
        message = f"accepted, but the grid can no longer be read: {error.message}"
        run.settle_again(name, Outcome.UNKNOWN, message)
