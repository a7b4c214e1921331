"""Adds a session's token to requests, by requests' own hook for authentication."""

from requests.auth import AuthBase
from requests.models import PreparedRequest

TOKEN_HEADER = "Authentication-Token"  # noqa: S105 - the header's name


class TokenAuth(AuthBase):
    """Adds a session's token to a request.

    Args:
        token: the session's token.
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header."""
        request.headers[TOKEN_HEADER] = self._token
        return request
