"""Tokens and passwords in a keyring, through the program: keyrings that work, fail or never answer."""

import importlib
import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdpctl.credentials import keyring as keyring_store
from cdpctl.credentials.keyring import KeyringStore
from cdpctl.errors import ConfigError, ExitCode, Interruption
from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import default_peers
from cdpctl.sandbox.server import Sandbox
from tests.support.program import SCRIPT, Finished, InProcess, Program, changes, logins, together

pytestmark = pytest.mark.loopback
_ROOT = Path(__file__).resolve().parents[2]
_BAD = [
    "keyring.backends.null.Keyring",
    "keyring.backends.fail.Keyring",
    "no_such_module.Keyring",
    "tests.credentials.keyrings.Locked",
    "tests.credentials.keyrings.Erroring",
    "tests.credentials.keyrings.Forgetful",
    "tests.credentials.keyrings.PlaintextKeyring",
]


def _with_keyring(program: Program, backend: str) -> Program:
    del program.env["CDPCTL_NO_KEYRING"]
    program.env |= {
        "PYTHON_KEYRING_BACKEND": backend,
        "PYTHONPATH": str(_ROOT),
        "FAKE_KEYRING": str(Path(program.env["HOME"]) / "keyring.json"),
    }
    return program


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Grid(default_peers(), 0.1, 0.1)) as running:
        yield running


@pytest.fixture
def cdpctl(tmp_path: Path, sandbox: Sandbox) -> Program:
    return _with_keyring(Program(tmp_path, sandbox), "tests.credentials.keyrings.Good")


