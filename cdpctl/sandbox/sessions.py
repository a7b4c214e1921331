"""The embedded grid's users and their sessions, which expire."""

import json
import secrets
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

# The most sessions. If there are more, the oldest ends.
_MOST_SESSIONS = 1000


class _Session(NamedTuple):
    user: str
    begun: float
    used: float


class Sessions:
    """The users and their valid tokens. Safe to use from several threads.

    Args:
        operator: the user with all permissions.
        idle: seconds after which an unused session ends.
        longest: seconds after which any session ends. The documented default is 24 hours.
        clock: a monotonic clock in seconds.
        password: the password of both users. None means a new one.

    Attributes:
        viewer: a user who may only read, with the same password.
        password: the password.
    """

    def __init__(
        self,
        operator: str = "operator",
        *,
        idle: float = 1800.0,
        longest: float = 24 * 3600.0,
        clock: Callable[[], float] = time.monotonic,
        password: str | None = None,
    ) -> None:
        self.operator, self.viewer = operator, "viewer"
        self.password = secrets.token_urlsafe(12) if password is None else password
        self._idle, self._longest, self._clock = idle, longest, clock
        self._sessions: dict[str, _Session] = {}
        self._lock = threading.Lock()

    def log_in(self, body: bytes) -> str | int:
        """Return a new token, or the status of a refusal: 400 or 401."""
        try:
            given = json.loads(body)
            user, password = str(given["username"]), str(given["password"]).encode("utf-8", "surrogatepass")
        except (ValueError, KeyError, TypeError, RecursionError):
            return 400
        known = user in (self.operator, self.viewer)
        if not secrets.compare_digest(password, self.password.encode()) or not known:
            return 401
        # Like a real one: several hundred characters, including special ones.
        token = f"{secrets.token_urlsafe(240)}/+=.*_-"
        now = self._clock()
        with self._lock:
            if len(self._sessions) >= _MOST_SESSIONS:
                del self._sessions[next(iter(self._sessions))]
            self._sessions[token] = _Session(user, now, now)
        return token

    def user_of(self, token: str | None) -> str | None:
        """Return the user of a token, and keep the session alive. None if the token is not valid."""
        with self._lock:
            session, now = self._sessions.get(token or ""), self._clock()
            if session is None or token is None:
                return None
            if now - session.used > self._idle or now - session.begun > self._longest:
                del self._sessions[token]
                return None
            self._sessions[token] = session._replace(used=now)
            return session.user

    def log_out(self, token: str | None) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(token or "", None)

    def end_all(self) -> None:
        """End every session: the next call with an old token gets 401."""
        with self._lock:
            self._sessions.clear()
