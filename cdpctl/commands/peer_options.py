"""The options for selecting peers and for operations."""

from collections.abc import Iterable
from typing import NamedTuple

from cdpctl.commands.inputs import comma_list, read_input
from cdpctl.commands.options import Text, Texts, argument, duration, flag, option, whole_number
from cdpctl.commands.runtime import CHANGE_TIMEOUT, WAITING_TIMEOUT, Runtime
from cdpctl.errors import NotFoundError, UsageError
from cdpctl.operations.model import Options
from cdpctl.peers.name_files import names_from_text
from cdpctl.peers.names import check_names
from cdpctl.peers.selection import Selection
from cdpctl.text import command_line, did_you_mean, join_names, near_misses, quoted

#: Seconds between two checks of the grid.
CHECK_SECONDS = 2.0

SELECTION, SENDING, WAITING = "Selection", "Sending", "Waiting"

INTERVAL = duration("--interval D", "Time between checks (default 2s).", WAITING, CHECK_SECONDS)
STRICT = flag("--strict", "Send nothing unless every peer can be changed.", SENDING)
FAIL_FAST = flag("--fail-fast", "Send nothing more after the first failure.", SENDING)
DRY_RUN = flag("--dry-run", "Show what would be sent and send nothing.", SENDING)
YES = flag("--yes -y", "Do not ask for confirmation.", SENDING)
OUTPUT_FAILED = option(
    "--output-failed FILE", "Write the names of peers that are not ok to FILE, for --from-file.", SENDING
)


def group_members(runtime: Runtime, groups: Iterable[str]) -> tuple[str, ...]:
    """Return the names and patterns in groups of the profile.

    Raises:
        UsageError: the profile has no such group.
    """
    members: list[str] = []
    for each in groups:
        known = runtime.settings.groups
        if each not in known:
            raise UsageError(
                f"profile {runtime.settings.profile}: unknown group {quoted(each)}"
                f"{did_you_mean(near_misses(each, known, 1))}",
                hint=command_line("config get groups"),
            )
        members += known[each]
    return tuple(members)


class ListSelection(NamedTuple):
    """The options for selecting peers in a list."""

    types: Texts = option("--type T", "Only these types: ap, lap, and for reads cdp, ha-cdp.", SELECTION)
    match: Texts = option("--match GLOB", "Only peers whose name matches GLOB.", SELECTION)
    status: Texts = option("--status S", "Only peers with this status, such as RUNNING.", SELECTION)
    not_status: Texts = option("--not-status S", "Only peers without this status.", SELECTION)
    group: Texts = option("--group G", "Only peers of this group of the profile.", SELECTION)
    all_peers: bool = flag("--all", "Select every AP and LAP.", SELECTION)
    from_file: Texts = option(
        "--from-file FILE|-",
        "Read names from FILE, one per line, or from the JSON of a list or of an operation "
        "(its peers that are not ok).",
        SELECTION,
    )
    exclude: Texts = option("--exclude GLOB", "Leave out peers whose name matches GLOB.", SELECTION)

    def selection(self, runtime: Runtime) -> Selection:
        """Return the selection.

        Raises:
            UsageError: a value is empty, or a group is unknown.
        """
        return Selection(
            types=comma_list("--type", self.types),
            match=comma_list("--match", self.match),
            statuses=comma_list("--status", self.status),
            exclude=comma_list("--exclude", self.exclude),
            not_statuses=comma_list("--not-status", self.not_status),
            members=group_members(runtime, comma_list("--group", self.group)) if self.group else None,
            all_peers=self.all_peers,
        )


#: For a command that takes names only.
NO_SELECTION = ListSelection._make([None] * len(ListSelection._fields))


