"""Changes settings of peers: one PUT for all of them, confirmed by reading the settings back."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence

from cdpctl.errors import (
    CdpctlError,
    Interruption,
    LostAnswerError,
    NotFoundError,
    UnclearAnswerError,
    UsageError,
)
from cdpctl.operations.change import Approve, interrupted_report
from cdpctl.operations.confirm import Effect, confirm
from cdpctl.operations.inventory import Inventory, describe, read_settings
from cdpctl.operations.parallel import run_parallel
from cdpctl.operations.preflight import nothing_sent_hint, settle_missing
from cdpctl.operations.run import Report, Request, Run
from cdpctl.operations.send import settle_error
from cdpctl.peers.changes import SYNC_POINT, WORKFLOW_SERVER, Changes, is_on, log_levels
from cdpctl.peers.models import Outcome, Peer
from cdpctl.text import join_names

# Answers of versions that do not serve this call.
_NOT_SERVED = (404, 405, 501)
# This much of the remaining time is kept to read the peers if the answer does not come.
_KEPT_SHARE, _KEPT_SECONDS = 0.25, 5.0


def update(
    run: Run, root: str, approve: Approve, changes: Changes, inventory: Inventory | None = None
) -> Report:
    """Change settings of the run's peers.

    Args:
        run: the run, with checked names and no repeats.
        root: the CDP's REST root, for the URL of a dry run.
        approve: called before the request.
        changes: the new settings.
        inventory: the grid as `read_settings` returns it, if the caller has read it.

    Returns:
        The report, even of an interrupted run.

    Raises:
        CdpctlError: nothing was sent.
    """
    try:
        names = _preflight(run, changes, inventory)
        if run.options.dry_run:
            run.tell_cautions()
            _plan(run, root, changes, names)
        elif names:
            approve(names)
            confirm(run, Effect("updated", _missing(run, changes)), _send(run, changes, names))
    except Interruption as interruption:
        return interrupted_report(run, interruption)
    return run.report()


def _preflight(run: Run, changes: Changes, inventory: Inventory | None) -> list[str]:
    """Settle every peer that needs no request, and return the others."""
    with nothing_sent_hint(unseen=False):
        inventory = inventory or read_settings(run.session, run.names)
        if not inventory.served:
            raise UsageError(
                "cannot update: this CDP serves neither /info/peer nor /peer, so settings cannot be read",
                hint="nothing was sent",
            )
        peers = _with_levels(run, changes, inventory.peers, run.names)
    run.update_known(peers)
    settle_missing(run, inventory)
    wanted = []
    for name in run.names:
        if name in run.results:
            continue
        why = changes.why_not(peers[name])
        if name in inventory.contradictions:
            why = f"the CDP lists it more than once, as {describe(inventory.contradictions[name])}"
        if why:
            run.settle(run.result(name, Outcome.REFUSED, why))
        elif not changes.missing(peers[name].raw):
            run.settle(run.result(name, Outcome.UNCHANGED, "already set"))
        else:
            wanted.append(name)
    if run.options.strict and any(not result.ok for result in run.results.values()):
        run.skip(wanted, "not sent: other peers were refused or not found, and --strict was given")
        return []
    _guard_roles(run, changes, peers, wanted)
    return wanted


def _with_levels(
    run: Run, changes: Changes, peers: Mapping[str, Peer], names: Collection[str]
) -> dict[str, Peer]:
    """Return the peers. If levels are to be changed, read peers without log levels one by one."""
    known = dict(peers)
    silent = [name for name in names if name in known and not log_levels(known[name].raw)]
    if changes.levels and silent:

        def read(name: str) -> None:
            try:
                details = run.session.get_peer(name)
            except NotFoundError:
                # This version cannot read a single peer.
                return
            known[name] = known[name]._replace(raw={**known[name].raw, **details})

        run_parallel(silent, read, run.options.parallel, lambda: False)
    return known


def _guard_roles(run: Run, changes: Changes, peers: Mapping[str, Peer], names: Sequence[str]) -> None:
    for wanted, keys, what in (
        (changes.metrics_sync, SYNC_POINT, "metrics sync point"),
        (changes.workflow_server, WORKFLOW_SERVER, "workflow server"),
    ):
        holders = [name for name, peer in peers.items() if is_on(peer.raw, keys)]
        if wanted is not False or not holders or not set(holders) <= set(names):
            continue
        verb = "is the only" if len(holders) == 1 else "are the only"
        one = what if len(holders) == 1 else f"{what}s"
        if keys == SYNC_POINT:
            run.cautions.append(f"{join_names(holders)} {verb} {one}, and a grid needs at least one")
            run.must_confirm = "turning off the last metrics sync point"
        else:
            run.cautions.append(f"{join_names(holders)} {verb} {one}, and SOAP needs at least one")


def _body(changes: Changes, names: Sequence[str]) -> list[dict[str, object]]:
    return [changes.body(name) for name in names]


def _plan(run: Run, root: str, changes: Changes, names: Sequence[str]) -> None:
    if not names:
        return
    request = Request("PUT", f"{root}/peer", json.dumps({"peers": _body(changes, names)}))
    run.requests.append(request)
    many = f" for {len(names)} peers" if len(names) > 1 else ""
    for name in names:
        run.settle(run.result(name, Outcome.PLANNED, f"would send PUT {request.url}{many}"))


def _send(run: Run, changes: Changes, names: Sequence[str]) -> dict[str, CdpctlError]:
    """Send the request, and return the error for each peer if its answer was lost."""
    run.session.ensure_token()
    run.record_sent("update", names)
    try:
        deadline = run.deadline.reserve(_KEPT_SHARE, _KEPT_SECONDS)
        receipt = run.session.update(_body(changes, names), deadline)
    except (LostAnswerError, UnclearAnswerError) as error:
        return dict.fromkeys(names, error)
    except CdpctlError as error:
        if error.http_status in _NOT_SERVED:
            # The peers exist, so it is the call that the CDP does not know.
            message = f"{error.message}: this CDP cannot update peers"
            for name in names:
                run.settle(run.result(name, Outcome.FAILED, message, http_status=error.http_status))
        else:
            settle_error(run, names, error)
        return {}
    run.record_accepted(names, receipt)
    return {}


def _missing(run: Run, changes: Changes) -> Callable[[Sequence[str]], Mapping[str, str]]:
    def read(names: Sequence[str]) -> Mapping[str, str]:
        inventory = read_settings(run.session)
        peers = _with_levels(run, changes, inventory.peers, names)
        run.update_known(peers)
        return {
            name: changes.missing(peers[name].raw) if name in peers else "the CDP no longer lists it"
            for name in names
        }

    return read
