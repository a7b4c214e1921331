"""Changes of the configuration file are made as intended, or not at all."""

import tomllib
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpctl.errors import ConfigError, UsageError
from cdpctl.settings.edit import change, save_profile, table
from cdpctl.settings.file import load

_COMMAND = '[profiles.prod]\npassword_command = "pw"\n'

_FORMS = {
    "tables": '# mine\n[profiles.a]\nurl = "https://a/x" # old\n\n[profiles.b]\nurl = "https://b/x"\n',
    "dotted keys": 'profiles.a.url = "https://a/x"\nprofiles.a.username = "u"\n',
    "dotted keys with a comment": 'profiles.a.url = "https://a/x"\nprofiles.a.username = "u" # mine\n',
    "dotted keys and a default": 'default_profile = "a"\nprofiles.a.url = "https://a/x"\n',
    "default behind dotted keys": 'profiles.a.url = "https://a/x"\ndefault_profile = "a"\n',
    "dotted keys in a table": '[profiles]\na.url = "https://a/x"\nb.url = "https://b/x"\n',
    "inline table of a profile": '[profiles]\na = {url = "https://a/x"}\n',
    "inline table of all": 'profiles = {a = {url = "https://a/x"}}\n',
    "dotted inline table": 'profiles.a = {url = "https://a/x"}\n',
    "groups in a table": '[profiles.a]\nurl = "https://a/x"\n[profiles.a.groups]\nweb = ["A"]\n',
    "groups in dotted keys": '[profiles.a]\nurl = "https://a/x"\ngroups.web = ["A"]\n',
    "groups apart": '[profiles.a]\nurl = "https://a/x"\n[profiles.b]\n[profiles.a.groups]\nweb = ["A"]\n',
    "quoted keys": '["profiles"."a"]\n"url" = "https://a/x"\n',
    "literal strings": "[profiles.a]\nurl = 'https://a/x'\nusername = '''\nu'''\n",
    "no line end at the end": '[profiles.a]\nurl = "https://a/x"',
    "empty profile": "[profiles.a]\n",
    "empty": "",
    "comment only": "# mine\n",
}


def _set_in_new(document: Any) -> None:
    table(document, "profiles", "new")["url"] = "https://new/x"


def _set_in_old(document: Any) -> None:
    table(document, "profiles", "a").update({"timeout": "5m", "url": "https://other/x"})


def _choose(document: Any) -> None:
    document["default_profile"] = "b"


def _remove(document: Any) -> None:
    document.get("profiles", {}).pop("a", None)
    if document.get("default_profile") == "a":
        del document["default_profile"]


def _unset(document: Any) -> None:
    document.get("profiles", {}).get("a", {}).pop("url", None)


@pytest.mark.parametrize("work", [_set_in_new, _set_in_old, _choose, _remove, _unset])
@pytest.mark.parametrize("form", _FORMS)
def test_change_is_what_was_meant_or_refused(path: Path, form: str, work: Callable[[Any], None]) -> None:
    for ends, mark in product(["\n", "\r\n"], [b"", b"\xef\xbb\xbf"]):
        _change(path, form, work, ends, mark)


def _change(path: Path, form: str, work: Callable[[Any], None], ends: str, mark: bytes) -> None:
    old = mark + _FORMS[form].replace("\n", ends).encode()
    path.write_bytes(old)
    meant = tomllib.loads(old.decode("utf-8-sig"))
    work(meant)
    meant.setdefault("profiles", {})
    try:
        change(path, work)
    except ConfigError:
        assert path.read_bytes() == old
        assert (form, work) == ("dotted keys with a comment", _set_in_new)
        return
    new = path.read_bytes()
    assert {"profiles": {}, **tomllib.loads(new.decode("utf-8-sig"))} == meant
    assert new.startswith(mark)
    assert (b"\n" not in new.replace(b"\r\n", b"")) or ends == "\n" or not _FORMS[form]
    if work not in (_remove, _unset):
        assert new.count(b"#") == old.count(b"#")


@given(
    st.dictionaries(
        st.from_regex(r"\A[a-z0-9][a-z0-9._-]{0,8}\Z"),
        st.dictionaries(
            st.sampled_from(["username", "password_command"]),
            st.text(st.characters(min_codepoint=32), min_size=1),
        ),
        max_size=3,
    )
)
def test_what_is_saved_is_what_is_loaded(profiles: dict[str, dict[str, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        saved: dict[str, dict[str, str]] = {}
        for name, values in profiles.items():
            try:
                save_profile(path, name, values)
            except UsageError:
                # A text that is not a valid value.
                continue
            saved[name] = values
        assert load(path)["profiles"] == saved


@pytest.mark.parametrize("value", ["a\udcffb", "\ud800"])
def test_text_that_no_file_can_hold_is_refused(path: Path, value: str) -> None:
    with pytest.raises(UsageError, match="not text in UTF-8"):
        save_profile(path, "prod", {"ca_bundle": f"/{value}"})
    assert not path.exists()


def test_first_profile_is_the_default_one(path: Path) -> None:
    save_profile(path, "prod", {"url": "cdp"})
    save_profile(path, "test", {"url": "cdp2"})
    assert load(path)["default_profile"] == "prod"


def test_command_is_not_written_where_others_can_change_it(path: Path) -> None:
    path.write_text('[profiles.prod]\nurl = "cdp"\n')
    path.parent.chmod(0o777)
    with pytest.raises(ConfigError, match="other users can change"):
        save_profile(path, "prod", {"password_command": "pw"})
    assert "password_command" not in path.read_text()
