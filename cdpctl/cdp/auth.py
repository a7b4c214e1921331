"""How a token travels: in a header of its own, put there by requests' own hook for it."""

from requests.auth import AuthBase
from requests.models import PreparedRequest

TOKEN_HEADER = "Authentication-Token"  # noqa: S105 - the header's name


class TokenAuth(AuthBase):
    """Adds a session's token to a request.

    Args:
        token: of the session.
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header."""
        request.headers[TOKEN_HEADER] = self._token
        return request
