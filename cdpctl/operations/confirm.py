"""Updates and removals: what was accepted, or may have arrived, is confirmed by reading the grid."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cdpctl.errors import AuthError, CdpctlError, ForbiddenError
from cdpctl.operations.run import Run
from cdpctl.peers.models import Outcome
from cdpctl.text import command_line

# A little longer than most grids take for a change of this kind: one read then sees it.
_FIRST_PAUSE = 0.75
_FASTER_GROWTH = 1.5
# Seconds before each read where only a lost answer is to be explained.
_PAUSES = (0.0, 0.7, 1.5)
# The last read begins so long before the deadline, to have its answer by then.
_LAST_READ = 0.5
# This many lost answers are told; every one of them is in its peer's result.
_MOST_NOTES = 3


class Effect(NamedTuple):
    """What a request leads to.

    Attributes:
        done: the word for it: `deleted`.
        missing: reads the grid once, and returns what it does not show yet of each of these names: words
            such as `still STOPPED`, or nothing where the peer is done.
    """

    done: str
    missing: Callable[[Sequence[str]], Mapping[str, str]]


def confirm(run: Run, effect: Effect, lost: Mapping[str, CdpctlError]) -> None:
    """Read the grid until it shows the effect, or no more can be told; nothing is sent.

    Args:
        run: whose accepted peers are followed where it waits.
        effect: of the request.
        lost: peers whose request may have arrived, and how its answer was lost.
    """
    for message in list(dict.fromkeys(error.message for error in lost.values()))[:_MOST_NOTES]:
        run.reporter.note(f"{message}; reading the grid to see what became of it")
    for name, error in lost.items():
        message = f"{error.message}; it was sent, and no read shows that it is {effect.done}"
        run.accept(run.result(name, Outcome.UNKNOWN, message, http_status=error.http_status), "sent")
    missing: Mapping[str, str] = {}
    for pause in _pauses(run, at_once=bool(lost)):
        if not run.accepted:
            return
        run.sleep(pause)
        try:
            missing = effect.missing(list(run.accepted))
        except (AuthError, ForbiddenError) as error:
            _lose_sight(run, effect, error)
            return
        except CdpctlError as error:
            # The CDP may be busy, or its proxy may be: what was accepted is worth another read.
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
            shown = seen or f"no read shows whether it is {effect.done}"
            run.settle_again(name, Outcome.TIMED_OUT, f"accepted, but after {seconds}: {shown}")


def _lose_sight(run: Run, effect: Effect, error: CdpctlError) -> None:
    for name in list(run.accepted):
        message = f"accepted, but nothing shows whether it is {effect.done}: {error.message}"
        run.settle_again(name, Outcome.UNKNOWN, message)
