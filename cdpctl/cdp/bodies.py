"""What the body of an answer is: a JSON value, a web page, or a known error."""

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from cdpctl.errors import UnclearAnswerError

_BOM = b"\xef\xbb\xbf"
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|meta|script|form)\b", re.IGNORECASE)
# A page's own tag comes early; a JSON text that merely quotes HTML does not begin with "<".
_LOOK_AT = 2048


class _NotJsonError(ValueError):
    """A value that Python's parser lets through and JSON does not know."""


def decode_json(answer_body: bytes, *, reject_duplicates: bool) -> Any:
    """Turn the bytes of an answer into a JSON value.

    Only UTF-8 is JSON on the wire (a byte order mark is forgiven). Whatever Python's parser would let
    through or stumble over (NaN, numbers beyond a float, thousands of digits, nesting without end) is
    the same error as plain nonsense.

    Args:
        answer_body: as received, already decompressed.
        reject_duplicates: refuse objects that name a key twice: two readers would see two answers.

    Raises:
        UnclearAnswerError: the bytes are no JSON value; the message never quotes them.
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
        why = "it nests too deeply"
    except ValueError:
        # int() refuses thousands of digits.
        why = "it holds a number that is too long"
    raise UnclearAnswerError(f"the answer is not JSON: {why}")


def _constant(name: str) -> NoReturn:
    raise _NotJsonError(f"it holds {name}")


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise _NotJsonError("it holds a number that is too large")
    return value


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _NotJsonError("it names a key twice")
    return value


_PLAIN = json.JSONDecoder(parse_constant=_constant, parse_float=_number)
_STRICT = json.JSONDecoder(parse_constant=_constant, parse_float=_number, object_pairs_hook=_unique)


def looks_like_html(body: bytes, content_type: str | None) -> bool:
    """Say whether a body is a web page, whatever status it came under.

    A body that begins as JSON is not HTML even where the header says so; an empty one never is.
    """
    head = body[:_LOOK_AT].removeprefix(_BOM).lstrip()
    if not head or head[:1] in b'{["':
        return False
    if content_type is not None and "html" in content_type.lower():
        return True
    return head[:1] == b"<" and _HTML.search(head) is not None
