"""One login for many callers, and errors without credentials."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from cdpctl.credentials import keyring
from cdpctl.credentials.manager import Credentials, expired, login_hint
from cdpctl.credentials.store import Store
from cdpctl.credentials.token import Token
from cdpctl.deadline import Deadline
from cdpctl.errors import AuthError, ConfigError
from cdpctl.redact import redactor
from cdpctl.settings.model import Settings, TokenStore
from tests.credentials.told import Told
from tests.support.clock import Clock

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
    deadline: Deadline | None = None,
    passwords: Store | None = None,
) -> Credentials:
    told: list[str] = [] if said is None else said
    return Credentials(
        settings,
        deadline or Deadline(10.0),
        Told(told, ask),
        login=login,
        environ=environ,
        asking=ask is not None,
        passwords=passwords,
    )


class Server:
    """Counts logins, and refuses them on demand."""

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
        # Another run logs in at the same time. Its token is used.
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


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate a machine without a keyring."""

    def missing() -> object:
        raise ConfigError("there is no keyring on this machine")

    monkeypatch.setattr(keyring, "_backend", missing)


def test_token_that_is_given_comes_before_a_stored_one_and_both_before_a_login(tmp_path: Path) -> None:
    settings, server = settings_in(tmp_path, token_store=TokenStore.FILE), Server()
    credentials(settings, server).keep(Token("stored", "login"))
    given = credentials(settings, server, environ={"CDPCTL_TOKEN": "given", **_PASSWORD})
    assert given.obtain() == given.current() == Token("given", "CDPCTL_TOKEN")
    assert credentials(settings, server, environ=_PASSWORD).obtain() == Token("stored", "file")
    assert server.given == []


@pytest.mark.usefixtures("no_keyring")
@pytest.mark.parametrize(
    ("store", "source", "shared"),
    [
        (TokenStore.FILE, "file", True),
        (TokenStore.FILE, "login", True),
        (TokenStore.AUTO, "file", True),
        (TokenStore.AUTO, "keyring", True),
        (TokenStore.AUTO, "login", False),
    ],
)
def test_token_that_another_run_has_stored_meanwhile_saves_a_login(
    tmp_path: Path, store: TokenStore, source: str, shared: bool
) -> None:
    said: list[str] = []
    server = Server()
    settings = settings_in(tmp_path, token_store=TokenStore.FILE)
    credentials(settings, server).keep(Token("of-another-run", "login"))
    made = credentials(settings._replace(token_store=store), server, environ=_PASSWORD, said=said)
    renewed = made.renew(Token("expired", source))
    assert renewed == (Token("of-another-run", "file") if shared else Token("token-number-1", "login"))
    assert ("1 another run has logged in: using its token" in said) is shared
    assert ("1 logging in as operator" in said) is not shared
    # The other callers get the same token.
    assert made.renew(Token("expired", source)) == renewed


def test_stored_token_that_was_refused_is_replaced(tmp_path: Path) -> None:
    settings, server = settings_in(tmp_path, token_store=TokenStore.FILE), Server()
    made = credentials(settings, server, environ=_PASSWORD)
    made.keep(Token("expired", "login"))
    assert made.renew(Token("expired", "file")) == Token("token-number-1", "login")
    assert made.current() == Token("token-number-1", "file")
    assert made.renew(Token("token-number-1", "login")) == Token("token-number-2", "login")


def test_session_of_a_login_serves_callers_whose_token_was_refused(tmp_path: Path) -> None:
    server = Server()
    made = credentials(settings_in(tmp_path), server)
    fresh = made.login("operator", "a-password")
    assert made.to_log_out == fresh
    assert made.renew(Token("expired", "file")) is fresh
    assert server.given == [("operator", "a-password")]
    assert redactor.mask("a-password") == "*****"


@pytest.mark.parametrize(("hint", "told"), [(None, "cdpctl login --profile prod"), ("ask", "ask")])
def test_refused_login_says_how_to_log_in(tmp_path: Path, hint: str | None, told: str) -> None:
    server = Server(AuthError("wrong password", hint=hint))
    made = credentials(settings_in(tmp_path, profile="prod", profile_exists=True), server)
    with pytest.raises(AuthError) as caught:
        made.login("operator", "a-password")
    assert caught.value.hint == told
    assert made.to_log_out is None


def test_token_of_a_login_that_no_header_carries_is_refused(tmp_path: Path) -> None:
    made = credentials(settings_in(tmp_path), lambda *_: "with a blank")
    with pytest.raises(AuthError, match="the token from login") as caught:
        made.login("operator", "a-password")
    assert caught.value.hint == "-vv shows what answers there"


def test_password_comes_from_the_environment_then_the_stores_then_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = credentials(settings_in(tmp_path), Server()).store
    prompts: list[str] = []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return "typed"

    made = credentials(settings_in(tmp_path), Server(), ask=ask, passwords=first, environ=_PASSWORD)
    saved: dict[str, str | None] = {"own": "of-own", "first": "of-first"}
    monkeypatch.setattr(made.store, "password", lambda: saved["own"])
    monkeypatch.setattr(first, "password", lambda: saved["first"])
    assert made.password() == "a-password"
    made = credentials(settings_in(tmp_path), Server(), ask=ask, passwords=first)
    monkeypatch.setattr(made.store, "password", lambda: saved["own"])
    assert made.password() == "of-own"
    saved["own"] = None
    assert made.password() == "of-first"
    assert prompts == []
    saved["first"] = None
    assert made.password() == "typed"
    assert credentials(settings_in(tmp_path), Server(), ask=ask).password() == "typed"


