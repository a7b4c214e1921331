"""The README is short, and its recipes work as written."""

import os
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from importlib.util import find_spec
from pathlib import Path

import pytest

from cdpctl.errors import ExitCode
from cdpctl.sandbox.cdp import Conduct
from cdpctl.sandbox.faults import parse_fault
from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import default_peers
from cdpctl.sandbox.server import Sandbox
from tests.support.program import SCRIPT, Program, changes

pytestmark = [pytest.mark.loopback, pytest.mark.skipif(os.name == "nt", reason="the recipes are for bash")]
README = Path(__file__).parents[2] / "README.md"
_TEXT = README.read_text(encoding="utf-8")


def block(language: str, holding: str) -> str:
    """Return the only code block of a language that contains a text."""
    [found] = [text for text in re.findall(rf"```{language}\n(.*?)```", _TEXT, re.DOTALL) if holding in text]
    return str(found)


@pytest.fixture
def shell(tmp_path: Path, sandbox: Sandbox) -> Program:
    """Return a program with cdpctl on its PATH, for shells."""
    program = Program(tmp_path, sandbox)
    program.env["PATH"] = f"{Path(SCRIPT).parent}{os.pathsep}{program.env['PATH']}"
    return program


def run(shell: Program, script: str, code: int = 0, *, quiet: bool = False) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=shell.env,
        cwd=shell.env["HOME"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == code, done.stdout + done.stderr
    if quiet:
        assert done.stdout + done.stderr == ""
    for secret in shell.secrets:
        assert secret not in done.stdout + done.stderr
    return done.stdout


def test_it_is_short_and_its_pictures_and_pages_are_there() -> None:
    assert len(_TEXT.splitlines()) <= 200
    for target in re.findall(r"\]\(([^)#]+)\)", _TEXT):
        assert (README.parent / target).exists(), target


def test_contributing_names_files_that_are_there() -> None:
    text = (README.parent / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:cdpctl|tests|completions)/[\w./]+)`", text))
    assert len(named) > 20
    missing = {name for name in named if not (README.parent / name).exists()}
    assert missing == {"cdpctl/commands/peer/rename.py"}, "the file of the example alone"


def test_table_of_exit_codes_has_all_of_them() -> None:
    table = set(re.findall(r"^\| ([\d, ]+) \|", _TEXT, re.MULTILINE))
    assert {int(code) for cell in table for code in cell.split(", ")} == {int(code) for code in ExitCode}


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is missing")
def test_recipe_for_the_shell_runs(shell: Program, sandbox: Sandbox) -> None:
    assert run(shell, block("bash", "--output-failed")) == ""
    assert changes(sandbox) == ["POST stop"]


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is missing")
def test_recipe_for_the_shell_tries_again_and_says_what_failed(shell: Program, tmp_path: Path) -> None:
    script = block("bash", "--output-failed")
    (tmp_path / "failed.txt").write_text("LAP\n")
    with Sandbox(Grid(default_peers()), conduct=Conduct(faults=(parse_fault("stop:500"),))) as sandbox:
        shell.env |= sandbox.environment()
        said = run(shell, script, 1)
        assert changes(sandbox) == ["POST stop", "POST stop"]
    assert said.startswith("AP1: stop 2 peers: Internal Server Error")
    shell.env["CDPCTL_URL"] = "http://127.0.0.1:9"
    assert "connection refused" in run(shell, script, 1)


def test_recipe_for_cron_runs(shell: Program, sandbox: Sandbox, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text(sandbox.password)
    password.chmod(0o600)
    line = block("cron", "cdpctl").split("  ", 2)[-1].removeprefix("0  ").strip()
    command = line[line.index("CDPCTL_URL") :]
    command = command.replace("https://cdp.example.com:38080", sandbox.url)
    command = command.replace("/etc/cdpctl/password", str(password)).replace("/opt/cdpctl/bin/", "")
    del shell.env["CDPCTL_PASSWORD"]
    # Cron mails any output.
    run(shell, command, quiet=True)
    assert changes(sandbox)[:2] == ["PUT AP1/stop", "PUT AP1/start"]
    assert sandbox.journal[-1].path.endswith("/logout")


def test_recipe_for_a_job_server_runs(shell: Program, sandbox: Sandbox, tmp_path: Path) -> None:
    peers = tmp_path / "peers"
    peers.write_text("# of this job\nAP1\nAP2\nLAP\n")
    shell.env["PEERS_FILE"] = str(peers)
    run(shell, block("bash", "PEERS_FILE"))
    assert changes(sandbox) == ["POST stop", "POST start", "PUT LAP/stop", "PUT LAP/start"]


def test_configuration_in_it_is_one(shell: Program) -> None:
    folder = Path(shell.env["HOME"], ".config", "cdpctl")
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(block("toml", "default_profile"))
    assert shell.json("config", "profiles", code=0)["profiles"][0]["name"] == "prod"


def used(text: str, shell: Program, sandbox: Sandbox, folder: Path) -> str:
    """Return a recipe with the grid and the password of the test."""
    password = folder / "password"
    password.write_text(f"{sandbox.password}\n")
    password.chmod(0o600)
    shell.env.pop("CDPCTL_PASSWORD", None)
    text = text.replace("https://cdp.example.com:38080", sandbox.url).replace("/opt/cdpctl/bin/", "")
    return text.replace("/etc/cdpctl/password", str(password)).replace("%d/cdp-password", str(password))


def test_recipe_for_monitoring_answers_as_a_plugin(shell: Program, sandbox: Sandbox, tmp_path: Path) -> None:
    command = used(block("nagios", "command_line"), shell, sandbox, tmp_path).removeprefix("command_line  ")
    assert run(shell, command, 2).startswith("PEERS CRITICAL - 1 of 3 peers not running: AP3 (STOPPED) | ")
    assert run(shell, command.replace("--type ap", "AP1"), 0).startswith("PEERS OK - 1 peer running | ")
    assert run(shell, command.replace(sandbox.url, "http://127.0.0.1:9"), 3).startswith("PEERS UNKNOWN - ")


def test_service_in_it_writes_metrics(shell: Program, sandbox: Sandbox, tmp_path: Path) -> None:
    text = used(block("ini", "--openmetrics"), shell, sandbox, tmp_path)
    text = text.replace("/var/lib/node_exporter", str(tmp_path))
    timer = ConfigParser()
    timer.read_string(text[text.index("[Timer]") :])
    assert timer["Install"]["WantedBy"] == "timers.target", "without it, the timer cannot be enabled"
    settings = re.findall(r"CDPCTL_\w+=\S+", text)
    [command] = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    [good] = re.findall(r"^SuccessExitStatus=(.*)$", text, re.MULTILINE)
    assert good == "1 2", "a peer that is down is no failure of the service"
    # systemd sets no HOME for system services.
    shell.env.pop("XDG_CONFIG_HOME", None)
    run(shell, f"unset HOME; {' '.join(settings)} {command}", 2)
    metrics = (tmp_path / "cdpctl.prom").read_text()
    assert 'cdpctl_peer_up{grid="default",peer="AP3",type="AP"} 0.0' in metrics
    assert 'cdpctl_grid_read{grid="default"} 1.0' in metrics


@pytest.mark.skipif(find_spec("ansible") is None, reason="ansible-core is not installed")
def test_play_in_it_runs(shell: Program, sandbox: Sandbox, tmp_path: Path) -> None:
    play = block("yaml", "cdpctl.grid.peer").replace("https://cdp.example.com:38080", sandbox.url)
    (tmp_path / "play.yaml").write_text(play)
    shell.env |= {"CDP_PASSWORD": sandbox.password, "LC_ALL": "C.UTF-8", "ANSIBLE_LOCAL_TEMP": str(tmp_path)}
    shell.env = {name: value for name, value in shell.env.items() if not name.startswith("CDPCTL_")}
    # Facts about this machine take longer than the play.
    shell.env |= {"CDPCTL_NO_KEYRING": "1", "ANSIBLE_GATHERING": "explicit"}
    run(
        shell,
        'ANSIBLE_COLLECTIONS_PATH="$(cdpctl ansible path)" '
        f"ansible-playbook -e ansible_python_interpreter={sys.executable} play.yaml",
    )
    assert changes(sandbox) == ["POST stop"]
