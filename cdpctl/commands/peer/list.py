"""`cdpctl peer list`: lists the peers of the grid, or watches them."""

from cdpctl.commands.grids import in_grids
from cdpctl.commands.options import Text, command, duration, flag, option
from cdpctl.commands.peer_options import CHECK_SECONDS, WAITING, ListSelection, PeerSelection
from cdpctl.commands.runtime import Runtime
from cdpctl.deadline import Deadline, parse_duration
from cdpctl.errors import CdpctlError, ExitCode, Interruption, RejectedError, UsageError
from cdpctl.operations.inventory import Inventory, incomplete, read_whole_inventory
from cdpctl.output.document import Document, Format, Rows
from cdpctl.output.totals import peer_totals
from cdpctl.peers.models import Peer
from cdpctl.peers.selection import Selection
from cdpctl.settings.table import OUTPUT
from cdpctl.text import command_line, unknown_value

_COLUMNS = ("name", "type", "status", "host", "os", "version")


@command(grids=True, timeout="60s, or none with --watch")
def run(
    runtime: Runtime,
    choice: ListSelection,
    sort_by: Text = option("--sort-by FIELD", "Sort by FIELD (default: as listed).", OUTPUT),
    watch: bool = flag("--watch -w", "Keep checking until Ctrl-C.", WAITING),
    interval: float | None = duration("--interval D", "Time between checks (default 2s).", WAITING),
) -> int:
    """List the peers of the grid.

    A status other than RUNNING and STOPPED is shown as the CDP sends it. If no peer matches, the list is
    empty, and the exit code is 0.

    With --watch, the table is redrawn in place on a terminal. Elsewhere, the peers are listed, followed by
    one line for each change, or one record with -o jsonl. Press Ctrl-C to end it, or use --timeout. A check
    that fails is repeated.

    With several profiles, up to 8 grids are read at a time. If only some of the grids can be read, they are
    shown, and the exit code is 3.

    Examples:
        cdpctl peer list --type ap --status STOPPED
        cdpctl peer list --match 'AP*' -o name
        cdpctl peer list --all-profiles --status STOPPED
        cdpctl peer list --watch
        cdpctl peer list --watch -o jsonl --timeout 1h | jq -c 'select(.status != "RUNNING")'
    """
    if interval is not None and not watch:
        raise UsageError("--interval needs --watch")
    record = Peer("").to_json()
    if sort_by is not None and sort_by not in record:
        raise unknown_value("--sort-by", sort_by, record, "field")
    runtime.check_fields({"time": None, "change": None, **record} if watch else record)
    if watch and runtime.asked.several:
        raise UsageError("--watch shows one grid at a time", hint="give one --profile")
    if not runtime.asked.several:
        # First, because the profile may set the format.
        runtime.require_url()
    if watch and runtime.output.format is Format.JSON:
        raise UsageError(
            "--watch cannot be combined with -o json, which is one document",
            hint="--watch -o jsonl writes a record for each change",
        )
    # Once for all grids: standard input can be read only once.
    given = PeerSelection(choice, None).given_names(runtime) if choice.from_file else []

    def selection(grid: Runtime) -> Selection:
        return choice.selection(grid)._replace(names=dict.fromkeys(given))

    if watch:
        return _watch(runtime, selection(runtime), sort_by, interval or CHECK_SECONDS)
    return in_grids(runtime, lambda grid: _list(grid, selection(grid), sort_by))


def _list(runtime: Runtime, selection: Selection, sort_by: str | None) -> None:
    with runtime.session(runtime.deadline()) as session:
        inventory = read_whole_inventory(session)
    check_served(inventory)
    warn_of_gaps(runtime, inventory, selection)
    peers = _sorted(selection.filter(inventory.entries), sort_by)
    records = Rows(peers, Peer.to_json)
    runtime.output.document(Document("cdpctl.peers/1", runtime.head, "peers", records, columns=_COLUMNS))
    if inventory.peers and not peers:
        runtime.output.note("no peer matches the selection")
    elif not inventory.peers and not inventory.nameless:
        runtime.output.note("the grid has no peers")
    runtime.output.totals(peer_totals([peer.status for peer in peers], runtime.output.mark))


def warn_of_gaps(runtime: Runtime, inventory: Inventory, selection: Selection) -> None:
    """Warn of what the grid does not show and what the selection does not find."""
    for text in (*incomplete(inventory), *selection.unknown(inventory.entries)):
        runtime.output.warn(text)


def _sorted(peers: list[Peer], field: str | None) -> list[Peer]:
    """Return peers sorted by a field, with missing values last. Without a field, keep their order."""

    def key(peer: Peer) -> tuple[bool, str]:
        value = getattr(peer, field or "name")
        return value is None, str(value or "").casefold()

    return peers if field is None else sorted(peers, key=key)


def check_served(inventory: Inventory) -> None:
    """Check that the CDP can list its peers.

    Raises:
        RejectedError: it cannot.
    """
    if not inventory.served:
        raise RejectedError(
            "this CDP serves neither /info/peer nor /peer: it cannot list its peers",
            hint=command_line("doctor"),
        )


def _watch(runtime: Runtime, selection: Selection, sort_by: str | None, interval: float) -> ExitCode:
    from cdpctl.operations.watch import changes, polls

    # The time limits of variable and profile are for other commands, so use only the option.
    limit = runtime.shared.timeout
    deadline = Deadline(None if limit is None else parse_duration(limit, "--timeout"))
    before: dict[str, Peer] | None = None
    try:
        with runtime.session(deadline) as session, runtime.output.watch(_COLUMNS, interval) as shown:
            for poll in polls(session, deadline, interval):
                if isinstance(poll, CdpctlError):
                    shown.trouble(poll)
                    continue
                check_served(poll)
                if before is None and not shown.redraws:
                    warn_of_gaps(runtime, poll, selection)
                # One row per name, even if the CDP lists it more than once.
                peers = _sorted(poll.matching(selection), sort_by)
                changed = [(kind, peer.to_json()) for kind, peer in changes(before, peers)]
                shown.answer(Rows(peers, Peer.to_json), changed)
                before = {peer.name: peer for peer in peers}
                if runtime.output.broken_pipe:
                    break
    except Interruption as interruption:
        # Ctrl-C ends a watch without an error.
        if interruption.exit_code is not ExitCode.INTERRUPTED:
            raise
        return ExitCode.INTERRUPTED
    return ExitCode.OK
