"""The metrics file: parsed with the library, replaced as a whole or not at all."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cdpctl.errors import OutputError, UnreachableError
from cdpctl.operations.check import GridCheck, check_peers
from cdpctl.output.openmetrics import write_metrics
from cdpctl.peers.models import Peer


def samples(path: Path) -> dict[tuple[str, ...], float]:
    """Return every sample by name and label values."""
    families = text_string_to_metric_families(path.read_text(encoding="utf-8"))
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def grid() -> GridCheck:
    peers = [Peer("AP1", "AP", "RUNNING"), Peer("AP2", "AP", "STOPPED"), Peer('odd "\\\n', None, None)]
    return GridCheck("prod", check_peers(peers, "RUNNING"), 0.25, 1_800_000_000.0)


def test_file_has_peers_counts_and_times(tmp_path: Path) -> None:
    path = tmp_path / "cdpctl.prom"
    write_metrics(path, [grid()], "RUNNING")
    found = samples(path)
    assert found["cdpctl_peer_up", "prod", "AP1", "AP"] == 1
    assert found["cdpctl_peer_up", "prod", "AP2", "AP"] == 0
    assert found["cdpctl_peer_up", "prod", 'odd "\\\\n', "unknown"] == 0
    assert found["cdpctl_peers", "prod", "RUNNING", "AP"] == 1
    assert found["cdpctl_peers", "prod", "STOPPED", "AP"] == 1
    assert found["cdpctl_grid_read", "prod"] == 1
    assert found["cdpctl_read_timestamp_seconds", "prod"] == 1_800_000_000
    assert found["cdpctl_read_duration_seconds", "prod"] == 0.25


def test_grid_that_cannot_be_read_says_so_and_has_no_peers(tmp_path: Path) -> None:
    path = tmp_path / "cdpctl.prom"
    dead = GridCheck("dr", (), 1.0, 1_800_000_000.0, UnreachableError("connection refused"))
    write_metrics(path, [grid(), dead], "RUNNING")
    found = samples(path)
    assert found["cdpctl_grid_read", "dr"] == 0
    assert not [key for key in found if key[0] != "cdpctl_grid_read" and "dr" in key[1:] and "peer" in key[0]]
    assert ("cdpctl_read_timestamp_seconds", "dr") not in found


def test_file_that_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="--openmetrics"):
        write_metrics(tmp_path / "missing" / "cdpctl.prom", [grid()], "RUNNING")
    (tmp_path / "folder.prom").mkdir()
    with pytest.raises(OutputError):
        write_metrics(tmp_path / "folder.prom", [grid()], "RUNNING")
    assert [each.name for each in tmp_path.iterdir()] == ["folder.prom"]


def test_file_is_replaced_and_readable_by_the_collector(tmp_path: Path) -> None:
    path = tmp_path / "cdpctl.prom"
    path.write_text("old")
    write_metrics(path, [grid()], "RUNNING")
    assert "old" not in path.read_text()
    assert path.stat().st_mode & 0o044
