"""Masks known secrets in everything that is printed."""

import re
import threading
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Iterator, Sequence

MASK = "*****"
#: For each character of an unescaped text, the start and end of its original.
_Origins = Sequence[tuple[int, int]]
# Shorter values are not masked: they would occur in many messages by chance.
_SHORTEST = 4

# A password such as `wrong` or `operator` is a word of our own messages too.
_LONGEST_WORD = 10
# The most levels of escaping, such as a JSON string in a JSON string in a URL.
_MOST_PASSES = 6
# Compiled on first use: most runs meet no escapes.
_ESCAPES = (
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u\{[0-9a-fA-F]{1,6}\}|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\x[0-9a-fA-F]{2}|\\[0-3][0-7]{2}|\\[^ux0-9U\n]"
    r"|%u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}"
    r"|&#[0-9]{1,8};|&#[xX][0-9a-fA-F]{1,8};|&[A-Za-z][A-Za-z0-9]{1,30};"
)
_FIRST_OF_ESCAPES = frozenset("\\%&")
_NOT_ASCII = r"[^\x00-\x7f]"
_SHORT_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "a": "\a", "v": "\v", "0": "\0"}
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-")


def without_user_info(url: str) -> str:
    """Return a URL with its user name and password hidden."""
    scheme, separator, rest = url.rpartition("://")
    authority, slash, path = rest.partition("/")
    if "@" not in authority:
        return url
    return f"{scheme}{separator}{MASK}@{authority.rpartition('@')[2]}{slash}{path}"


class Redactor:
    """Remembers secrets and masks them in text, in any encoding.

    Every line that the program prints goes through `mask`. Code that receives a password or a token calls
    `add` first.

    Servers echo what they were sent as JSON, in URLs, as HTML or as base64, with any mix of escaped and
    plain characters. A list of encodings would never be complete. So both the secret and the text are
    unescaped completely, and then compared.
    """

    def __init__(self, *, words: bool = True) -> None:
        # Every secret but those that are plain words.
        self._not_words = Redactor(words=False) if words else self
        # Several grids are read at a time, each with its own secrets.
        self._lock = threading.Lock()
        # The secrets as they are, unescaped, and as part of a base64 text.
        self._plain: tuple[str, ...] = ()
        self._unescaped: tuple[str, ...] = ()
        self._encoded: tuple[str, ...] = ()
        self._shortest_first: tuple[str, ...] = ()
        # A text without these characters can contain a secret only as it is, or as base64.
        self._marks = _FIRST_OF_ESCAPES
        self._all_ascii = True

    def add(self, secret: str | None) -> None:
        """Mask this value from now on, in any encoding."""
        if secret is None or len(secret) < _SHORTEST:
            return
        with self._lock:
            if secret not in self._plain:
                self._add(secret)
        word = secret.isascii() and secret.isalpha() and secret.islower() and len(secret) <= _LONGEST_WORD
        if self._not_words is not self and not word:
            self._not_words.add(secret)

    def _add(self, secret: str) -> None:
        # Messages are written line by line.
        plain = [each for each in {secret, secret.strip(), *secret.splitlines()} if len(each) >= _SHORTEST]
        unescaped: list[str] = []
        encoded: list[str] = []
        for data in {data for each in plain for data in _bytes_of(each)}:
            form = data.decode("latin-1")
            for _ in range(_MOST_PASSES):
                unescaped.append(form.replace("+", " "))
                if _FIRST_OF_ESCAPES.isdisjoint(form):
                    break
                form = re.sub(_ESCAPES, _escaped, form)
            encoded += [*_base64_parts(data), data.hex(), data.hex().upper()]
        self._plain = tuple({*self._plain, *plain})
        self._unescaped = tuple({*self._unescaped, *(each for each in unescaped if len(each) > 1)})
        self._encoded = tuple({*self._encoded, *encoded})
        self._shortest_first = tuple(sorted((*self._plain, *self._encoded), key=len))
        self._marks |= {"+"} if " " in secret else set()
        self._all_ascii = self._all_ascii and secret.isascii()

    def finds(self, text: str) -> bool:
        """Whether a known secret is in `text`."""
        return self._may_hold(text) and next(self._places(text), None) is not None

    def mask_message(self, text: str) -> str:
        """Return a message of our own with the known secrets replaced, but for secrets that are plain words.

        What a message quotes of others was masked by `mask` before.
        """
        return self._not_words.mask(text)

    def mask(self, text: str) -> str:
        """Return `text` with every known secret replaced."""
        if not self._may_hold(text):
            return text
        pieces, done = [], 0
        for start, end in sorted(self._places(text)):
            if start >= done:
                pieces += [text[done:start], MASK]
            done = max(done, end)
        return "".join((*pieces, text[done:]))

    def _may_hold(self, text: str) -> bool:
        """Return quickly whether a text may contain a secret. Most lines do not."""
        for part in self._shortest_first:
            if len(part) > len(text):
                break
            if part in text:
                return True
        return bool(self._plain) and self._may_be_escaped(text)

    def _may_be_escaped(self, text: str) -> bool:
        """Return whether a text may contain a secret in another spelling."""
        return any(mark in text for mark in self._marks) or not (self._all_ascii or text.isascii())

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        """Find every secret in `text`, as start and end. They may overlap."""
        yield from _find(text, self._plain)
        yield from _runs(text, _find(text, self._encoded))
        if not self._may_be_escaped(text):
            return
        if not any(self._in(level) for level, _ in _levels(text)):
            return
        for level, origins in _levels(text, [(place, place + 1) for place in range(len(text))]):
            places = _find(level.replace("+", " "), self._unescaped)
            for start, end in (*places, *_runs(level, _find(level, self._encoded))):
                yield origins[start][0], origins[end - 1][1]

    def _in(self, level: str) -> bool:
        spaced = level.replace("+", " ")
        return any(part in spaced for part in self._unescaped) or any(part in level for part in self._encoded)


