"""The documented calls of the CDP, with their methods, paths and bodies.

`client.py` has a method for each of them. To add a call, add a function here and a method there:
`responses.py` decides what a status means, for all calls alike.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

_READING = ("GET", "HEAD", "OPTIONS")
# A login and a logout change a session, not the grid.
_SESSIONS = ("/login", "/logout")


class Call(NamedTuple):
    """A request to the CDP.

    Attributes:
        method: the HTTP method.
        path: the quoted path below the REST root.
        what: the call in words, for messages.
        body: the JSON body, or None.
    """

    method: str
    path: str
    what: str
    body: bytes | None = None

    @property
    def changes_grid(self) -> bool:
        """Whether the call may change a peer, so that its effect is unknown if the answer is lost."""
        return self.method not in _READING and self.path not in _SESSIONS


#: Names, types and states: `{"peerInfoList": [...]}`. 404, 405 or 501: this version does not serve it.
LIST_PEER_INFO = Call("GET", "/info/peer", "reading the peers")
#: An array of all peers with their settings. 404, 405 or 501: this version does not serve it.
LIST_PEERS = Call("GET", "/peer", "reading the peers")
#: Ends the session (seen in public clients). 401: it had already ended.
LOGOUT = Call("POST", "/logout", "logout")


def login_call(username: str, password: str) -> Call:
    """Log in. 200: the token is in a header, unless the body says `"login": "false"`."""
    body = json.dumps({"username": username, "password": password}).encode()
    return Call("POST", "/login", "login", body)


def get_peer_call(name: str) -> Call:
    """Read one peer with its settings: an object, or an array of one. 404: no such peer."""
    return Call("GET", peer_path(name), f"reading {name}")


def change_call(verb: str, name: str) -> Call:
    """Stop or start one peer; no body. 200, 202 or 204: accepted, and done in the background."""
    return Call("PUT", peer_path(name, verb), f"{verb} {name}")


def change_many_call(verb: str, names: Sequence[str]) -> Call:
    """Stop or start many peers. There is one answer for all: a 404 does not say which name is unknown."""
    return Call("POST", f"/peer/{verb}", f"{verb} {len(names)} peers", bulk_body(names))


def update_call(peers: Sequence[Mapping[str, Any]]) -> Call:
    """Change settings of peers. 200, 202 or 204: accepted. Only a read shows whether it worked."""
    what = f"update {peers[0]['name']}" if len(peers) == 1 else f"update {len(peers)} peers"
    return Call("PUT", "/peer", what, json.dumps({"peers": [*peers]}).encode())


def delete_call(name: str) -> Call:
    """Delete a peer from the grid. 204: accepted. 404: no such peer."""
    return Call("DELETE", peer_path(name), f"delete {name}")


def peer_path(name: str, verb: str = "") -> str:
    """Return the path of one peer below the REST root. `name` has passed `names.check_name`."""
    path = f"/peer/{quote(name, safe='')}"
    return f"{path}/{verb}" if verb else path


def bulk_body(names: Sequence[str]) -> bytes:
    """Return the body of a call for many peers, as the vendor documents it."""
    return json.dumps({"peers": [{"name": name} for name in names]}).encode()
