"""The embedded grid: its peers behind one or two CDPs, on loopback only."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Self

from cdpctl.sandbox.cdp import Call, Cdp, Conduct
from cdpctl.sandbox.grid import Grid


class Sandbox:
    """A grid behind one or two servers on 127.0.0.1; a context manager.

    Args:
        grid: the peers.
        port: the port, or 0 for a free one. A second CDP uses the next one.
        conduct: its behaviour.
        record: called with every request. None means `journal.append`.
        folder: the folder for the CA certificate. None means a temporary one.

    Attributes:
        cdps: the CDP, and the standby.
        url: the base URL.
        standby_url: the base URL of the second CDP, or None.
        username: the user with all permissions.
        viewer: a user who may only read, with the same password.
        password: the password for this sandbox.
        journal: every request so far.

    Raises:
        UsageError: the port cannot be used.
    """

    def __init__(
        self,
        grid: Grid,
        *,
        port: int = 0,
        conduct: Conduct = Conduct(),  # noqa: B008 - immutable
        record: Callable[[Call], object] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.grid = grid
        self.journal: list[Call] = []
        record = self.journal.append if record is None else record
        first = Cdp(grid, conduct, record, port)
        self.cdps = [first]
        self.sessions, self.port, self.url = first.sessions, first.port, first.url
        self.username, self.viewer = self.sessions.operator, self.sessions.viewer
        self.password = self.sessions.password
        self.standby_url: str | None = None
        if conduct.standby:
            try:
                second = Cdp(grid, conduct, record, port + 1 if port else 0, self.password)
            except BaseException:
                first.stop()
                raise
            self.cdps.append(second)
            self.standby_url = second.url
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.ca_bundle: Path | None = None
        if conduct.tls:
            from cdpctl.sandbox.certificate import server_context

            if folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="cdpctl-sandbox-")
                folder = Path(self._folder.name)
            context, self.ca_bundle = server_context(folder)
            for cdp in self.cdps:
                cdp.socket = context.wrap_socket(cdp.socket, server_side=True, do_handshake_on_connect=False)

    def __enter__(self) -> Self:
        for cdp in self.cdps:
            cdp.start()
        return self

    def __exit__(self, *_error: object) -> None:
        for cdp in self.cdps:
            cdp.stop()
        if self._folder is not None:
            self._folder.cleanup()

    def environment(self) -> dict[str, str]:
        """Return the variables that let cdpctl use this grid."""
        found = {
            "CDPCTL_URL": self.url,
            "CDPCTL_USERNAME": self.username,
            "CDPCTL_PASSWORD": self.password,
            "CDPCTL_NO_KEYRING": "1",
        }
        if self.ca_bundle is not None:
            found["CDPCTL_CA_BUNDLE"] = str(self.ca_bundle)
        return found
