"""The store for a token, and the messages about it, with fake stores."""

from pathlib import Path
from typing import Any

import pytest

from cdpctl.credentials import keyring as keyring_store
from cdpctl.credentials.store import Store
from cdpctl.credentials.token import Token
from cdpctl.errors import ConfigError
from cdpctl.redact import redactor
from cdpctl.settings.model import Settings, TokenStore
from tests.credentials.told import Told


class Keyring:
    """A keyring with a limit of characters per secret. None refuses all."""

    def __init__(self, longest: int | None) -> None:
        self.longest = longest
        self.broken = False
        self.kept: dict[str, str] = {}

    def get(self, account: str) -> str | None:
        if self.broken:
            raise ConfigError("the keyring is locked")
        return self.kept.get(account)

    def set(self, account: str, secret: str) -> None:
        if self.longest is None:
            raise ConfigError("no keyring")
        if len(secret) > self.longest:
            raise keyring_store.SecretTooLongError("the secret is too long for the keyring")
        self.kept[account] = secret

    def delete(self, account: str) -> bool:
        return self.get(account) is not None and bool(self.kept.pop(account))


def store_in(tmp_path: Path, store: TokenStore, keyring: Keyring, said: list[str], **more: Any) -> Store:
    settings = Settings(
        config_file=tmp_path / "config.toml",
        config_dir=tmp_path,
        url="https://cdp.example.com/baocdp",
        username="operator",
        token_store=store,
    )
    made = Store(settings._replace(**more), Told(said))
    made._keyring = keyring  # type: ignore[assignment]
    return made


@pytest.mark.parametrize(
    ("store", "longest", "where"),
    [
        (TokenStore.AUTO, 100, "keyring"),
        (TokenStore.KEYRING, 100, "keyring"),
        (TokenStore.AUTO, 3, "file"),
        (TokenStore.KEYRING, 3, "file"),
        (TokenStore.AUTO, None, None),
        (TokenStore.FILE, 100, "file"),
        (TokenStore.NONE, 100, None),
    ],
)
def test_token_goes_where_the_profile_and_the_keyring_let_it(
    tmp_path: Path, store: TokenStore, longest: int | None, where: str | None
) -> None:
    said: list[str] = []
    keyring = Keyring(longest)
    made = store_in(tmp_path, store, keyring, said)
    assert made.keep(Token("token-1234", "login")) == where
    kept = store_in(tmp_path, store, keyring, said).token()
    assert (kept.source if kept else None) == where
    if longest == 3:
        assert any("too long" in text and "only you can read" in text for text in said)
    assert bool(made.forget()) is (where is not None)
    assert store_in(tmp_path, store, keyring, said).token() is None


def test_keyring_that_the_profile_asks_for_and_that_fails_is_an_error(tmp_path: Path) -> None:
    made = store_in(tmp_path, TokenStore.KEYRING, Keyring(None), [])
    with pytest.raises(ConfigError, match="no keyring"):
        made.keep(Token("token-1234", "login"))


def test_token_that_fits_again_leaves_the_file(tmp_path: Path) -> None:
    keyring = Keyring(3)
    made = store_in(tmp_path, TokenStore.AUTO, keyring, [])
    made.keep(Token("token-1234", "login"))
    keyring.longest = 100
    assert made.keep(Token("token-5678", "login")) == "keyring"
    assert list(tmp_path.rglob("tokens/*.json")) == []


def test_file_of_another_account_holds_no_token_of_this_one(tmp_path: Path) -> None:
    made = store_in(tmp_path, TokenStore.FILE, Keyring(None), [])
    made.keep(Token("token-1234", "login"))
    [file] = tmp_path.rglob("tokens/*.json")
    file.write_text(file.read_text().replace("operator", "somebody"))
    assert made.token() is None


_ACCOUNT = "operator@https://cdp.example.com/baocdp"


def working() -> Keyring:
    """Return a keyring with a token and a password of the user."""
    keyring = Keyring(100)
    keyring.kept = {f"token:{_ACCOUNT}": "of-keyring", f"password:{_ACCOUNT}": "pass-word"}
    return keyring


@pytest.mark.parametrize(
    ("store", "source"),
    [
        (TokenStore.AUTO, "keyring"),
        (TokenStore.KEYRING, "keyring"),
        (TokenStore.FILE, None),
        (TokenStore.NONE, None),
    ],
)
def test_keyring_is_asked_only_where_the_profile_allows_it(
    tmp_path: Path, store: TokenStore, source: str | None
) -> None:
    made = store_in(tmp_path, store, working(), [])
    token = made.token()
    assert (token.source if token else None) == source
    assert made.password() == (None if source is None else "pass-word")
    without = store_in(tmp_path, store, working(), [], no_keyring=True)
    assert (without.token(), without.password()) == (None, None)


def test_token_in_the_file_comes_before_that_of_the_keyring(tmp_path: Path) -> None:
    store_in(tmp_path, TokenStore.FILE, Keyring(None), []).keep(Token("of-file", "login"))
    for store in (TokenStore.AUTO, TokenStore.KEYRING):
        assert store_in(tmp_path, store, working(), []).token() == Token("of-file", "file")
    assert store_in(tmp_path, TokenStore.NONE, working(), []).token() is None


def test_keyring_that_cannot_be_read_is_an_error_only_where_the_profile_asks_for_it(tmp_path: Path) -> None:
    said: list[str] = []
    keyring = working()
    keyring.broken = True
    made = store_in(tmp_path, TokenStore.AUTO, keyring, said)
    assert (made.token(), made.password()) == (None, None)
    assert said == ["1 the keyring is locked"] * 2
    with pytest.raises(ConfigError, match="locked"):
        store_in(tmp_path, TokenStore.KEYRING, keyring, []).token()


