"""Secrets are masked in every encoding."""

import base64
import html
import json
from collections.abc import Callable
from html.entities import codepoint2name
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpctl.redact import MASK, Redactor, without_user_info

_SECRET = 'pä ss/"wörd\\+1'


@pytest.mark.parametrize(
    "spelling",
    [
        _SECRET,
        json.dumps(_SECRET),
        json.dumps(_SECRET, ensure_ascii=False),
        json.dumps(_SECRET).replace("/", "\\/"),
        json.dumps(json.dumps(_SECRET)),
        quote(_SECRET, safe=""),
        quote(_SECRET, safe="").lower(),
        quote(_SECRET, encoding="latin-1"),
        quote(quote(_SECRET)),
        quote(_SECRET).replace("%20", "+"),
        _SECRET.replace(" ", "+"),
        repr(_SECRET),
        ascii(_SECRET),
        repr(_SECRET.encode()),
        html.escape(_SECRET),
        html.escape(_SECRET).encode("ascii", "xmlcharrefreplace").decode(),
        "".join(f"&#x{ord(char):X};" for char in _SECRET),
        "".join(f"&#{ord(char):05};" for char in _SECRET),
        "".join(f"\\u{ord(char):04X}" for char in _SECRET),
        "".join(f"\\{byte:03o}" for byte in _SECRET.encode()),
        _SECRET.encode().hex(),
        f"0x{_SECRET.encode().hex().upper()}",
        base64.b64encode(_SECRET.encode()).decode(),
        base64.b64encode(f"operator:{_SECRET}".encode()).decode(),
        base64.urlsafe_b64encode(f"x:{_SECRET}:y".encode()).decode(),
        quote(base64.b64encode(f"op:{_SECRET}".encode()).decode(), safe=""),
    ],
)
def test_secret_is_hidden_in_every_spelling(spelling: str) -> None:
    redactor = Redactor()
    redactor.add(_SECRET)
    masked = redactor.mask(f"before {spelling} after")
    assert MASK in masked
    assert "rd" not in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert redactor.finds(spelling)


def test_token_echoed_with_escaped_slashes_and_equals_is_hidden_whole() -> None:
    token = "aZ/+=.*_-" * 50
    redactor = Redactor()
    redactor.add(token)
    for spelling in (token.replace("/", "\\/"), token.replace("=", "\\u003d"), token.replace("=", "\\u003D")):
        assert redactor.mask(f'{{"message":"Invalid session: {spelling}"}}') == (
            f'{{"message":"Invalid session: {MASK}"}}'
        )


def _json_short(char: str) -> str:
    return json.dumps(char)[1:-1].replace("/", "\\/")


def _entity(char: str) -> str:
    name = codepoint2name.get(ord(char))
    return f"&{name};" if name else f"&#{ord(char)};"


def _utf8(form: str) -> Callable[[str], str]:
    return lambda char: "".join(form.format(byte) for byte in char.encode())


_JSON: list[Callable[[str], str]] = [str, _json_short, lambda char: json.dumps(char)[1:-1]]
_JSON += [lambda char: "".join(f"\\u{unit:04x}" for unit in _units(char))]
_JSON += [lambda char: "".join(f"\\u{unit:04X}" for unit in _units(char))]
_URL: list[Callable[[str], str]] = [_utf8("%{:02X}"), _utf8("%{:02x}")]
_HTML: list[Callable[[str], str]] = [
    _entity,
    lambda char: f"&#x{ord(char):x};",
    lambda char: f"&#x{ord(char):X};",
    lambda char: f"&#{ord(char)};",
]
_PYTHON: list[Callable[[str], str]] = [lambda char: repr(char)[1:-1], _utf8("\\x{:02x}"), _utf8("\\{:03o}")]


def _units(char: str) -> list[int]:
    data = char.encode("utf-16-be")
    return [int.from_bytes(data[place : place + 2]) for place in range(0, len(data), 2)]


# Each encoding escapes all characters that it has to.
_PLAIN = frozenset("abcxyzABC0123456789.*_-=@ !")
_CHARS = st.sampled_from("abcxyzABC0123456789.*_-=@ !/\"'\\&<>%+#?:äöß€λ😀u")
# A shorter one may be the escape of a single character.
_SECRETS = st.text(_CHARS, min_size=8, max_size=40).filter(
    lambda text: text == text.strip() and len(set(text)) > 3
)


