"""Which store a token goes to, and what is said of it: stores in place of the real ones."""

from pathlib import Path
from typing import Any

import pytest

from cdpctl.credentials import keyring as keyring_store
from cdpctl.credentials.store import Store
from cdpctl.credentials.token import Token
from cdpctl.errors import ConfigError
from cdpctl.settings.model import Settings, TokenStore


class Keyring:
    """A keyring of so many characters a secret; None takes none at all."""

    def __init__(self, longest: int | None) -> None:
        self.longest = longest
        self.kept: dict[str, str] = {}

    def get(self, account: str) -> str | None:
        return self.kept.get(account)

    def set(self, account: str, secret: str) -> None:
        if self.longest is None:
            raise ConfigError("no keyring")
        if len(secret) > self.longest:
            raise keyring_store.SecretTooLongError("the secret is too long for the keyring")
        self.kept[account] = secret

    def delete(self, account: str) -> bool:
        return self.kept.pop(account, None) is not None


def store_in(tmp_path: Path, store: TokenStore, keyring: Keyring, said: list[str], **more: Any) -> Store:
    settings = Settings(
        config_file=tmp_path / "config.toml",
        config_dir=tmp_path,
        url="https://cdp.example.com/baocdp",
        username="operator",
        token_store=store,
    )
    made = Store(settings._replace(**more), said.append, lambda level, text: said.append(text))
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


def test_password_stays_out_of_the_keyring_where_keyrings_are_switched_off(tmp_path: Path) -> None:
    made = store_in(tmp_path, TokenStore.NONE, Keyring(100), [], no_keyring=True)
    with pytest.raises(ConfigError, match="CDPCTL_NO_KEYRING"):
        made.keep_password("a-password")