def _levels(text: str, origins: _Origins = ()) -> Iterator[tuple[str, _Origins]]:
    """Unescape a text repeatedly until nothing is left to unescape. Its characters then stand for bytes.

    Args:
        text: the text.
        origins: the start and end of the original of each character, or empty if they are not needed.

    Yields:
        The text after each pass, and the origins of its characters.
    """
    if not text.isascii():
        text, origins = _replace(_NOT_ASCII, lambda match: _as_bytes(match[0]), text, origins)
    yield text, origins
    for _ in range(_MOST_PASSES):
        before = text
        text, origins = _replace(_ESCAPES, _escaped, text, origins)
        if text == before:
            break
        yield text, origins


def _replace(
    pattern: str,
    result: Callable[[re.Match[str]], str],
    text: str,
    origins: _Origins,
) -> tuple[str, _Origins]:
    if not origins:
        return re.sub(pattern, result, text), origins
    pieces: list[str] = []
    found: list[tuple[int, int]] = []
    done = 0
    for match in re.finditer(pattern, text):
        start, end = match.span()
        replaced = result(match)
        pieces += [text[done:start], replaced]
        found += origins[done:start]
        found += [(origins[start][0], origins[end - 1][1])] * len(replaced)
        done = end
    return "".join((*pieces, text[done:])), [*found, *origins[done:]]


def _as_bytes(text: str) -> str:
    """Return a text with a character for each of its bytes in UTF-8."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def _escaped(match: re.Match[str]) -> str:
    """Return the bytes that an escape stands for, or the escape itself if it is not valid."""
    escape = match[0]
    kind = escape[1]
    if escape[0] == "&":
        from html import unescape

        found = unescape(escape)
        return escape if found == escape else _as_bytes(found)
    if escape[0] == "%" and kind != "u":
        return chr(int(escape[1:], 16))
    if kind in "uU":
        code = int(escape[2:6] if len(escape) == 12 else escape[2:].strip("{}"), 16)
        if len(escape) == 12:
            code = 0x10000 + ((code - 0xD800) << 10) + int(escape[8:], 16) - 0xDC00
        return escape if code > 0x10FFFF else _as_bytes(chr(code))
    if kind == "x":
        return chr(int(escape[2:], 16))
    if kind.isdigit():
        return chr(int(escape[1:], 8))
    return _SHORT_ESCAPES.get(kind, kind)


def _bytes_of(secret: str) -> set[bytes]:
    """Return a secret as UTF-8, and as Latin-1 for older servers if that is possible."""
    found = {secret.encode("utf-8", "surrogatepass")}
    if max(secret) <= "\xff":
        found.add(secret.encode("latin-1"))
    return found


def _base64_parts(data: bytes) -> Iterator[str]:
    """Return the base64 of some bytes at any offset, without characters that depend on other bytes."""
    for before in range(3):
        text = b2a_base64(bytes(before) + data, newline=False).decode()
        part = text[(0, 2, 3)[before] : (before + len(data)) * 8 // 6]
        yield part
        yield part.replace("+", "-").replace("/", "_")


def _find(text: str, parts: Iterable[str]) -> Iterator[tuple[int, int]]:
    for part in parts:
        start = text.find(part)
        while start >= 0:
            end = start + len(part)
            yield start, end
            start = text.find(part, end)


def _runs(text: str, places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Extend places to the whole base64 or hexadecimal texts around them."""
    done: tuple[int, int] = (0, 0)
    for start, end in places:
        if done[0] <= start and end <= done[1]:
            continue
        while start and text[start - 1] in _BASE64:
            start -= 1  # noqa: PLW2901 - extended
        while end < len(text) and text[end] in _BASE64:
            end += 1  # noqa: PLW2901 - extended
        done = start, end
        yield done


#: Shared by the whole process.
redactor = Redactor()
