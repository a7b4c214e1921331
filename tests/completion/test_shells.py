"""bash, zsh and fish load the scripts and complete commands, options, values, peers and profiles."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

import pytest

from cdpctl.completion.cache import remember
from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import default_peers
from cdpctl.sandbox.server import Sandbox
from tests.completion.shells import (
    COMPLETIONS,
    complete_in_bash,
    complete_in_fish,
    complete_in_zsh,
    environment,
    type_at_a_terminal,
)

_PEERS = ["AP1", "AP2", "LAP", "My Peer", "it's", "p[a]", "$(touch x)", "zé"]
_LINES = {
    "cdpctl peer st": {"stop", "start"},
    "cdpctl peer stop --no-p": {"--no-preflight"},
    "cdpctl peer stop A": {"AP1", "AP2"},
    "cdpctl peer stop AP1 A": {"AP2"},
    "cdpctl peer list -p p": {"prod", "p.2"},
    "cdpctl peer stop --token -o j": {"json", "jsonl"},
    "cdpctl peer wait LAP --for ": {"running", "stopped"},
    "cdpctl peer list --type ": {"cdp", "ha-cdp", "ap", "lap"},
    "cdpctl peer stop -p other O": {"OTHER1"},
    "cdpctl peer stop --profile=other O": {"OTHER1"},
    "cdpctl peer stop --url http://x:1 U": {"URL1"},
    "cdpctl login --token-store k": {"keyring"},
    "cdpctl -p other peer stop O": {"OTHER1"},
    "cdpctl -q --profile=other peer stop O": {"OTHER1"},
    "cdpctl --timeout 5s peer st": {"stop", "start"},
    "cdpctl -p p": {"prod", "p.2"},
    "cdpctl sandbox run -- cdpctl peer st": {"stop", "start"},
    "cdpctl sandbox run -- peer st": {"stop", "start"},
    "cdpctl -q sandbox run --peers 3 -- peer stop A": {"AP1", "AP2"},
    "cdpctl config set token_store ": {"auto", "keyring", "file", "none"},
    "cdpctl config set -p prod protected t": {"true"},
    "cdpctl config use ": {"prod", "p.2", "other", "dotted", "q"},
    "cdpctl --no-c": {"--no-color"},
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "config" / "cdpctl"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(
        'profiles.dotted.url = "b"\ndefault_profile = "prod"\n[profiles.prod]\nurl = "a"\n[profiles."p.2"]\n'
        "  [ profiles.other ]\n[profiles.prod.groups]\nweb = ['AP1']\n[profiles . 'q']\n"
    )
    for name, peers in {"prod": _PEERS, "other": ["OTHER1"], "@http___x_1": ["URL1"]}.items():
        remember(tmp_path / "cache" / "cdpctl" / "peers", name, peers)
    return tmp_path


def _check(found: list[list[str]]) -> None:
    for (line, wanted), offered in zip(_LINES.items(), found, strict=True):
        assert {each.rstrip() for each in offered} == wanted, line


def test_bash_completes_every_kind_of_word(home: Path) -> None:
    # -u: a user's shell may refuse unset variables.
    _check(complete_in_bash(list(_LINES), environment(home), "-u"))


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes_every_kind_of_word(home: Path) -> None:
    folder = home / "zsh"
    folder.mkdir()
    _check(complete_in_zsh(list(_LINES), environment(home), folder))


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize("feature", ["qmark-noglob", "no-qmark-noglob"])
def test_fish_completes_every_kind_of_word(home: Path, feature: str) -> None:
    # fish 4 turns this feature on.
    offers = complete_in_fish(list(_LINES), environment(home), feature)
    _check([[each.removeprefix("--profile=") for each in offered] for offered in offers])


_STRICT_BASH = "set -euo pipefail; set -E; trap 'echo TRAPPED' ERR; shopt -s failglob nocasematch"
_STRICT_ZSH = "setopt err_exit no_unset warn_create_global ksh_arrays sh_word_split null_glob"
_STRICT = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        f"source {COMPLETIONS / 'cdpctl.bash'}; {_STRICT_BASH}",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        f"autoload -Uz compinit && compinit -D -u; source {COMPLETIONS / '_cdpctl'}; {_STRICT_ZSH}",
    ),
    "fish": (["fish", "--no-config", "-i"], f"source {COMPLETIONS / 'cdpctl.fish'}"),
}
_TYPED = [
    "",
    "no such ",
    "completion ",
    "-p nobody peer stop ",
    "peer list -",
    "peer list -p ",
    "peer stop ",
    "peer stop AP",
    "peer stop AP1 ",
    "peer stop 'A",
    "peer stop $X [",
    "--url=x peer stop ",
    "sandbox run -- peer stop ",
]


def _spoil(kept: Path, state: str) -> None:
    """Bring the stored names into a state."""
    kept.unlink()
    if state == "loop":
        kept.symlink_to(kept)
    elif state != "missing":
        kept.write_bytes({"empty": b"", "cut": b"# 17", "binary": b"\0\xff\n" * 50}[state])


def _assert_quiet(shell: str, typed: Iterable[str], env: Mapping[str, str]) -> str:
    words, settings = _STRICT[shell]
    seen = type_at_a_terminal(words, chain([f"{settings}\r"], typed), env)
    for complaint in ("TRAPPED", "unbound", "not set", "No such file", "no match", "_cdpctl_", "failglob:"):
        assert complaint not in seen.partition("<0>")[2], seen
    return seen


@pytest.mark.parametrize("shell", _STRICT)
def test_tab_in_a_strict_shell_neither_closes_it_nor_complains(home: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    kept = home / "cache" / "cdpctl" / "peers" / "prod"

    def typed() -> Iterator[str]:
        yield from (f"cdpctl {each}\t\t" for each in _TYPED)
        # Each line is taken when the shell has answered the one before it.
        for state in ("empty", "cut", "binary", "loop", "missing"):
            _spoil(kept, state)
            yield f": {state}\r"
            # The content of the file matters only for names of peers.
            named = [each for each in _TYPED if "peer stop" in each]
            lines = named if state == "missing" else ("peer stop AP", "peer stop 'A")
            yield from (f"cdpctl {each}\t\t" for each in lines)
        kept.mkdir()
        yield from (": folder\r", "cdpctl peer stop AP\t\t", "cdpctl peer stop 'A\t\t")

    seen = _assert_quiet(shell, typed(), environment(home))
    if shell != "fish":
        assert "AP1" in seen.partition(": empty")[0]


@pytest.mark.parametrize("shell", _STRICT)
def test_tab_without_a_home_neither_closes_the_shell_nor_complains(home: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    # zsh and fish set HOME themselves.
    env = {name: environment(home)[name] for name in ("PATH", "LC_ALL", "TERM")}
    _assert_quiet(shell, (f"cdpctl {each}\t\t" for each in _TYPED), env)


def test_bash_quotes_names_as_the_shell_needs_them(home: Path) -> None:
    lines = {
        "cdpctl peer stop M": ["My\\ Peer"],
        "cdpctl peer stop My\\ P": ["My\\ Peer"],
        'cdpctl peer stop "My P': ["My Peer"],
        "cdpctl peer stop 'My P": ["My Peer"],
        "cdpctl peer stop i": ["it\\'s"],
        "cdpctl peer stop p": ["p\\[a\\]"],
        "cdpctl peer stop \\$": ["\\$\\(touch\\ x\\)"],
        "cdpctl peer stop --match z": ["zé"],
        "cdpctl sandbox run -- pe": ["peer"],
        "cdpctl sandbox run -- peer wa": ["wait"],
    }
    assert complete_in_bash(list(lines), environment(home)) == list(lines.values())
    assert not (home / "x").exists()


def test_bash_starts_no_process(home: Path) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    # The trap sees every command, including those of subshells.
    watched = """
        source "$1"
        set -T
        trap '((BASH_SUBSHELL)) && echo "a subshell: $BASH_COMMAND" >&2' DEBUG
        COMP_LINE='cdpctl peer stop A' COMP_POINT=18
        _cdpctl
        trap - DEBUG
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        [bash, "--norc", "-c", watched, "bash", str(COMPLETIONS / "cdpctl.bash")],
        capture_output=True,
        text=True,
        env={**environment(home), "PATH": "/nonexistent"},
        timeout=20,
    )
    assert (done.stdout, done.stderr) == ("AP1\nAP2\n", "")


