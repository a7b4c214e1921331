"""Changes settings of peers: one PUT for all of them, confirmed by reading the settings back."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from cdpctl.cdp.calls import update_call
from cdpctl.cdp.responses import NOT_SERVED
from cdpctl.errors import CdpctlError, NotFoundError
from cdpctl.operations.follow import Effect, follow
from cdpctl.operations.inventory import Inventory, read_settings
from cdpctl.operations.model import UPDATE, Approve
from cdpctl.operations.parallel import run_parallel
from cdpctl.operations.preflight import preflight
from cdpctl.operations.run import Run
from cdpctl.operations.send import answer_of, plan, settle_planned, take_answer
from cdpctl.peers.changes import SYNC_POINT, Changes, is_on, log_levels
from cdpctl.peers.models import Outcome, Peer
from cdpctl.text import are_the

# Most grids need less for an update, and a read of all settings is large: one is usually enough.
_SETTLED_SECONDS = 0.75


def update(run: Run, approve: Approve, changes: Changes, inventory: Inventory | None = None) -> None:
    """Change settings of the run's peers.

    Args:
        run: the run, with checked names and no repeats.
        approve: called before the request.
        changes: the new settings.
        inventory: the grid as `read_settings` returns it, if the caller has read it.

    Raises:
        CdpctlError: nothing was sent.
    """

    def read(run: Run, inventory: Inventory | None) -> Inventory:
        return _with_levels(run, changes, inventory or read_settings(run.session, run.names), run.unsettled)

    def judge(peer: Peer) -> tuple[Outcome, str] | None:
        if why := changes.why_not(peer):
            return Outcome.REFUSED, why
        return None if changes.missing(peer.raw) else (Outcome.UNCHANGED, "already set")

    inventory, names = preflight(run, inventory, read, judge, impossible="settings cannot be read")
    _guard_roles(run, changes, inventory.peers, names)
    if run.options.dry_run:
        run.tell_cautions()
        if names:
            settle_planned(run, plan(run, update_call(changes.bodies(names)), names))
    elif names:
        approve(names)
        _send(run, changes, names)
        follow(run, Effect(UPDATE.done, partial(_missing, run, changes), first=_SETTLED_SECONDS))


def _with_levels(run: Run, changes: Changes, inventory: Inventory, names: Collection[str]) -> Inventory:
    """Return the grid. If levels are to be changed, read peers without log levels one by one."""
    known = dict(inventory.peers)
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
    return inventory._replace(peers=known)


def _guard_roles(run: Run, changes: Changes, peers: Mapping[str, Peer], names: Sequence[str]) -> None:
    for wanted, keys, what in changes.roles:
        holders = [name for name, peer in peers.items() if is_on(peer.raw, keys)]
        if wanted or not holders or not set(holders) <= set(names):
            continue
        who = "SOAP"
        if keys == SYNC_POINT:
            who = "a grid"
            run.must_confirm = "turning off the last metrics sync point"
        run.cautions.append(f"{are_the(holders, f'only {what}')}, and {who} needs at least one")


def _send(run: Run, changes: Changes, names: Sequence[str]) -> None:
    """Send the request."""
    run.session.ensure_token()
    run.record_sent(UPDATE.verb, names)
    answer = answer_of(run, partial(run.session.update, changes.bodies(names)))
    if isinstance(answer, CdpctlError) and answer.http_status in NOT_SERVED:
        # The peers exist, so it is the call that the CDP does not know.
        message = f"{answer.message}: this CDP cannot update peers"
        for name in names:
            run.settle(run.result(name, Outcome.FAILED, message, http_status=answer.http_status))
    else:
        take_answer(run, UPDATE, names, answer)


def _missing(run: Run, changes: Changes, names: Sequence[str]) -> Mapping[str, str]:
    """Read the peers, and return what each does not show yet."""
    peers = _with_levels(run, changes, read_settings(run.session, names), names).peers
    run.update_known(peers)
    return {
        name: changes.missing(peers[name].raw) if name in peers else "the CDP no longer lists it"
        for name in names
    }