@settings(max_examples=200)
@given(secret=_SECRETS, data=st.data())
def test_secret_is_hidden_in_any_mix_of_escapes(secret: str, data: st.DataObject) -> None:
    redactor = Redactor()
    redactor.add(secret)
    families: list[list[Callable[[str], str]]] = [_JSON[1:], _URL, _HTML, _PYTHON]
    family = data.draw(st.sampled_from(families))
    mixed: list[Callable[[str], str]] = [str, *family]
    ways = [data.draw(st.sampled_from(mixed if char in _PLAIN else family)) for char in secret]
    spelling = "".join(way(char) for way, char in zip(ways, secret, strict=True))
    assert redactor.mask(f"[{spelling}]") == f"[{MASK}]"


@settings(max_examples=150)
@given(secret=_SECRETS, before=st.binary(max_size=5), after=st.binary(max_size=5), safe=st.booleans())
def test_secret_is_hidden_in_base64_at_any_place(
    secret: str, before: bytes, after: bytes, safe: bool
) -> None:
    redactor = Redactor()
    redactor.add(secret)
    encode = base64.urlsafe_b64encode if safe else base64.b64encode
    text = encode(before + secret.encode() + after).decode()
    assert redactor.mask(f"Basic {text}, next") == f"Basic {MASK}, next"


@settings(max_examples=150)
@given(text=st.text(st.sampled_from("ab\\u%&;#x0123456789+= ä\n/"), max_size=60))
def test_text_without_a_secret_stays_as_it_is(text: str) -> None:
    redactor = Redactor()
    redactor.add("a-secret-that-is-not-there")
    assert redactor.mask(text) == text
    assert not redactor.finds(text)


@settings(max_examples=150)
@given(
    texts=st.lists(st.text(st.sampled_from("ab\\u%&;#x012+= äz\n/"), max_size=20), min_size=2, max_size=4),
    secret=_SECRETS,
)
def test_what_stands_around_secrets_stays(texts: list[str], secret: str) -> None:
    redactor = Redactor()
    redactor.add(secret)
    masked = redactor.mask("|".join(texts).replace(secret, "").join(("<", ">")) + f"<{secret}>")
    assert masked.endswith(f"<{MASK}>")


def test_secret_that_begins_another_hides_neither_half() -> None:
    redactor = Redactor()
    redactor.add("secret")
    redactor.add("secret-and-more")
    assert redactor.mask("x secret-and-more y") == f"x {MASK} y"
    redactor.add("zzzz")
    assert redactor.mask("secret zzzz") == f"{MASK} {MASK}"


def test_each_line_of_a_secret_is_hidden() -> None:
    redactor = Redactor()
    redactor.add("first-line\nsecond-line\n")
    assert redactor.mask("it was second-line") == f"it was {MASK}"


@pytest.mark.parametrize(("text", "hidden"), [(None, False), ("", False), ("abc", False), ("abcd", True)])
def test_what_is_too_short_to_be_a_secret_hides_nothing(text: str | None, hidden: bool) -> None:
    redactor = Redactor()
    redactor.add(text)
    assert (redactor.mask("xabcdx") != "xabcdx") is hidden
    assert redactor.finds("xabcdx") is hidden
    assert not redactor.finds("other")


@pytest.mark.parametrize(
    "text",
    ["\\" * 100_000, "%41" * 50_000, "&" * 100_000, "&amp;" * 25_000, "a" * 250_000, "\\u003d" * 25_000],
)
def test_large_texts_are_gone_through_once(text: str) -> None:
    redactor = Redactor()
    redactor.add("a-secret-that-is-not-there")
    assert redactor.mask(text) == text
    redactor.add("a" * 4)
    assert MASK in redactor.mask(f"{text} aaaa")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://u:p@host:1/path", f"http://{MASK}@host:1/path"),
        ("http://u:p@q@host", f"http://{MASK}@host"),
        ("host:3128", "host:3128"),
        ("u:p@host", f"{MASK}@host"),
        ("http://host/p@th", "http://host/p@th"),
    ],
)
def test_user_information_of_a_url_is_hidden(url: str, shown: str) -> None:
    assert without_user_info(url) == shown


def test_password_that_is_a_plain_word_leaves_our_messages_alone() -> None:
    redactor = Redactor()
    redactor.add("wrong")
    redactor.add("s3cr3t-value")
    said = "wrong user name or password for s3cr3t-value"
    assert redactor.mask_message(said) == "wrong user name or password for *****"
    assert redactor.mask("bad password: wrong") == "bad password: *****"
