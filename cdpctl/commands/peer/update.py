"""`cdpctl peer update`: changes the description, log levels and roles of peers."""

from collections.abc import Iterable, Mapping
from functools import partial

from cdpctl.cdp.client import CdpClient
from cdpctl.commands.options import Text, Texts, command, option
from cdpctl.commands.peer_options import ChangeOptions, PeerSelection
from cdpctl.commands.report import Operation
from cdpctl.commands.run_operation import run_operation
from cdpctl.commands.runtime import Runtime
from cdpctl.errors import ExitCode, UsageError
from cdpctl.operations.inventory import Inventory, read_settings
from cdpctl.operations.update import update
from cdpctl.peers.changes import Changes
from cdpctl.peers.selection import Selection
from cdpctl.text import quoted, unknown_value

_WORDS = {"on": True, "off": False}


@command(timeout="30s, or 60s with --no-wait")
def run(
    runtime: Runtime,
    choice: PeerSelection,
    pace: ChangeOptions,
    description: Text = option("--description T", "Set the description to T."),
    log_level: Texts = option(
        "--log-level COMPONENT=LEVEL", "Set the log level of a component: WARN, DEBUG, OFF, INFO or ERROR."
    ),
    metrics_sync: Text = option("--metrics-sync on|off", "Make peers metrics sync points or not."),
    workflow_server: Text = option("--workflow-server on|off", "Make peers workflow servers or not."),
) -> ExitCode:
    """Change the description, log levels and roles of peers.

    Only the given settings are sent, in one call for all peers. Components and log levels that a peer does
    not have are refused, and so are roles for a LAP. The CDP accepts the request without checking it, so
    the peers are read until they show the change. Selections and protected profiles ask for confirmation.

    Examples:
        cdpctl peer update AP1 --log-level Adapters=DEBUG
        cdpctl peer update --type ap --log-level Adapters=WARN --log-level Health=ERROR --yes
        cdpctl peer update AP1 AP2 --description 'Batch jobs' --dry-run
    """
    changes = Changes(
        _text("--description", description),
        _levels(log_level or ()),
        _switch("--metrics-sync", metrics_sync),
        _switch("--workflow-server", workflow_server),
    )
    if changes == Changes():
        raise UsageError(
            "nothing to change", hint="add --description, --log-level, --metrics-sync or --workflow-server"
        )

    def read(session: CdpClient, selection: Selection) -> Inventory:
        statuses = bool(selection.statuses or selection.not_statuses)
        return read_settings(session, None, statuses=statuses)

    work = partial(update, changes=changes)
    return run_operation(runtime, Operation("update", "updated"), choice, pace.conditions(), work, read=read)


def _levels(typed: Iterable[str]) -> Mapping[str, str]:
    levels: dict[str, str] = {}
    for each in typed:
        component, equals, level = (part.strip() for part in each.rpartition("="))
        if not equals or not component or not level:
            raise UsageError(
                f"--log-level: {quoted(each)} is not COMPONENT=LEVEL", hint="--log-level Adapters=DEBUG"
            )
        if levels.setdefault(_text("--log-level", component) or "", level.upper()) != level.upper():
            raise UsageError(f"--log-level: {quoted(component)} is given twice, with different levels")
    return levels


def _switch(option: str, typed: str | None) -> bool | None:
    if typed is None:
        return None
    if typed.lower() not in _WORDS:
        raise unknown_value(option, typed, _WORDS)
    return _WORDS[typed.lower()]


def _text(option: str, typed: str | None) -> str | None:
    if typed is not None and any("\ud800" <= char <= "\udfff" for char in typed):
        raise UsageError(f"{option}: the value is not valid text")
    return typed
