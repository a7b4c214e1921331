"""The README: it is short, and its recipes run as they are written."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cdpctl.errors import ExitCode
from cdpctl.sandbox.server import Sandbox
from tests.support.program import SCRIPT, Program, changes

pytestmark = [pytest.mark.loopback, pytest.mark.skipif(os.name == "nt", reason="the recipes are for bash")]
README = Path(__file__).parents[2] / "README.md"
_TEXT = README.read_text(encoding="utf-8")


def block(language: str, holding: str) -> str:
    """Return the one code block of a language that holds a text."""
    [found] = [text for text in re.findall(rf"```{language}\n(.*?)```", _TEXT, re.DOTALL) if holding in text]
    return str(found)


@pytest.fixture
def shell(tmp_path: Path, sandbox: Sandbox) -> Program:
    """Return a program whose environment a shell can use: cdpctl is on its PATH."""
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


def test_recipe_for_cron_runs(shell: Program, sandbox: Sandbox, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text(sandbox.password)
    password.chmod(0o600)
    line = block("cron", "cdpctl").split("  ", 2)[-1].removeprefix("0  ").strip()
    command = line[line.index("CDPCTL_URL") :]
    command = command.replace("https://cdp.example.com:38080", sandbox.url)
    command = command.replace("/etc/cdpctl/password", str(password)).replace("/opt/cdpctl/bin/", "")
    del shell.env["CDPCTL_PASSWORD"]
    # Cron mails whatever is printed.
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


def test_service_in_it_runs_its_command(shell: Program, sandbox: Sandbox, tmp_path: Path) -> None:
    text = block("ini", "ExecStart")
    password = tmp_path / "cdp-password"
    password.write_text(f"{sandbox.password}\n")
    password.chmod(0o600)
    settings = re.findall(r"CDPCTL_\w+=\S+", text)
    settings = [each.replace("https://cdp.example.com:38080", sandbox.url) for each in settings]
    settings = [each.replace("%d", str(tmp_path)) for each in settings]
    [command] = re.findall(r"^ExecStart=/opt/cdpctl/bin/(.*)$", text, re.MULTILINE)
    del shell.env["CDPCTL_PASSWORD"]
    # systemd sets no HOME for a service of the system.
    shell.env.pop("XDG_CONFIG_HOME", None)
    run(shell, f"unset HOME; {' '.join(settings)} {command}")
    assert changes(sandbox)[-1] == "PUT AP2/start"
