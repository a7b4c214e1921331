"""Reads the bodies of answers: JSON, web pages, and anything else as an error."""

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from cdpctl.errors import UnclearAnswerError

_BOM = b"\xef\xbb\xbf"
_HTML = rb"(?i)<(?:!doctype\s+html|html|head|body|title|meta|script|form)\b"
# A page's first tag comes early. JSON that quotes HTML does not begin with "<".
_LOOK_AT = 2048


class _NotJsonError(ValueError):
    """A value that Python's parser accepts although JSON does not allow it."""


def decode_json(answer_body: bytes, *, reject_duplicates: bool) -> Any:
    """Turn the bytes of an answer into a JSON value.

    JSON must be UTF-8; a byte order mark is ignored. NaN, numbers that are too large or too long, and
    very deep nesting are errors as well, although Python's parser accepts or crashes on them.

    Args:
        answer_body: the body as received, already decompressed.
        reject_duplicates: refuse objects that contain a key twice, because readers may pick either value.

    Raises:
        UnclearAnswerError: the body is not valid JSON. The message never quotes it.
    """
    if not answer_body.strip():
        raise UnclearAnswerError("the answer has no body")
    try:
        text = answer_body.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnclearAnswerError(f"the answer is not UTF-8 text (byte {error.start})") from None
    try:
        return (_STRICT if reject_duplicates else _PLAIN).decode(text)
    except json.JSONDecodeError as error:
        why = f"line {error.lineno}, column {error.colno}"
    except _NotJsonError as error:
        why = str(error)
    except RecursionError:
        why = "it is nested too deeply"
    except ValueError:
        # int() rejects thousands of digits.
        why = "it contains a number that is too long"
    raise UnclearAnswerError(f"the answer is not JSON: {why}")


def _constant(name: str) -> NoReturn:
    raise _NotJsonError(f"it contains {name}")


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise _NotJsonError("it contains a number that is too large")
    return value


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _NotJsonError("it contains a key twice")
    return value


_PLAIN = json.JSONDecoder(parse_constant=_constant, parse_float=_number)
_STRICT = json.JSONDecoder(parse_constant=_constant, parse_float=_number, object_pairs_hook=_unique)


def looks_like_html(body: bytes, content_type: str | None) -> bool:
    """Return whether a body is a web page, whatever the status of the answer.

    A body that begins like JSON is not HTML, even if the header says so. Nor is an empty body.
    """
    head = body[:_LOOK_AT].removeprefix(_BOM).lstrip()
    if not head or head[:1] in b'{["':
        return False
    if content_type is not None and "html" in content_type.lower():
        return True
    return head[:1] == b"<" and re.search(_HTML, head) is not None
