"""Which peers a command is about and how it goes about them, as typed."""

from typing import Annotated, NamedTuple

import typer

from cdpctl.commands.runtime import Runtime
from cdpctl.deadline import parse_duration
from cdpctl.errors import NotFoundError, UsageError
from cdpctl.operations.run import Options
from cdpctl.peers.names import check_names
from cdpctl.peers.selection import Selection, names_from_text
from cdpctl.text import join_names, quoted

#: Seconds between two looks at the grid.
_INTERVAL = 2.0

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME]...", help="Peers, by name; - reads standard input.")
]


class PeerSelection(NamedTuple):
    """Which peers a command is about, as typed."""

    names: Names = None
    types: Annotated[
        list[str] | None, typer.Option("--type", metavar="T", help="Every peer of type ap or lap.")
    ] = None
    match: Annotated[
        list[str] | None, typer.Option("--match", metavar="GLOB", help="Every AP and LAP whose name matches.")
    ] = None
    status: Annotated[
        list[str] | None, typer.Option("--status", metavar="S", help="Every one in this status.")
    ] = None
    all_peers: Annotated[bool, typer.Option("--all", help="Every AP and LAP.")] = False
    from_file: Annotated[
        list[str] | None,
        typer.Option(
            "--from-file", metavar="FILE|-", help="Names, one a line, or the JSON of an earlier run."
        ),
    ] = None
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Leave these out.")
    ] = None

    @property
    def selection(self) -> Selection:
        """The selecting options.

        Raises:
            UsageError: a type that cannot be chosen.
        """
        for kind in self.types or ():
            if kind.lower() not in ("ap", "lap"):
                raise UsageError(
                    f"--type: {quoted(kind)} cannot be chosen for this",
                    hint="write --type ap or --type lap; a CDP and an HA-CDP are left alone",
                )
        return Selection(
            tuple(self.types or ()),
            tuple(self.match or ()),
            tuple(self.status or ()),
            self.all_peers,
            tuple(self.exclude or ()),
        )

    def check(self) -> Selection:
        """Return the selection of a choice that makes sense.

        Raises:
            UsageError: names and a selection at once, or neither.
        """
        selection, named = self.selection, bool(self.names or self.from_file)
        if selection.selects and named:
            raise UsageError(
                "names and a selection at once: it is not clear which peers are meant",
                hint="give names, or --type, --match, --status, --all; --exclude goes with either",
            )
        if not selection.selects and not named:
            raise UsageError(
                "no peers named", hint="give names, a selection such as --match 'AP*', or --from-file FILE"
            )
        return selection

    def given_names(self, runtime: Runtime) -> list[str]:
        """Return the names typed and read from files, checked, each once, without the excluded.

        Raises:
            UsageError: a name that cannot be a peer's, or a file without names.
            NotFoundError: nothing is left.
        """
        sources = list(self.from_file or ())
        names = list(self.names or ())
        if names == ["-"]:
            names, sources = [], ["-", *sources]
        for source in sources:
            label = "standard input" if source == "-" else source
            names += names_from_text(runtime.read_input(source), label)
        kept, repeated = check_names(names)
        if repeated:
            runtime.output.note(f"named more than once, asked for once: {join_names(repeated)}")
        kept = [name for name in kept if not self.selection.excludes(name)]
        if not kept:
            raise nothing_selected()
        return kept


class OperationOptions(NamedTuple):
    """How an operation sends and looks, as typed."""

    interval: Annotated[
        str | None, typer.Option("--interval", metavar="D", help="Between two looks (2s).")
    ] = None
    each: Annotated[bool, typer.Option("--each", help="One call a peer in place of one for all.")] = False
    parallel: Annotated[
        int,
        typer.Option("--parallel", metavar="N", min=1, max=64, help="So many calls at a time with --each."),
    ] = 8
    strict: Annotated[bool, typer.Option("--strict", help="Send nothing unless every name is good.")] = False
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Send nothing more after a peer that is not ok.")
    ] = False
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent; send nothing.")] = False
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
    no_preflight: Annotated[
        bool, typer.Option("--no-preflight", help="Send without looking at the grid first.")
    ] = False
    output_failed: Annotated[
        str | None,
        typer.Option("--output-failed", metavar="FILE", help="Write the names not done, for --from-file."),
    ] = None

    def options(self, *, wait: bool) -> Options:
        """Return what the operation goes by.

        Raises:
            UsageError: `--interval` is no duration.
        """
        seconds = _INTERVAL if self.interval is None else parse_duration(self.interval, "--interval")
        return Options(
            wait,
            seconds,
            self.each,
            self.parallel,
            self.strict,
            self.fail_fast,
            self.dry_run,
            not self.no_preflight,
        )


def nothing_selected() -> NotFoundError:
    """Return the error of a selection that matches no peer."""
    return NotFoundError("no peer is selected: nothing was sent", hint="`cdpctl peer list` shows the grid")