class PeerSelection(NamedTuple):
    """The names and the options for selecting peers."""

    listed: ListSelection
    names: Texts = argument("[NAME]...", "Names of peers; - reads standard input.", None)

    def check(self, runtime: Runtime) -> Selection:
        """Return the selection.

        Raises:
            UsageError: a type cannot be selected, a value is empty, a group is unknown, or there are both
                names and a selection, or neither.
        """
        for kind in comma_list("--type", self.listed.types):
            if kind.lower() not in ("ap", "lap"):
                raise UsageError(
                    f"--type: cannot select {quoted(kind)}: use ap or lap",
                    hint="nothing was sent; a CDP or an HA-CDP is never selected",
                )
        selection, named = self.listed.selection(runtime), bool(self.names or self.listed.from_file)
        if selection.selects and named:
            raise UsageError(
                "names and a selection cannot be combined",
                hint="nothing was sent; give names, or --type, --match, --status, --group or --all",
            )
        if not selection.selects and not named:
            raise UsageError(
                "no peers given", hint="give names, a selection such as --match 'AP*', or --from-file FILE"
            )
        return selection

    def given_names(self, runtime: Runtime) -> list[str]:
        """Return the checked names from the command line and from files, without repeats and excluded ones.

        Raises:
            UsageError: a name is not valid, or a file has no names.
            NotFoundError: no names are left.
        """
        sources = list(self.listed.from_file or ())
        names, done = list(self.names or ()), []
        if names == ["-"]:
            names, sources = [], ["-", *sources]
        if "-" in names:
            also = "" if self.listed is NO_SELECTION else "; to read more names as well, use --from-file -"
            raise UsageError(
                "- reads standard input and must be the only name", hint=f"nothing was sent{also}"
            )
        for source in sources:
            label = "standard input" if source == "-" else source
            found = names_from_text(read_input(source, runtime.input_seconds), label)
            names += found
            if not found:
                done.append(label)
        kept, repeated = check_names(names)
        if done and not kept:
            raise NotFoundError(
                f"nothing to do: every result in {join_names(done)} is ok", hint="nothing was sent"
            )
        if repeated:
            runtime.output.note(f"given more than once: {join_names(repeated)}")
        if self.listed.exclude:
            excluded = Selection(exclude=comma_list("--exclude", self.listed.exclude))
            kept = [name for name in kept if not excluded.excludes(name)]
        if not kept:
            raise nothing_selected()
        return kept


class Conditions(NamedTuple):
    """The options of an operation.

    Attributes:
        options: how to send and wait.
        asking: whether it may ask for confirmation. False after --yes, or if it changes nothing.
        output_failed: the file for the names that are not ok.
        timeout: seconds for a run that waits, unless option, variable or profile give a limit. None means
            no limit.
    """

    options: Options
    asking: bool = False
    output_failed: str | None = None
    timeout: float | None = WAITING_TIMEOUT


class OperationOptions(NamedTuple):
    """The options of stop, start and restart."""

    interval: float = INTERVAL
    each: bool = flag("--each", "One call per peer instead of one for all.", SENDING)
    parallel: int = whole_number(
        "--parallel N", "With --each: calls in parallel, 1 to 64 (default 8).", SENDING, 8, least=1, most=64
    )
    strict: bool = STRICT
    fail_fast: bool = FAIL_FAST
    dry_run: bool = DRY_RUN
    yes: bool = YES
    no_preflight: bool = flag(
        "--no-preflight", "Send without reading the grid first, even if a CDP is named.", SENDING
    )
    output_failed: Text = OUTPUT_FAILED

    def conditions(self, *, wait: bool) -> Conditions:
        """Return the options of the operation."""
        options = Options(
            wait,
            self.interval,
            self.each,
            self.parallel,
            self.strict,
            self.fail_fast,
            self.dry_run,
            not self.no_preflight,
        )
        return Conditions(options, not self.yes, self.output_failed)


class ChangeOptions(NamedTuple):
    """The options of update and delete."""

    wait: bool = flag(
        "--wait/--no-wait",
        "Wait until the grid shows the change, up to --timeout (default --wait, 30s).",
        WAITING,
        default=True,
    )
    interval: float = INTERVAL
    strict: bool = STRICT
    dry_run: bool = DRY_RUN
    yes: bool = YES
    output_failed: Text = OUTPUT_FAILED

    def conditions(self, *, fail_fast: bool = False) -> Conditions:
        """Return the options of the operation."""
        options = Options(
            self.wait, self.interval, strict=self.strict, fail_fast=fail_fast, dry_run=self.dry_run
        )
        return Conditions(options, not self.yes, self.output_failed, CHANGE_TIMEOUT)


def nothing_selected() -> NotFoundError:
    """Return the error for a selection that matches no peer."""
    return NotFoundError("the selection matches no peer; nothing was sent", hint=command_line("peer list"))