@pytest.fixture
def inside(tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    """Return the same for runs in this process, which choose their keyring once for each test."""
    monkeypatch.setattr(KeyringStore, "_left", 3.0)
    keyring_store._backend.cache_clear()
    yield _with_keyring(InProcess(tmp_path, sandbox), "tests.credentials.keyrings.Good")
    keyring_store._backend.cache_clear()


def _log_in(cdpctl: Program, sandbox: Sandbox, *words: str, code: int = 0) -> Finished:
    for name in ("CDPCTL_URL", "CDPCTL_USERNAME", "CDPCTL_PASSWORD"):
        cdpctl.env.pop(name, None)
    user = ("--username", sandbox.username, "--password-stdin")
    return cdpctl("login", sandbox.url, *user, *words, stdin=sandbox.password, code=code)


def test_token_in_the_keyring_serves_later_runs(cdpctl: Program, sandbox: Sandbox, tmp_path: Path) -> None:
    _log_in(cdpctl, sandbox)
    assert cdpctl.json("status", code=0)["token_source"] == "keyring"
    cdpctl("peer", "stop", "AP1", code=0)
    assert logins(sandbox) == 1
    assert list(tmp_path.rglob("tokens/*.json")) == []
    [record] = cdpctl.json("logout", code=0)["profiles"]
    assert record["removed"] == ["the token in the keyring"]
    assert json.loads((tmp_path / "keyring.json").read_text()) == {}


def test_saved_password_heals_an_expired_session(inside: Program, sandbox: Sandbox) -> None:
    _log_in(inside, sandbox, "--save-password")
    sandbox.sessions.end_all()
    inside("peer", "stop", "AP1", code=0)
    assert (logins(sandbox), changes(sandbox)) == (2, ["PUT AP1/stop"])
    assert inside.json("logout", code=0)["profiles"][0]["removed"] == [
        "the token in the keyring",
        "the password in the keyring",
    ]


def test_changing_to_the_file_store_empties_the_keyring(
    inside: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    _log_in(inside, sandbox)
    _log_in(inside, sandbox, "--token-store", "file")
    assert json.loads((tmp_path / "keyring.json").read_text()) == {}
    assert inside.json("status", code=0)["token_source"] == "file"


@pytest.mark.parametrize("backend", _BAD)
def test_keyring_that_is_none_is_refused_and_missed_by_nobody(
    inside: Program, tmp_path: Path, sandbox: Sandbox, backend: str
) -> None:
    inside.env["PYTHON_KEYRING_BACKEND"] = backend
    # With everything in the environment, a run works and stores nothing.
    inside("peer", "list", code=0)
    assert sandbox.journal[-1].path.endswith("/logout")
    error = json.loads(_log_in(inside, sandbox, "--token-store", "keyring", "-o", "json", code=10).stdout)
    assert "keyring" in error["error"]["message"]
    assert "--token-store file" in error["error"]["hint"]
    kept = tmp_path / "keyring.json"
    assert not kept.exists() or sandbox.password not in kept.read_text()


def test_broken_keyring_configuration_is_no_crash(tmp_path: Path, sandbox: Sandbox) -> None:
    cdpctl = _with_keyring(Program(tmp_path, sandbox), "")
    del cdpctl.env["PYTHON_KEYRING_BACKEND"]
    for folder in (tmp_path / ".config" / "python_keyring", tmp_path / ".local" / "share" / "python_keyring"):
        folder.mkdir(parents=True)
        (folder / "keyringrc.cfg").write_text("default-keyring = none\n[backend\n")
    cdpctl("peer", "list", code=0)
    assert "keyring" in _log_in(cdpctl, sandbox, "--token-store", "keyring", code=10).stderr


def test_keyring_that_never_answers_costs_seconds_and_nothing_else(tmp_path: Path, sandbox: Sandbox) -> None:
    cdpctl = _with_keyring(Program(tmp_path, sandbox), "tests.credentials.keyrings.Hanging")
    done = cdpctl("peer", "stop", "AP1", "-v", code=0, seconds=20)
    assert done.stderr.count("did not answer within 3 s") == 1
    assert changes(sandbox) == ["PUT AP1/stop"]


@pytest.mark.skipif(
    shutil.which("dbus-run-session") is None or sys.platform != "linux", reason="dbus-run-session is missing"
)
def test_secret_service_that_never_answers_costs_seconds_and_nothing_else(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    cdpctl = _with_keyring(Program(tmp_path, sandbox), "keyring.backends.SecretService.Keyring")
    owner = tmp_path / "owner.py"
    owner.write_text(
        "import sys\n"
        "from jeepney.bus_messages import message_bus\n"
        "from jeepney.io.blocking import open_dbus_connection\n"
        "bus = open_dbus_connection('SESSION')\n"
        "assert bus.send_and_get_reply(message_bus.RequestName('org.freedesktop.secrets')).body == (1,)\n"
        "print('owned', flush=True)\n"
        "sys.stdin.read()\n"
    )
    # Not as the last command: bash would exec it and close the pipe.
    begin = f'coproc {sys.executable} {owner}; read -r _ <&"${{COPROC[0]}}"'
    script = f"{begin}; {SCRIPT} peer list -v -o name; exit $?"
    done = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", script],
        env=cdpctl.env,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    assert "AP1" in done.stdout.split()
    assert "did not answer within 3 s" in done.stderr, done.stderr


def test_secret_too_long_for_the_keyring_of_windows_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, str] = {}

    class Backend:
        def get_password(self, _service: str, account: str) -> str | None:
            return kept.get(account)

        def set_password(self, _service: str, account: str, secret: str) -> None:
            kept[account] = secret

    monkeypatch.setattr(keyring_store, "_backend", Backend)
    monkeypatch.setattr(keyring_store, "_is_windows", lambda backend: True)
    store = keyring_store.KeyringStore()
    store.set("a", "x" * 1280)
    with pytest.raises(keyring_store.SecretTooLongError) as caught:
        store.set("a", "y" * 1281)
    assert isinstance(caught.value, ConfigError)
    assert kept == {"a": "x" * 1280}


def _counting(program: Program, folder: Path) -> Path:
    """Record every process that the program starts in a file."""
    journal = folder / "started"
    (folder / "sitecustomize.py").write_text(
        "import sys\n"
        "def hook(event, args):\n"
        "    if event in ('subprocess.Popen', 'os.posix_spawn', 'os.fork', 'os.exec', 'os.system'):\n"
        f"        with open({str(journal)!r}, 'a') as file:\n"
        "            print(event, args, file=file)\n"
        "sys.addaudithook(hook)\n"
    )
    program.env["PYTHONPATH"] = str(folder)
    return journal


@pytest.mark.parametrize("desktop", ["", "KDE", "ubuntu:GNOME"])
def test_choosing_the_keyring_starts_no_process(tmp_path: Path, sandbox: Sandbox, desktop: str) -> None:
    cdpctl = Program(tmp_path, sandbox, CDPCTL_NO_KEYRING="", XDG_CURRENT_DESKTOP=desktop)
    journal = _counting(cdpctl, tmp_path)
    cdpctl("peer", "list", code=0)
    cdpctl("doctor", code=0)
    for store in ("auto", "keyring"):
        _log_in(cdpctl, sandbox, "--token-store", store, code=10)
    assert not journal.exists(), journal.read_text()


def test_processes_are_counted(tmp_path: Path, sandbox: Sandbox) -> None:
    cdpctl = Program(tmp_path, sandbox, CDPCTL_PASSWORD="")
    journal = _counting(cdpctl, tmp_path)
    config = tmp_path / "config.toml"
    config.write_text(f'[profiles.a]\nurl = "{sandbox.url}"\npassword_command = "echo {sandbox.password}"\n')
    cdpctl.env["CDPCTL_CONFIG"] = str(config)
    cdpctl("peer", "list", code=0)
    assert len(journal.read_text().splitlines()) == 1


@pytest.mark.skipif(
    any(shutil.which(each) is None for each in ("dbus-run-session", "gnome-keyring-daemon")),
    reason="dbus-run-session or gnome-keyring is missing",
)
def test_real_keyring_keeps_a_login_until_the_logout(tmp_path: Path, sandbox: Sandbox) -> None:
    cdpctl = Program(tmp_path, sandbox, CDPCTL_NO_KEYRING="", CDPCTL_PASSWORD="", CDPCTL_URL="")
    journal = _counting(cdpctl, tmp_path)
    cdpctl.env["XDG_RUNTIME_DIR"] = str(tmp_path)
    (tmp_path / "password").write_text(sandbox.password)
    (tmp_path / "password").chmod(0o600)
    script = f"""
        set -e
        echo -n of-the-keyring |
          gnome-keyring-daemon --foreground --components=secrets --unlock >/dev/null 2>&1 &
        trap "kill $!" EXIT
        for _ in $(seq 100); do
          busctl --user status org.freedesktop.secrets >/dev/null 2>&1 && break
          dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetNameOwner \
            string:org.freedesktop.secrets >/dev/null 2>&1 && break
          sleep 0.1
        done
        {SCRIPT} login {sandbox.url} --password-file {tmp_path}/password
        {SCRIPT} status -o json
        {SCRIPT} peer list -o name
        {SCRIPT} peer stop AP1 -o name
        {SCRIPT} logout
        ! {SCRIPT} status -o json
    """
    done = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", script],
        env=cdpctl.env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert '"token_source": "keyring"' in done.stdout
    assert "token stored in the keyring" in done.stderr
    assert "removed the token in the keyring" in done.stdout
    assert (logins(sandbox), changes(sandbox)) == (1, ["PUT AP1/stop"])
    assert sandbox.sessions._sessions == {}
    assert not list(tmp_path.rglob("tokens/*.json"))
    assert not journal.exists(), journal.read_text()


def test_keyring_works_where_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    class Backend:
        def get_password(self, _service: str, account: str) -> str | None:
            return f"secret of {account}"

    def no_thread(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(keyring_store, "_backend", Backend)
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    store = keyring_store.KeyringStore()
    assert store.get("a") == "secret of a"

    def failing() -> Backend:
        raise OSError("no bus")

    monkeypatch.setattr(keyring_store, "_backend", failing)
    with pytest.raises(ConfigError, match=r"cannot be used \(OSError\)"):
        store.get("a")

    def interrupted() -> Backend:
        raise Interruption(ExitCode.INTERRUPTED)

    monkeypatch.setattr(keyring_store, "_backend", interrupted)
    with pytest.raises(Interruption):
        store.get("a")


@pytest.mark.parametrize(
    ("platform", "desktop", "first"),
    [
        ("linux", "", "keyring.backends.SecretService.Keyring"),
        ("linux", "GNOME", "keyring.backends.SecretService.Keyring"),
        ("linux", "X:KDE", "keyring.backends.kwallet.DBusKeyring"),
        ("freebsd14", "", "keyring.backends.SecretService.Keyring"),
        ("darwin", "KDE", "keyring.backends.macOS.Keyring"),
        ("win32", "", "keyring.backends.Windows.WinVaultKeyring"),
    ],
)
def test_backend_is_that_of_the_platform(platform: str, desktop: str, first: str) -> None:
    names = keyring_store._names(platform, desktop)
    assert names[0] == first
    assert platform not in ("darwin", "win32") or len(names) == 1
    for name in names:
        # keyring has it, even if it does not work on this machine.
        module, _, kind = name.rpartition(".")
        if platform == sys.platform:
            assert isinstance(getattr(importlib.import_module(module), kind), type)


def test_runs_that_share_a_token_file_under_auto_make_one_login(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    _log_in(cdpctl, sandbox, "--token-store", "file")
    config = tmp_path / ".config" / "cdpctl" / "config.toml"
    # As if a token were too long for the keyring: it is in the file, and the keyring is asked next.
    config.write_text(config.read_text().replace('"file"', '"auto"'))
    cdpctl.env["CDPCTL_PASSWORD"] = sandbox.password
    sandbox.sessions.end_all()
    together({str(number): lambda: cdpctl("peer", "list", code=0, seconds=100) for number in range(4)})
    assert logins(sandbox) == 2


class _Backend:
    """Stores secrets in memory, with configurable errors."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Any] = {}
        self.error: BaseException | None = None
        self.seconds = 0.0

    def get_password(self, service: str, account: str) -> Any:
        if self.error is not None:
            raise self.error
        time.sleep(self.seconds)
        return self.kept.get((service, account))

    def set_password(self, service: str, account: str, secret: str) -> None:
        self.kept[service, account] = secret

    def delete_password(self, service: str, account: str) -> None:
        del self.kept[service, account]


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> _Backend:
    backend = _Backend()
    monkeypatch.setattr(keyring_store, "_backend", lambda: backend)
    monkeypatch.setattr(KeyringStore, "_left", 3.0)
    return backend


def test_secret_comes_back_until_it_is_removed(backend: _Backend) -> None:
    store = KeyringStore()
    assert store.get("a") is None
    assert store.delete("a") is False
    store.set("a", "secret")
    assert backend.kept == {("cdpctl", "a"): "secret"}
    assert store.get("a") == "secret"
    assert store.delete("a") is True
    assert backend.kept == {}


def test_secret_of_another_type_comes_back_as_text(backend: _Backend) -> None:
    backend.kept["cdpctl", "a"] = 1234
    assert KeyringStore().get("a") == "1234"


def test_secret_that_is_not_returned_as_stored_is_an_error(backend: _Backend) -> None:
    backend.set_password = lambda *_: None  # type: ignore[method-assign]
    with pytest.raises(ConfigError, match="does not return what was stored") as caught:
        KeyringStore().set("a", "secret")
    assert "--token-store file" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("with the secret"), "the keyring cannot be used (RuntimeError)"),
        (
            ConfigError("there is no keyring on this machine", hint="a hint"),
            "there is no keyring on this machine",
        ),
    ],
)
def test_error_of_a_keyring_is_told_by_its_class(backend: _Backend, error: Exception, said: str) -> None:
    backend.error = error
    with pytest.raises(ConfigError) as caught:
        KeyringStore().get("a")
    assert caught.value.message == said
    assert caught.value.hint


def test_keyring_that_does_not_answer_is_asked_once(
    backend: _Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeyringStore, "_left", 0.05)
    answered = threading.Event()
    backend.get_password = lambda *_: answered.wait(30)  # type: ignore[method-assign]
    with pytest.raises(ConfigError, match="did not answer within 3 s"):
        KeyringStore().get("a")
    answered.set()
    backend.get_password = lambda *_: "asked again"  # type: ignore[method-assign]
    with pytest.raises(ConfigError, match=r"the keyring did not answer$") as caught:
        KeyringStore().get("a")
    assert "--token-store file" in (caught.value.hint or "")


def test_time_of_a_slow_keyring_is_counted_over_all_calls(backend: _Backend) -> None:
    backend.seconds = 0.02
    KeyringStore().get("a")
    KeyringStore().get("a")
    assert 0.0 < KeyringStore._left <= 2.96


@pytest.fixture
def cores(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Set the results of the keyring library: by environment, by configuration, and by name."""
    found: dict[str, Any] = {}

    def by_name(name: str) -> Any:
        asked.append(name)
        if name not in found:
            raise RuntimeError("no such library on this machine")
        return found[name]

    asked = found.setdefault("asked", [])
    monkeypatch.setattr("keyring.core.load_env", lambda: found.get("env"))
    monkeypatch.setattr("keyring.core.load_config", lambda: found.get("config"))
    monkeypatch.setattr("keyring.core.load_keyring", by_name)
    monkeypatch.setattr(KeyringStore, "_left", 3.0)
    keyring_store._backend.cache_clear()
    yield found
    keyring_store._backend.cache_clear()


def _holding(secret: str, module: str = "some.backend", name: str = "Backend", **more: Any) -> Any:
    backend = type(name, (_Backend,), {"__module__": module, **more})()
    backend.kept["cdpctl", "a"] = secret
    return backend


def test_keyring_is_that_of_the_environment_then_the_configuration_then_the_platform(
    cores: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "X:KDE")
    cores["env"], cores["config"] = _holding("env"), _holding("config")
    cores["keyring.backends.SecretService.Keyring"] = _holding("platform")

    def secret() -> str | None:
        keyring_store._backend.cache_clear()
        return KeyringStore().get("a")

    assert secret() == "env"
    del cores["env"]
    assert secret() == "config"
    del cores["config"]
    assert secret() == "platform"
    assert cores["asked"] == [
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.kwallet.DBusKeyringKWallet4",
        "keyring.backends.SecretService.Keyring",
    ]
    del cores["keyring.backends.SecretService.Keyring"]
    with pytest.raises(ConfigError, match="there is no keyring on this machine") as caught:
        secret()
    assert "--token-store file" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("keyring.backends.null", "Keyring"),
        ("keyring.backends.fail", "Keyring"),
        ("keyrings.alt.file", "EncryptedKeyring"),
        ("keyrings.cryptfile.cryptfile", "CryptFileKeyring"),
        ("some.where", "MyPlainTextKeyring"),
    ],
)
def test_keyring_that_is_not_safe_is_refused_alone_and_passed_over_in_a_chain(
    cores: dict[str, Any], module: str, name: str
) -> None:
    unsafe = _holding("unsafe", module, name)
    cores["env"] = unsafe
    with pytest.raises(ConfigError, match=f"not safe for secrets: {module} is refused") as caught:
        KeyringStore().get("a")
    assert "--token-store file" in (caught.value.hint or "")
    chain = "keyring.backends.chainer"
    cores["env"] = _holding("chain", chain, backends=[unsafe, _holding("first"), _holding("second")])
    assert KeyringStore().get("a") == "first"
    keyring_store._backend.cache_clear()
    cores["env"] = _holding("chain", chain, backends=[unsafe])
    with pytest.raises(ConfigError, match=f"{chain} is refused"):
        KeyringStore().get("a")
    cores["env"] = _holding("chain", chain, backends=[])
    assert KeyringStore().get("a") == "chain"


@pytest.mark.parametrize(
    ("module", "fits"),
    [("keyring.backends.Windows", False), ("keyring.backends.Windows.api", False), ("some.backend", True)],
)
def test_only_the_keyring_of_windows_limits_a_secret(cores: dict[str, Any], module: str, fits: bool) -> None:
    base = type("Base", (_Backend,), {"__module__": module})
    cores["env"] = type("Mine", (base,), {"__module__": "my.own"})()
    secret = "x" * 1281
    if fits:
        KeyringStore().set("a", secret)
        assert KeyringStore().get("a") == secret
    else:
        with pytest.raises(keyring_store.SecretTooLongError, match="1281 characters is too long"):
            KeyringStore().set("a", secret)