def test_old_list_is_not_offered(home: Path) -> None:
    long_ago = time.time() - 40 * 24 * 3600
    remember(home / "cache" / "cdpctl" / "peers", "prod", ["GONE"], now=long_ago)
    assert complete_in_bash(["cdpctl peer stop G"], environment(home)) == [[]]


@pytest.mark.parametrize("config", ["{home}/my.toml", "~/my.toml"])
def test_list_of_a_configuration_of_its_own_lies_beside_it(home: Path, config: str) -> None:
    remember(home / "my.toml.peers", "default", ["MINE"])
    env = environment(home, CDPCTL_CONFIG=config.format(home=home))
    assert complete_in_bash(["cdpctl peer stop "], env) == [["MINE"]]
    if shutil.which("fish"):
        assert complete_in_fish(["cdpctl peer stop "], env) == [["MINE"]]
    if shutil.which("zsh"):
        (home / "zsh").mkdir()
        assert complete_in_zsh(["cdpctl peer stop "], env, home / "zsh") == [["MINE"]]


@pytest.mark.loopback
def test_peers_of_the_last_read_complete_and_a_list_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    with Sandbox(Grid(default_peers(), 0.1, 0.1)) as sandbox:
        env = {**environment(tmp_path), **sandbox.environment()}
        words = [sys.executable, "-m", "cdpctl", "peer", "list", "-v"]
        kept = tmp_path / "cache" / "cdpctl" / "peers"
        kept.parent.mkdir(parents=True)
        kept.write_text("in the way")
        done = subprocess.run(words, capture_output=True, text=True, env=env, timeout=60)
        assert (done.returncode, done.stdout.count("\n")) == (0, 7)
        assert "names for completion were not stored" in done.stderr
        kept.unlink()
        done = subprocess.run(words, capture_output=True, text=True, env=env, timeout=60)
        assert done.returncode == 0
    # A variable gives the sandbox, so the list is named after the URL.
    assert [each.name[0] for each in kept.iterdir()] == ["@"]
    assert complete_in_bash(["cdpctl peer stop A"], env) == [["AP1", "AP2", "AP3"]]
