"""The secrets this process knows, and their removal from anything that is printed."""

import json

MASK = "*****"
# Shorter values would blank out half of every message, and are no secret worth the name.
_SHORTEST = 4


def without_user_info(url: str) -> str:
    """Return a URL with its user name and password hidden."""
    scheme, separator, rest = url.rpartition("://")
    authority, slash, path = rest.partition("/")
    if "@" not in authority:
        return url
    return f"{scheme}{separator}{MASK}@{authority.rpartition('@')[2]}{slash}{path}"


class Redactor:
    """Remembers secrets and hides them in text.

    Every line that leaves the program goes through `mask`; whoever learns of a password or a token
    calls `add` before doing anything else with it.
    """

    def __init__(self) -> None:
        self._secrets: list[str] = []

    def add(self, secret: str | None) -> None:
        """Hide this value, and its JSON and URL spellings, from now on."""
        if secret is None or len(secret) < _SHORTEST:
            return
        from urllib.parse import quote, quote_plus

        raw = secret.encode("utf-8", "surrogatepass")
        spellings = {
            secret,
            secret.strip(),
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
            repr(secret)[1:-1],
            quote(raw, safe=""),
            quote_plus(raw),
        }
        known = {*self._secrets, *(each for each in spellings if len(each) >= _SHORTEST)}
        # The longest first: one secret may be the beginning of another.
        self._secrets = sorted(known, key=len, reverse=True)

    def finds(self, text: str) -> bool:
        """Whether a known secret is in `text`."""
        return any(secret in text for secret in self._secrets)

    def mask(self, text: str) -> str:
        """Return `text` with every known secret replaced."""
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, MASK)
        return text


#: The one of this process. A module's own object, because a traceback must find it too.
redactor = Redactor()
