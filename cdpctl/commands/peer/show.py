"""`cdpctl peer show`: shows one peer with its components, adapters and logging."""

from cdpctl.commands.options import argument, command
from cdpctl.commands.runtime import Runtime
from cdpctl.operations.details import read_details
from cdpctl.output.document import Document
from cdpctl.output.sections import sections
from cdpctl.peers.models import Peer
from cdpctl.peers.names import check_names


@command
def run(runtime: Runtime, name: str = argument("NAME", "The name of the peer; case-sensitive.")) -> None:
    """Show one peer: its state, components, adapters and logging.

    Undocumented fields are shown as the CDP sends them. With -o json, `details` is the CDP's own object,
    unchanged.

    Examples:
        cdpctl peer show AP1
        cdpctl peer show AP1 -o json | jq .details.loggingInfo
    """
    runtime.output.check_fields({**Peer("").to_json(), "details": None})
    check_names([name])
    with runtime.session(runtime.deadline()) as session:
        peer, raw = read_details(session, name, runtime.output.warn)
    record = peer.to_json()
    records, tables = [{**record, "details": raw}], sections(raw)
    document = Document("cdpctl.peer/1", runtime.head, None, records, columns=tuple(record), sections=tables)
    runtime.output.document(document)
