"""A token that a server echoes in any encoding is never shown, not even in part."""

import base64
import html
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.fault_server import FaultServer, Script, Seen
from tests.support.program import InProcess
from tests.support.wire_grid import answer

pytestmark = pytest.mark.loopback

#: As long as a real token, with all characters that an encoding escapes. No part is repeated.
TOKEN = "".join(f"{number:x}/+=.*_-Tk" for number in range(0x1000, 0x1000 + 36))
_PIECE = 8

_SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "json_with_slashes": lambda token: token.replace("/", "\\/"),
    "json_with_equals": lambda token: token.replace("=", "\\u003d").replace("+", "\\u002B"),
    "url": lambda token: quote(token, safe=""),
    "url_in_small_letters": lambda token: quote(token, safe="").replace("%2F", "%2f").replace("%3D", "%3d"),
    "html": lambda token: html.escape(token).replace("=", "&#61;").replace("/", "&#x2F;"),
    "base64": lambda token: base64.b64encode(f"operator:{token}".encode()).decode(),
}


def _parts(text: str) -> set[str]:
    return {text[place : place + _PIECE] for place in range(len(text) - _PIECE + 1)}


@pytest.mark.parametrize("spelling", _SPELLINGS)
def test_token_that_a_server_echoes_is_not_shown_even_in_part(tmp_path: Path, spelling: str) -> None:
    echoed = _SPELLINGS[spelling](TOKEN)
    # Ignore parts that are common in other texts.
    telling = {part for part in _parts(echoed) if "Tk" in part or spelling == "base64"}
    page = json.dumps({"message": "Invalid session: X"}).replace("X", echoed).encode()
    scripts: dict[str, Script] = {
        "message": [answer(500, page)],
        "refusal": [answer(403, page)],
        "success": [answer(200, page)],
        "header": [answer(500, b"", {"X-Session": echoed})],
        "location": [answer(302, b"", {"Location": f"https://sso.example.com/login?session={echoed}"})],
        "reason": [f"HTTP/1.1 500 no {echoed}\r\nContent-Length: 0\r\n\r\n".encode()],
    }
    for script in scripts.values():

        def behave(seen: Seen, script: Script = script) -> Script:
            return script

        with FaultServer(behave) as server:
            program = InProcess(
                tmp_path, None, CDPCTL_TOKEN=TOKEN, CDPCTL_NO_KEYRING="1", CDPCTL_URL=server.url
            )
            for words in (
                ("peer", "stop", "AP1"),
                ("peer", "list"),
                ("peer", "stop", "AP1", "-o", "json", "-vvv"),
            ):
                said = program(*words, "--timeout", "5s").said
                assert [part for part in telling if part in said] == [], (words, said)
                assert server.sent()
