"""The Ansible collection with real ansible-core: several grids, check mode, diff, secrets."""

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from cdpctl import __version__
from cdpctl.commands.ansible import collections_folder
from cdpctl.commands.build import build
from cdpctl.commands.tree import TREE
from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import default_peers
from cdpctl.sandbox.server import Sandbox
from tests.support.fault_server import Behaviour, FaultServer, Script, Seen
from tests.support.program import SCRIPT, Program, changes
from tests.support.wire_grid import answer, faulty, healthy

pytestmark = [
    pytest.mark.loopback,
    pytest.mark.skipif(find_spec("ansible") is None, reason="ansible-core is not installed"),
]
# Every task starts two processes for each grid; TEST_GRIDS=20 runs the plays at the size of a large site.
_GRIDS = int(os.environ.get("TEST_GRIDS", "1"))


class Play:
    """Runs plays against grids, each a host of the inventory.

    Args:
        folder: the folder for inventory, plays and Ansible's files.
        grids: the grids by host.
        urls: the URLs of other hosts.
    """

    def __init__(self, folder: Path, grids: Mapping[str, Sandbox], **urls: str) -> None:
        self._folder = folder
        hosts = {name: {"cdp_url": each.url, "cdp_password": each.password} for name, each in grids.items()}
        hosts |= {name: {"cdp_url": url, "cdp_password": "unused"} for name, url in urls.items()}
        shared = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
        }
        inventory = {"all": {"hosts": hosts, "vars": shared}}
        (folder / "inventory.json").write_text(json.dumps(inventory))
        bin_folder = Path(sys.executable).parent
        self.env = {
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "HOME": str(folder),
            "ANSIBLE_COLLECTIONS_PATH": subprocess.run(
                [SCRIPT, "ansible", "path"], capture_output=True, text=True, check=True
            ).stdout.strip(),
            "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "ansible_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "recorder",
            "RECORDED_RESULTS": str(folder / "results.jsonl"),
            "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(folder / "tmp"),
            # Modules are then not copied first, which takes three processes a task.
            "ANSIBLE_PIPELINING": "1",
            "CDPCTL_NO_KEYRING": "1",
            "LC_ALL": "C.UTF-8",
        }

    def __call__(
        self, tasks: Sequence[Mapping[str, Any]], *options: str
    ) -> tuple[int, str, list[dict[str, Any]]]:
        """Run a play of these tasks on every host.

        Returns:
            The exit code, all that was printed, and for each task its results by host.
        """
        tasks = [{"name": str(number), **each} for number, each in enumerate(tasks)]
        recorded = Path(self.env["RECORDED_RESULTS"])
        recorded.write_text("")
        play = [{"hosts": "all", "gather_facts": False, "ignore_unreachable": True, "tasks": tasks}]
        (self._folder / "play.json").write_text(json.dumps(play))
        done = subprocess.run(
            [
                Path(sys.executable).with_name("ansible-playbook"),
                *("-i", self._folder / "inventory.json", "--forks", "10"),
                *options,
                self._folder / "play.json",
            ],
            capture_output=True,
            text=True,
            env=self.env,
            timeout=120,
        )
        results: list[dict[str, Any]] = [{} for _ in tasks]
        for line in recorded.read_text().splitlines():
            result = json.loads(line)
            results[int(result["task"].rpartition(" ")[2])][result["host"]] = result
        return done.returncode, done.stdout + done.stderr, results


def task(module: str = "peer", **arguments: Any) -> dict[str, Any]:
    """Return a task for the host's grid. A failure does not end the play."""
    account = {"url": "{{ cdp_url }}", "username": "operator", "password": "{{ cdp_password }}"}
    return {f"cdpctl.grid.{module}": {**account, **arguments}, "ignore_errors": True}


@pytest.fixture
def grids() -> Iterator[list[Sandbox]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Sandbox(Grid(default_peers(), 0.1, 0.1))) for _ in range(_GRIDS)]


def failing_stops() -> Behaviour:
    """Return a grid that accepts a stop, and whose APs then have a fault."""
    good, stopped = healthy(), False
    peers = [{"name": name, "type": "Activity Peer", "status": "FAULT STATE"} for name in ("AP1", "AP2")]

    def behave(seen: Seen) -> Script:
        nonlocal stopped
        stopped = stopped or seen.target.endswith("/stop")
        if stopped and seen.target.endswith("/info/peer"):
            return [answer(200, json.dumps({"peerInfoList": peers}).encode())]
        return good(seen)

    return behave


@pytest.fixture
def others() -> Iterator[dict[str, str]]:
    """The URLs of grids where a stop fails after it was accepted, is refused, and cannot be sent."""
    refused = faulty(
        lambda _seen: [answer(200, b'{"response":"Failure"}')], lambda seen: seen.target.endswith("/stop")
    )
    with FaultServer(failing_stops()) as failing, FaultServer(refused) as refusing:
        yield {"failing": failing.url, "refusing": refusing.url, "dead": "http://127.0.0.1:9/baocdp"}


