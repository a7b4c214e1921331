"""`cdpctl completion`: printing and installing the scripts."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cdpctl.completion.install import put
from tests.completion.shells import COMPLETIONS, environment


def _run(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    env = environment(home, XDG_DATA_HOME="", **more)
    return subprocess.run(
        [sys.executable, "-m", "cdpctl", *words], capture_output=True, text=True, env=env, timeout=60
    )


def test_printed_script_is_the_committed_one(tmp_path: Path) -> None:
    done = _run(tmp_path, "completion", "bash")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (COMPLETIONS / "cdpctl.bash").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_install_for_zsh_loads_in_a_new_shell_and_changes_nothing_twice(tmp_path: Path) -> None:
    (tmp_path / ".zshrc").write_text("export MINE=1")
    first = _run(tmp_path, "completion", "install", "-o", "json", SHELL="/usr/bin/zsh")
    document = json.loads(first.stdout)
    assert (first.returncode, len(document["written"])) == (0, 2)
    assert "rm " in first.stderr
    script = tmp_path / ".local/share/zsh/site-functions/_cdpctl"
    assert document["script"] == str(script)
    again = json.loads(_run(tmp_path, "completion", "install", "-o", "json", SHELL="/usr/bin/zsh").stdout)
    assert again["written"] == []
    shell = subprocess.run(
        ["zsh", "-i", "-c", "print $MINE $_comps[cdpctl]"],
        capture_output=True,
        text=True,
        env=environment(tmp_path, ZDOTDIR=str(tmp_path)),
        stdin=subprocess.DEVNULL,
        timeout=20,
    )
    assert shell.stdout == "1 _cdpctl\n", shell.stderr


@pytest.mark.parametrize(
    ("shell", "place"),
    [
        ("bash", ".local/share/bash-completion/completions/cdpctl"),
        ("fish", "config/fish/completions/cdpctl.fish"),
    ],
)
def test_install_puts_the_script_where_the_shell_looks(tmp_path: Path, shell: str, place: str) -> None:
    done = _run(tmp_path, "completion", "install", "--shell", shell)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / place).is_file()
    assert not (tmp_path / ".zshrc").exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_what_a_shell_runs_is_for_this_user_alone_to_change(tmp_path: Path, shell: str) -> None:
    home = tmp_path / "home"
    home.mkdir(0o755)
    line = ["sh", "-c", 'umask 000; exec "$@"', "sh", sys.executable, "-m", "cdpctl"]
    env = environment(home, XDG_DATA_HOME="", XDG_CONFIG_HOME="", ZDOTDIR=str(home))
    done = subprocess.run(
        [*line, "completion", "install", "--shell", shell], capture_output=True, env=env, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert [each for each in home.rglob("*") if each.stat().st_mode & 0o022] == []


def test_link_and_mode_of_the_settings_of_zsh_stay(tmp_path: Path) -> None:
    target, link = tmp_path / "dotfiles", tmp_path / ".zshrc"
    target.write_text("export MINE=1")
    target.chmod(0o640)
    link.symlink_to(target)
    put("zsh", "script", {"HOME": str(tmp_path)})
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert target.read_text().startswith("export MINE=1\n# completion of cdpctl\n")


@pytest.mark.parametrize("shell", ["/bin/tcsh", ""])
def test_install_for_a_shell_without_a_script_is_refused(tmp_path: Path, shell: str) -> None:
    done = _run(tmp_path, "completion", "install", SHELL=shell)
    assert done.returncode == 2
    assert "--shell bash" in done.stderr


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_install_into_a_home_that_cannot_be_written_is_a_config_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        done = _run(tmp_path, "completion", "install", "--shell", "bash")
    finally:
        tmp_path.chmod(0o700)
    assert done.returncode == 10
    assert "Permission denied" in done.stderr