@pytest.mark.parametrize("refused", [None, Token("expired", "file")])
def test_user_is_told_why_the_password_is_asked_for_and_takes_no_time(
    tmp_path: Path, refused: Token | None
) -> None:
    clock = Clock()
    deadline = Deadline(10.0, clock)
    said: list[str] = []

    def ask(_prompt: str) -> str:
        clock.now += 60.0
        return "typed"

    made = credentials(settings_in(tmp_path), Server(), ask=ask, said=said, deadline=deadline)
    assert made.password(refused) == "typed"
    assert said == ([] if refused is None else ["the session of operator has expired"])
    assert deadline.remaining() == 10.0


def test_nobody_is_asked_for_the_password_of_no_user(tmp_path: Path) -> None:
    def ask(prompt: str) -> str:
        raise AssertionError(prompt)

    with pytest.raises(AuthError, match="not logged in"):
        credentials(settings_in(tmp_path, username=None), Server(), ask=ask).obtain()


def test_empty_password_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    made = credentials(settings_in(tmp_path), Server(), ask=lambda _prompt: "", said=said)
    with pytest.raises(AuthError, match="no password given") as caught:
        made.password()
    assert said == ["the password is empty"] * 3
    assert caught.value.hint == f"cdpctl login {_URL} --username operator"


@pytest.mark.parametrize(("seconds", "patience"), [(5.0, 5.0), (90.0, 30.0)])
def test_other_runs_are_waited_for_within_the_deadline_and_half_a_minute(
    tmp_path: Path, seconds: float, patience: float
) -> None:
    made = credentials(settings_in(tmp_path), Server(), deadline=Deadline(seconds, Clock()))
    assert made.patience == patience


def test_renewal_waits_for_the_run_that_is_logging_in(tmp_path: Path) -> None:
    settings, server = settings_in(tmp_path, token_store=TokenStore.FILE), Server()
    made = credentials(settings, server, environ=_PASSWORD, deadline=Deadline(0.1))
    with credentials(settings, server).store.locked(1.0):
        with pytest.raises(ConfigError, match="another cdpctl has held this lock"):
            made.renew(Token("expired", "file"))
    assert server.given == []


def test_nothing_to_log_in_with_tells_the_variables_and_the_refusal(tmp_path: Path) -> None:
    made = credentials(settings_in(tmp_path), Server())
    with pytest.raises(AuthError) as caught:
        made.obtain()
    assert caught.value.http_status is None
    assert caught.value.hint == (
        f"set CDPCTL_PASSWORD or CDPCTL_PASSWORD_FILE, or log in: cdpctl login {_URL} --username operator"
    )
    with pytest.raises(AuthError) as caught:
        made.renew(Token("expired", "file"))
    assert (caught.value.message, caught.value.http_status) == ("the session of operator has expired", 401)
    for more in ({"username": None}, {"profile_exists": True}):
        with pytest.raises(AuthError, match="not logged in") as caught:
            credentials(settings_in(tmp_path, **more), Server()).obtain()
        assert (caught.value.hint or "").startswith("cdpctl login")


@pytest.mark.parametrize(
    ("more", "hint"),
    [
        ({"profile_exists": True, "profile": "my prod"}, "cdpctl login --profile 'my prod'"),
        ({"url": None, "username": None}, "cdpctl login"),
        ({"trust_profile_secrets": False}, f"cdpctl login {_URL} --username operator"),
        (
            {"profile_exists": True, "trust_profile_secrets": False},
            "set CDPCTL_USERNAME and CDPCTL_PASSWORD_FILE, or CDPCTL_TOKEN_FILE",
        ),
    ],
)
def test_hint_to_log_in_is_complete(tmp_path: Path, more: dict[str, Any], hint: str) -> None:
    assert login_hint(settings_in(tmp_path, **more)) == hint


def test_expired_session_is_named_by_its_user_or_its_cdp(tmp_path: Path) -> None:
    assert expired(settings_in(tmp_path)) == "the session of operator has expired"
    assert expired(settings_in(tmp_path, username=None)) == f"the session of {_URL} has expired"


def test_provided_token_that_is_refused_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(AuthError) as caught:
        credentials(settings_in(tmp_path), Server()).renew(Token("provided", "CDPCTL_TOKEN"))
    assert caught.value.message == "the CDP refused the token from CDPCTL_TOKEN (401)"
    assert caught.value.http_status == 401
    assert "replace it, or remove it and log in" in (caught.value.hint or "")


@pytest.mark.parametrize(("store", "place"), [(TokenStore.FILE, "file"), (TokenStore.NONE, None)])
def test_kept_session_is_not_ended_with_the_run(tmp_path: Path, store: TokenStore, place: str | None) -> None:
    made = credentials(settings_in(tmp_path, token_store=store), Server())
    token = made.login("operator", "a-password")
    assert made.keep(token) == place
    assert made.to_log_out == (None if place else token)
