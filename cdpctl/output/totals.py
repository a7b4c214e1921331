"""The line of totals at the end of a run."""

from collections import Counter
from collections.abc import Iterable, Sequence

from cdpctl.output.widths import fit
from cdpctl.peers.models import Outcome, PeerResult
from cdpctl.text import plural, printable

# Nobody waits for the others, so the time says nothing.
_TIMED = (Outcome.CONFIRMED, Outcome.FAILED, Outcome.TIMED_OUT, Outcome.UNKNOWN)
_MOST_STATUSES = 5
_MOST_STATUS = 20


def operation_totals(done: str, results: Sequence[PeerResult]) -> str:
    """Return the totals of an operation: `12 peers stopped in 4.8 s`.

    Args:
        done: the word for confirmed peers, such as `stopped`.
        results: the results of all peers.
    """
    counts = Counter(_word(done, result.outcome) for result in results)
    peers = plural(len(results), "peer")
    took = ""
    if any(result.outcome in _TIMED for result in results):
        took = f" in {max(result.elapsed for result in results):.1f} s"
    if len(counts) == 1:
        [word] = counts
        return f"{peers} {word}{took}" if word == done else f"{peers}: {word}{took}"
    return f"{peers}: {_listed(counts) or 'nothing to do'}{took}"


def peer_totals(statuses: Iterable[str | None], mark: str = "…") -> str:
    """Return the number of peers by status: `6 peers: 5 running, 1 stopped`.

    Args:
        statuses: the statuses of all peers.
        mark: written in place of what is cut from a long status.
    """
    counts: Counter[str] = Counter()
    for status, count in Counter(statuses).items():
        counts[fit(printable(status), _MOST_STATUS, mark).lower() if status else "without a status"] += count
    peers = plural(counts.total(), "peer")
    return f"{peers}: {_listed(counts)}" if counts else peers


def _word(done: str, outcome: Outcome) -> str:
    return done if outcome is Outcome.CONFIRMED else outcome_words(outcome)


def outcome_words(outcome: Outcome) -> str:
    """Return an outcome in words."""
    return "not attempted" if outcome is Outcome.SKIPPED else outcome.value.replace("_", " ")


def _listed(counts: Counter[str]) -> str:
    shown = counts.most_common(_MOST_STATUSES)
    rest = counts.total() - sum(count for _, count in shown)
    return ", ".join([*(f"{count} {word}" for word, count in shown), *([f"{rest} other"] if rest else [])])
