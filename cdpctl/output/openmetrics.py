"""Writes the metrics of checked grids to a file for node_exporter's textfile collector."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from cdpctl.errors import OutputError
from cdpctl.operations.check import GridCheck
from cdpctl.output.files import write_output
from cdpctl.text import printable, reason_of


def write_metrics(path: Path, grids: Sequence[GridCheck], running: str, seconds: float = 1.0) -> None:
    """Write the metrics of grids. A regular file is replaced as a whole, or not at all.

    Args:
        path: the file. The textfile collector reads files named `*.prom`.
        grids: the results for each grid.
        running: the status that counts as up, `RUNNING`.
        seconds: the time left, because a pipe may have no reader.

    Raises:
        OutputError: it cannot be written.
    """
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()
    up = Gauge("cdpctl_peer_up", "Whether the peer is running.", ["grid", "peer", "type"], registry=registry)
    peers = Gauge("cdpctl_peers", "Peers by type and status.", ["grid", "type", "status"], registry=registry)
    read = Gauge("cdpctl_grid_read", "Whether the grid could be read.", ["grid"], registry=registry)
    read_at = Gauge("cdpctl_read_timestamp_seconds", "When the grid was read.", ["grid"], registry=registry)
    took = Gauge(
        "cdpctl_read_duration_seconds", "How long reading the grid took.", ["grid"], registry=registry
    )
    for grid in grids:
        name = printable(grid.grid)
        read.labels(name).set(grid.error is None)
        took.labels(name).set(grid.seconds)
        if grid.error is not None:
            continue
        read_at.labels(name).set(grid.read_at)
        kinds: Counter[tuple[str, str]] = Counter()
        for peer in grid.peers:
            kind, status = printable(peer.type or "unknown"), printable(peer.status or "unknown")
            up.labels(name, printable(peer.name), kind).set(status.strip().upper() == running)
            kinds[kind, status] += 1
        for (kind, status), count in kinds.items():
            peers.labels(name, kind, status).set(count)
    try:
        write_output(path, generate_latest(registry), seconds)
    except OSError as error:
        raise OutputError(
            f"--openmetrics: {printable(str(path))} cannot be written: {reason_of(error)}",
            hint="name a file that can be written",
        ) from None