def test_keyring_that_cannot_be_written_is_said_and_costs_the_token(tmp_path: Path) -> None:
    said: list[str] = []
    made = store_in(tmp_path, TokenStore.AUTO, Keyring(None), said)
    assert made.keep(Token("token-1234", "login")) is None
    assert said == ["1 the token is not stored: no keyring"]


def test_token_of_the_keyring_that_no_header_carries_counts_as_none(tmp_path: Path) -> None:
    keyring = working()
    keyring.kept[f"token:{_ACCOUNT}"] = "with a blank"
    said: list[str] = []
    assert store_in(tmp_path, TokenStore.KEYRING, keyring, said).token() is None
    assert said[0].startswith("1 the token from keyring is")


def test_store_is_checked_before_a_password_is_asked_for(tmp_path: Path) -> None:
    broken = working()
    broken.broken = True
    for store in (TokenStore.AUTO, TokenStore.KEYRING):
        store_in(tmp_path, store, working(), []).check(1.0)
        with pytest.raises(ConfigError, match="locked"):
            store_in(tmp_path, store, broken, []).check(1.0)
        with pytest.raises(ConfigError, match="CDPCTL_NO_KEYRING is set"):
            store_in(tmp_path, store, working(), [], no_keyring=True).check(1.0)
    for store in (TokenStore.FILE, TokenStore.NONE):
        store_in(tmp_path, store, broken, []).check(1.0)
    (tmp_path / "no-folder").write_text("")
    with pytest.raises(ConfigError, match="no-folder"):
        store_in(tmp_path / "no-folder", TokenStore.FILE, broken, []).check(1.0)
    store_in(tmp_path / "no-folder", TokenStore.NONE, broken, []).check(1.0)


def test_lock_that_cannot_be_had_matters_to_the_file_store_alone(tmp_path: Path) -> None:
    (tmp_path / "no-folder").write_text("")
    said: list[str] = []
    with store_in(tmp_path / "no-folder", TokenStore.AUTO, working(), said).locked(1.0):
        assert said[0].startswith(f"1 {tmp_path}/no-folder/tokens/operator-cdp.example.com-")
    with (
        pytest.raises(ConfigError),
        store_in(tmp_path / "no-folder", TokenStore.FILE, working(), []).locked(1),
    ):
        pass


@pytest.mark.parametrize("store", [TokenStore.AUTO, TokenStore.KEYRING, TokenStore.FILE])
def test_token_is_locked_against_other_runs(tmp_path: Path, store: TokenStore) -> None:
    with store_in(tmp_path, store, working(), []).locked(1.0):
        with pytest.raises(ConfigError, match="another cdpctl has held this lock for 0 s"):
            with store_in(tmp_path, TokenStore.FILE, working(), []).locked(0.01):
                pass
    with store_in(tmp_path, TokenStore.FILE, working(), []).locked(0.01):
        pass


def test_place_of_a_token_is_told_in_words(tmp_path: Path) -> None:
    made = store_in(tmp_path, TokenStore.AUTO, working(), [])
    assert made.place("keyring") == "the keyring"
    assert made.place("file").startswith(f"{tmp_path}/tokens/operator-cdp.example.com-")


def test_password_is_stored_for_its_url_and_user_and_masked_when_read(tmp_path: Path) -> None:
    keyring = Keyring(100)
    store_in(tmp_path, TokenStore.NONE, keyring, []).keep_password("pass-word")
    assert keyring.kept == {f"password:{_ACCOUNT}": "pass-word"}
    assert store_in(tmp_path, TokenStore.AUTO, keyring, []).password() == "pass-word"
    assert redactor.mask("the pass-word") == "the *****"
    keyring.kept[f"password:{_ACCOUNT}"] = ""
    assert store_in(tmp_path, TokenStore.AUTO, keyring, []).password() is None


@pytest.mark.parametrize(
    ("more", "password", "removed"),
    [
        ({}, True, ["the token file", "the token in the keyring", "the password in the keyring"]),
        ({}, False, ["the token file", "the token in the keyring"]),
        ({"no_keyring": True}, True, ["the token file"]),
    ],
)
def test_logout_removes_what_is_stored_in_every_place(
    tmp_path: Path, more: dict[str, Any], password: bool, removed: list[str]
) -> None:
    keyring = working()
    made = store_in(tmp_path, TokenStore.FILE, keyring, [], **more)
    made.keep(Token("of-file", "login"))
    assert made.forget(password=password) == removed
    assert len(keyring.kept) == 3 - len(removed)
    assert [each for each in made.forget() if "token" in each] == []


def test_logout_of_a_profile_without_a_user_leaves_the_keyring_alone(tmp_path: Path) -> None:
    keyring = Keyring(100)
    keyring.kept = {"token:None@https://cdp.example.com/baocdp": "somebody's"}
    assert store_in(tmp_path, TokenStore.FILE, keyring, [], username=None).forget() == []
    assert len(keyring.kept) == 1


def test_logout_goes_on_where_the_keyring_cannot_be_used(tmp_path: Path) -> None:
    keyring, said = working(), list[str]()
    keyring.broken = True
    made = store_in(tmp_path, TokenStore.FILE, keyring, said)
    made.keep(Token("of-file", "login"))
    assert made.forget() == ["the token file"]
    assert set(said) == {"1 the keyring is locked"}
