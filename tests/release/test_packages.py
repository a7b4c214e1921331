"""The release: a complete wheel and sdist, and a zipapp. Needs the dev extra."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from cdpctl import __version__
from cdpctl.completion.scripts import FILES
from cdpctl.output.schema import schema_names

_ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    not all(find_spec(name) for name in ("build", "twine", "shiv")), reason="the dev extra is not installed"
)


def run(*words: str | Path, env: Mapping[str, str] | None = None) -> str:
    """Run a program and return its output. It must succeed."""
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, cwd=_ROOT, env=env)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def committed(name: str) -> str:
    """Return the text of a committed completion script."""
    return (_ROOT / "completions" / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, ".")
    return folder


def test_wheel_and_sdist_pass_the_check_and_hold_everything(dist: Path) -> None:
    [wheel], [sdist] = dist.glob("*.whl"), dist.glob("*.tar.gz")
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist)
    held = zipfile.ZipFile(wheel).namelist()
    share = f"cdpctl-{__version__}.data/data/share"
    for name in (
        "cdpctl/py.typed",
        *(f"cdpctl/output/schemas/{schema}.json" for schema in schema_names()),
        f"cdpctl-{__version__}.dist-info/licenses/LICENSE",
        f"{share}/man/man1/cdpctl.1",
        f"{share}/bash-completion/completions/cdpctl",
        f"{share}/zsh/site-functions/_cdpctl",
        f"{share}/fish/vendor_completions.d/cdpctl.fish",
    ):
        assert name in held, name
    assert not [name for name in held if name.startswith(("tests", "completions"))]
    with tarfile.open(sdist) as archive:
        kept = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "CHANGELOG.md", "completions/_cdpctl", "tests/conftest.py"} <= kept


def test_wheel_installs_into_a_clean_environment_and_works(dist: Path, tmp_path: Path) -> None:
    [wheel] = dist.glob("*.whl")
    run(sys.executable, "-m", "venv", tmp_path / "env")
    run(tmp_path / "env" / "bin" / "python", "-m", "pip", "install", "--quiet", wheel)
    program = tmp_path / "env" / "bin" / "cdpctl"
    env = {"HOME": str(tmp_path), "PATH": os.defpath}
    assert run(program, "--version", env=env) == f"cdpctl {__version__}\n"
    assert "AP1" in run(program, "sandbox", "run", "--", "peer", "list", "-o", "name", env=env).split()
    assert (tmp_path / "env" / "share" / "man" / "man1" / "cdpctl.1").exists()
    for shell, name in FILES.items():
        assert run(program, "completion", shell, env=env) == committed(name)


def test_sdist_builds_the_same_wheel(dist: Path, tmp_path: Path) -> None:
    [wheel], [sdist] = dist.glob("*.whl"), dist.glob("*.tar.gz")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, sdist)
    [again] = tmp_path.glob("*.whl")
    assert set(zipfile.ZipFile(again).namelist()) == set(zipfile.ZipFile(wheel).namelist())


def test_single_file_is_built_in_a_fresh_clone_and_runs_where_nothing_is_installed(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(_ROOT, clone, ignore=shutil.ignore_patterns(".git", ".venv*", "__pycache__", ".*_cache"))
    base = Path(sys.base_prefix) / "bin"
    builder = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    run(clone / ".ci" / "pyz", env={**builder, "PATH": f"{base}{os.pathsep}{os.defpath}"})
    file = clone / "dist" / "cdpctl.pyz"
    env = {"HOME": str(tmp_path), "PATH": os.defpath}
    python = str(base / "python3")
    assert run(python, file, "--version", env=env) == f"cdpctl {__version__}\n"
    assert run(python, file, "completion", "zsh", env=env) == committed("_cdpctl")
    words = ("sandbox", "run", "--stop-after", "100ms", "--", "peer", "stop", "AP1", "--wait", "-o", "name")
    assert run(python, file, *words, env=env) == "AP1\n"


def test_changelog_knows_this_version() -> None:
    assert f"## [{__version__}]" in (_ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