def test_play_over_grids_changes_once_and_hides_no_trouble(
    grids: list[Sandbox], others: dict[str, str], tmp_path: Path
) -> None:
    hosts = {f"grid{number}": each for number, each in enumerate(grids)}
    play = Play(tmp_path, hosts, **others)
    stop = task(names=["AP1", "AP2"], state="stopped", timeout="20s")
    alive = {"when": f"inventory_hostname not in {list(others)}"}
    code, said, results = play(
        [
            stop,
            stop | alive,
            task(names=["AP1", "NOPE"], state="started", timeout="20s") | alive,
            task(types=["ap"], state="restarted", timeout="40s", batch="50%") | alive,
            task("peer_info", types=["ap"], names=["AP1", "CDP", "NOPE"]),
        ]
    )
    assert code == 0
    assert not [each for each in grids if each.password in said]
    stopped, again, partly, restarted, listed = results
    for name in hosts:
        assert stopped[name]["changed"], name
        assert [each["outcome"] for each in stopped[name]["results"]] == ["confirmed", "confirmed"]
        assert not again[name]["changed"], name
        assert again[name]["summary"] == {"requested": 2, "ok": 2, "not_ok": 0}
        assert partly[name]["failed"], name
        assert partly[name]["changed"], name
        assert "NOPE" in partly[name]["msg"]
        assert restarted[name]["changed"], name
        assert restarted[name]["left_down"] == []
        assert [each["name"] for each in listed[name]["peers"]] == ["AP1"]
        # The selection leaves out the CDP.
        assert listed[name]["missing"] == ["NOPE"]
        assert "AP1, AP2 are the last running APs" in stopped[name]["warnings"]
    # The CDP accepted the stop.
    assert stopped["failing"]["failed"]
    assert stopped["failing"]["changed"]
    # It refused this one with status 200.
    assert stopped["refusing"]["failed"]
    assert not stopped["refusing"]["changed"]
    for each in (stopped, listed):
        assert each["dead"]["failed"]
        assert not each["dead"]["changed"]
        assert each["dead"]["error"]["code"] == "unreachable"


def test_one_grid_with_check_mode_diff_and_wrong_tasks(grids: list[Sandbox], tmp_path: Path) -> None:
    # One play, because starting Ansible takes longer than all of its tasks.
    grid = grids[0]
    play = Play(tmp_path, {"grid": grid})
    check = {"check_mode": True, "diff": True}
    code, _, results = play(
        [
            task(names=["AP1"], state="stopped") | check,
            task(names=["AP3"], state="stopped") | check,
            task(names=["AP1"], state="stopped", batch="2"),
            task(match=["NOTHING-*"], state="stopped"),
            task(names=["NOTHING"], state="stopped"),
            task(names=["AP2", "AP1"], state="stopped") | {"diff": True},
        ]
    )
    assert code == 0
    would, would_not, no_restart, selected, named, done = [each["grid"] for each in results]
    assert would["changed"]
    assert would["diff"]["before"] == "AP1: RUNNING\n"
    assert would["diff"]["after"] == "AP1: STOPPED\n"
    assert not would_not["changed"]
    assert no_restart["failed"]
    assert "batch" in no_restart["msg"]
    # A selection that matches nothing is not a failure, but a name is.
    assert not selected.get("failed")
    assert not selected["changed"]
    assert named["failed"]
    assert named["exit_code"] == 5
    assert done["diff"]["before"] == "AP2: RUNNING\nAP1: RUNNING\n"
    assert done["diff"]["after"] == "AP2: STOPPED\nAP1: STOPPED\n"
    # Only the last task has sent anything.
    assert changes(grid) == ["POST stop"]


def test_ansible_doc_shows_options_examples_and_results(tmp_path: Path) -> None:
    play = Play(tmp_path, {})
    modules = [f"cdpctl.grid.{module}" for module in ("peer", "peer_info")]
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-doc"), "--json", *modules],
        capture_output=True,
        text=True,
        env=play.env,
        check=True,
    )
    found = json.loads(done.stdout)
    assert sorted(found) == modules
    for shown in found.values():
        common = {"names", "profile", "url", "password", "timeout", "executable"}
        assert common <= shown["doc"]["options"].keys()
        assert "cdpctl.grid." in shown["examples"]
        assert shown["return"]


@pytest.mark.parametrize("verb", ["list", "stop", "start", "restart"])
def test_options_of_the_modules_are_options_of_the_program(verb: str) -> None:
    path = collections_folder() / "ansible_collections/cdpctl/grid/plugins/module_utils/program.py"
    shared = runpy.run_path(str(path))
    words = {**shared["_SELECTING"], **shared["_CONNECTING"]}
    own = {"names", "username", "password", "executable"}
    assert words.keys() | own == shared["SHARED"].keys()
    entry = TREE.commands["peer"].commands[verb]  # type: ignore[union-attr]  # a group
    known = {each for param in build(("peer", verb), entry).params for each in param.opts}
    more = {"--no-input", "--output"} | ({"--batch", "--max-failures"} if verb == "restart" else set())
    more |= set() if verb == "list" else {"--all", "--yes", "--dry-run"}
    assert {*words.values(), *more} <= known


def test_collection_has_the_version_of_the_program() -> None:
    galaxy = (collections_folder() / "ansible_collections/cdpctl/grid/galaxy.yml").read_text()
    assert f"version: {__version__}\n" in galaxy


def test_path_is_where_the_collection_is(tmp_path: Path) -> None:
    cdpctl = Program(tmp_path)
    shown = cdpctl("ansible", "path", code=0).stdout.strip()
    assert Path(shown, "ansible_collections", "cdpctl", "grid", "plugins", "modules", "peer.py").is_file()
    assert cdpctl.json("ansible", "path", code=0)["path"] == shown
