"""One login for many callers, and what is said where there is nothing to log in with."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from cdpctl.credentials.manager import Credentials, login_hint
from cdpctl.credentials.token import Token
from cdpctl.deadline import Deadline
from cdpctl.errors import AuthError, ConfigError
from cdpctl.settings.model import Settings, TokenStore

_PASSWORD = {"CDPCTL_PASSWORD": "a-password"}
_URL = "https://cdp.example.com/baocdp"


def settings_in(tmp_path: Path, **more: Any) -> Settings:
    settings = Settings(
        config_file=tmp_path / "config.toml",
        config_dir=tmp_path,
        url=_URL,
        username="operator",
        token_store=TokenStore.NONE,
    )
    return settings._replace(**more)


def credentials(
    settings: Settings,
    login: Callable[[str, str], str],
    *,
    ask: Callable[[str], str] | None = None,
    said: list[str] | None = None,
    environ: Mapping[str, str] = MappingProxyType({}),
) -> Credentials:
    told: list[str] = [] if said is None else said
    return Credentials(
        settings,
        login=login,
        environ=environ,
        note=told.append,
        warn=told.append,
        debug=lambda level, text: told.append(text),
        ask_secret=ask,
        deadline=Deadline(10.0),
    )


class Server:
    """Counts logins, and refuses them where it is told to."""

    def __init__(self, error: AuthError | None = None) -> None:
        self.error = error
        self.given: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    def __call__(self, username: str, password: str) -> str:
        with self._lock:
            self.given.append((username, password))
        if self.error is not None:
            raise self.error
        return f"token-number-{len(self.given)}"


def test_many_workers_with_a_refused_token_make_one_login(tmp_path: Path) -> None:
    server = Server()
    made = credentials(settings_in(tmp_path), server, environ=_PASSWORD)
    first = made.obtain()
    with ThreadPoolExecutor(8) as pool:
        renewed = set(pool.map(made.renew, [first] * 8))
    assert renewed == {Token("token-number-2", "login")}
    assert len(server.given) == 2


def test_refused_login_is_not_tried_again_by_other_workers(tmp_path: Path) -> None:
    server = Server(AuthError("wrong password"))
    made = credentials(settings_in(tmp_path), server, environ=_PASSWORD)

    def outcome(refused: Token) -> str:
        with pytest.raises(AuthError) as caught:
            made.renew(refused)
        return caught.value.message

    with ThreadPoolExecutor(8) as pool:
        said = set(pool.map(outcome, [Token("expired-token", "keyring")] * 8))
    assert said == {"wrong password"}
    with pytest.raises(AuthError, match="wrong password"):
        made.obtain()
    assert server.given == [("operator", "a-password")]


@pytest.mark.parametrize("name", ["CDPCTL_PASSWORD", "CDPCTL_PASSWORD_FILE"])
def test_password_without_a_user_name_is_named_and_not_sent(tmp_path: Path, name: str) -> None:
    server = Server()
    made = credentials(settings_in(tmp_path, username=None), server, environ={name: "a-password"})
    with pytest.raises(AuthError, match=f"{name} is set, but no user name") as caught:
        made.obtain()
    assert caught.value.hint == "set CDPCTL_USERNAME too"
    assert server.given == []


def test_empty_password_is_asked_for_again_and_never_sent(tmp_path: Path) -> None:
    server, said = Server(), ["", "", "right-password"]
    prompts: list[str] = []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return said.pop(0)

    credentials(settings_in(tmp_path), server, ask=ask).obtain()
    assert server.given == [("operator", "right-password")]
    assert prompts == [f"Password for operator at {_URL}: "] * 3
    said += ["", "", "", "never-asked-for"]
    with pytest.raises(AuthError, match="no password given"):
        credentials(settings_in(tmp_path), server, ask=ask).obtain()
    assert len(server.given) == 1


def test_password_is_asked_for_before_other_runs_are_kept_waiting(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, token_store=TokenStore.FILE)
    other = credentials(settings, Server(), environ=_PASSWORD)
    found: list[Token] = []

    def ask(_prompt: str) -> str:
        # Another run logs in meanwhile; its token is good for this one.
        found.append(other.obtain())
        return "typed-password"

    server = Server()
    made = credentials(settings, server, ask=ask)
    assert made.obtain().value == found[0].value
    assert server.given == []


def test_session_that_cannot_be_stored_is_left_to_be_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = credentials(settings_in(tmp_path, token_store=TokenStore.FILE), Server(), environ=_PASSWORD)

    def full(_token: Token) -> str | None:
        raise ConfigError("No space left on device")

    monkeypatch.setattr(made.store, "keep", full)
    with pytest.raises(ConfigError):
        made.obtain()
    assert made.to_log_out == Token("token-number-1", "login")


@pytest.mark.parametrize(
    ("store", "left"), [(TokenStore.FILE, None), (TokenStore.NONE, Token("token-number-1", "login"))]
)
def test_session_that_is_stored_goes_on(tmp_path: Path, store: TokenStore, left: Token | None) -> None:
    made = credentials(settings_in(tmp_path, token_store=store), Server(), environ=_PASSWORD)
    made.obtain()
    assert made.to_log_out == left


@pytest.mark.parametrize("source", ["CDPCTL_TOKEN", "CDPCTL_TOKEN_FILE", "token_file"])
def test_provided_token_is_never_renewed(tmp_path: Path, source: str) -> None:
    server = Server()
    made = credentials(settings_in(tmp_path), server, environ=_PASSWORD)
    with pytest.raises(AuthError, match=source):
        made.renew(Token("provided-token", source))
    assert server.given == []


@pytest.mark.parametrize(
    ("more", "refused", "message", "hint"),
    [
        (
            {},
            False,
            "not logged in",
            "CDPCTL_PASSWORD_FILE, or log in: cdpctl login {url} --username operator",
        ),
        ({"profile": "prod", "profile_exists": True}, False, "not logged in", "cdpctl login --profile prod"),
        (
            {"profile": "prod", "profile_exists": True},
            True,
            "the session of operator has expired",
            "cdpctl login --profile prod",
        ),
        ({"username": None}, False, "not logged in", "cdpctl login {url}"),
        ({"username": "o p"}, False, "not logged in", "cdpctl login {url} --username 'o p'"),
    ],
)
def test_nothing_to_log_in_with_says_how_to(
    tmp_path: Path, more: dict[str, Any], refused: bool, message: str, hint: str
) -> None:
    made = credentials(settings_in(tmp_path, **more), Server())
    with pytest.raises(AuthError) as caught:
        made.renew(Token("expired-token", "file")) if refused else made.obtain()
    assert caught.value.message == message
    assert (caught.value.hint or "").endswith(hint.format(url=_URL))


def test_profile_is_not_sent_to_another_cdp_by_a_hint(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, profile="prod", profile_exists=True, trust_profile_secrets=False)
    assert "cdpctl login" not in login_hint(settings)
