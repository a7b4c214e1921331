"""The architecture: which module may import which, and which module alone uses a library."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import cdpctl

_ROOT = Path(cdpctl.__file__).parent
# From the bottom up: a package may import packages of its own layer and of lower layers.
_LAYERS = [
    {"__init__", "errors", "redact"},
    {"text"},
    {"background", "deadline", "files", "peers", "settings"},
    {"credentials", "transport"},
    {"cdp"},
    {"operations"},
    {"completion", "doctor", "output", "sandbox"},
    {"commands"},
    {"cli", "__main__"},
]  # fmt: skip
# The same inside the transport.
_TRANSPORT = [
    {"__init__", "addresses", "response", "route", "tls", "trace"},
    {"failures", "proxies", "redirects"},
    {"guard"},
    {"framing"},
    {"exchange"},
    {"certificates"},
    {"client"},
]  # fmt: skip
_OWNERS = {
    "requests": {"cdp", "transport"},
    "urllib3": {"transport"},
    "keyring": {"credentials"},
    "prometheus_client": {"output"},
    "rich": {"output"},
    "typer": {"cli", "commands"},
    "tomlkit": {"settings"},
    "filelock": {"files"},
    "trustme": {"sandbox"},
    "http.server": {"sandbox"},
}
_TESTS = Path(__file__).parent
# Modules without a test file of the same name, and the file that covers each. Commands are not listed: all
# are checked by `commands/test_tree.py`, and run by the tests in `e2e/`.
_TESTED_BY = {
    # Behaviour of whole processes.
    "__main__.py": "e2e/test_streams.py",
    "cli.py": "e2e/test_usage.py",
    "commands/build.py": "commands/test_tree.py",
    "commands/audit.py": "e2e/test_audit.py",
    "commands/bug.py": "e2e/test_streams.py",
    "commands/command_line.py": "e2e/test_usage.py",
    "commands/grids.py": "e2e/test_grids.py",
    "commands/inputs.py": "e2e/test_selection.py",
    "commands/invocation.py": "e2e/test_streams.py",
    "commands/options.py": "commands/test_tree.py",
    "commands/peer_options.py": "e2e/test_selection.py",
    "commands/report.py": "e2e/test_lifecycle.py",
    "commands/run_operation.py": "e2e/test_lifecycle.py",
    "commands/runtime.py": "e2e/test_streams.py",
    "commands/several.py": "e2e/test_grids.py",
    "commands/signals.py": "e2e/test_signals.py",
    "commands/stored_sessions.py": "e2e/test_login.py",
    "commands/suggestions.py": "e2e/test_usage.py",
    "commands/usage.py": "e2e/test_usage.py",
    "output/files.py": "test_files.py",
    "output/grids.py": "e2e/test_grids.py",
    "output/results.py": "e2e/test_lifecycle.py",
    "output/sections.py": "e2e/test_peer_show.py",
    "output/schema.py": "commands/test_topics.py",
    "credentials/console.py": "credentials/test_manager.py",
    # Each check is tested on a grid with that problem.
    "doctor/local.py": "e2e/test_doctor.py",
    "doctor/network.py": "e2e/test_doctor.py",
    "doctor/run.py": "e2e/test_doctor.py",
    "doctor/service.py": "e2e/test_doctor_findings.py",
    "sandbox/clients.py": "e2e/test_sandbox_clients.py",
    # Steps of an operation: tested in order, on a grid in memory.
    "operations/choose.py": "e2e/test_selection.py",
    "operations/interrupted.py": "operations/test_record.py",
    "operations/details.py": "e2e/test_peer_list.py",
    "operations/follow.py": "operations/test_change.py",
    "operations/preflight.py": "operations/test_change.py",
    "operations/model.py": "operations/test_change.py",
    "operations/run.py": "operations/test_change.py",
    "operations/send.py": "operations/test_change.py",
    "operations/watch.py": "output/test_watch.py",
    "sandbox/cdp.py": "sandbox/test_server.py",
    "peers/name_files.py": "e2e/test_selection.py",
    "peers/not_found.py": "operations/test_change.py",
}


def modules() -> list[Path]:
    return sorted(_ROOT.rglob("*.py"))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def room(path: Path) -> str:
    """Return the package of a file."""
    return path.relative_to(_ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports at run time, not only for type hints."""
    for node in _running(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module or ""
            if (node.module or "").partition(".")[0] == "cdpctl":
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from _running(child)


def _layer(name: str) -> int:
    return next(number for number, rooms in enumerate(_LAYERS) if name in rooms)


def _all_imports() -> Iterator[tuple[Path, str]]:
    for path in modules():
        for name in imports(path):
            yield path, name


def test_imports_go_one_way() -> None:
    for path, name in _all_imports():
        here, parts = room(path), name.split(".")
        if parts[0] != "cdpctl" or len(parts) == 1 or parts[1].startswith("__"):
            continue
        if not (_ROOT / parts[1]).exists() and not (_ROOT / f"{parts[1]}.py").exists():
            continue
        assert _layer(parts[1]) <= _layer(here), f"{path} imports {name}"


def test_imports_inside_the_transport_go_one_way() -> None:
    def layer(name: str) -> int:
        return next(number for number, stems in enumerate(_TRANSPORT) if name in stems)

    for path, name in _all_imports():
        parts = name.split(".")
        if room(path) == "transport" and parts[:2] == ["cdpctl", "transport"] and len(parts) > 2:
            assert layer(parts[2]) < layer(path.stem), f"{path.stem} imports {name}"


def test_library_has_its_owners() -> None:
    for path, name in _all_imports():
        for library, owners in _OWNERS.items():
            if name == library or name.startswith(f"{library}."):
                assert room(path) in owners, f"{path} imports {name}"
        assert not name.startswith("click"), f"{path}: Typer carries its own copy"
        assert not name.startswith("typer._"), f"{path}: Typer's own parts are not ours"


def test_module_says_in_a_line_what_it_is_and_stays_small() -> None:
    for path in modules():
        docstring = ast.get_docstring(_tree(path))
        assert docstring, f"{path}: a module's docstring says what belongs in it"
        assert len(docstring.splitlines()[0]) <= 110, path
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path


def test_only_the_entry_ends_the_process() -> None:
    for path in modules():
        text = path.read_text(encoding="utf-8")
        if room(path) not in ("__main__", "completion"):
            assert "sys.exit(" not in text, path
            assert "os._exit(" not in text, path


def test_nothing_below_the_output_prints() -> None:
    for path in modules():
        calls = [node for node in ast.walk(_tree(path)) if isinstance(node, ast.Call)]
        assert not [call for call in calls if ast.unparse(call.func) == "print"], path


def _is_command(path: Path) -> bool:
    return room(path) == "commands" and "\n    Examples:\n" in path.read_text(encoding="utf-8")


def test_module_has_a_test_file_of_its_own_name() -> None:
    for path in modules():
        name = path.relative_to(_ROOT)
        own = _TESTS / name.parent / f"test_{name.name}"
        if name.name == "__init__.py" or room(path) == "ansible_collections" or _is_command(path):
            continue
        assert own.exists() or (_TESTS / _TESTED_BY.get(name.as_posix(), own)).exists(), f"{own} is missing"
