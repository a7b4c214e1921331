"""Writes one line per operation to the system log."""

import errno
import json
import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from cdpctl.errors import OutputError
from cdpctl.redact import redactor
from cdpctl.text import command_line, reason_of

# The sockets of log daemons: Linux and most Unix systems, then macOS.
ADDRESSES = ("/dev/log", "/var/run/syslog")
# Common syslog daemons cut a message after 8 KiB.
_MOST_CHARACTERS = 7000
# Facility "user", severity "info".
_USER_INFO = 14
# A log daemon that hangs must not keep the run from ending.
_SECONDS = 1.0


class AuditRecord(NamedTuple):
    """The line for one operation.

    Attributes:
        user: the account on this machine.
        outcomes: the names for each outcome, in the order given. Names without a result are `unknown`.
    """

    user: str
    profile: str
    url: str
    username: str | None
    operation: str
    outcomes: Mapping[str, Sequence[str]]
    exit_code: int

    def line(self) -> str:
        """Return the record as one line of JSON. If there are too many names, the rest is counted."""
        text = self._json(self.outcomes)
        most = max((len(names) for names in self.outcomes.values()), default=0)
        while len(text) > _MOST_CHARACTERS and most:
            most //= 2
            text = self._json(
                {
                    outcome: [*names[:most], f"and {len(names) - most} more"] if len(names) > most else names
                    for outcome, names in self.outcomes.items()
                }
            )
        return redactor.mask(text)

    def _json(self, outcomes: Mapping[str, Sequence[str]]) -> str:
        fields = {**self._asdict(), "peers": sum(map(len, self.outcomes.values())), "outcomes": outcomes}
        return json.dumps(fields)


def account() -> str:
    """Return the account of this process. Variables are not trusted: any user can set them."""
    with suppress(ImportError, KeyError, AttributeError):
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    return str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "unknown")


def write_audit(record: AuditRecord, addresses: Sequence[str] | None = None) -> None:
    """Write one line to the system log.

    Args:
        record: the record of the operation.
        addresses: the sockets to try, in this order. None means those of the system.

    Raises:
        OutputError: no log daemon accepted it.
    """
    addresses = ADDRESSES if addresses is None else addresses
    address = next((each for each in addresses if Path(each).exists()), addresses[0])
    try:
        try:
            _send(socket.SOCK_DGRAM, address, record.line())
        except OSError as error:
            if error.errno != errno.EPROTOTYPE:
                raise
            # Some daemons accept streams only.
            _send(socket.SOCK_STREAM, address, record.line())
    except OSError as error:
        raise OutputError(
            f"the operation was not written to the system log: {address}: {reason_of(error)}",
            hint=f"start the log daemon, or remove the setting: {command_line('config unset audit')}",
        ) from None


def _send(kind: socket.SocketKind, address: str, line: str) -> None:
    with socket.socket(socket.AF_UNIX, kind) as daemon:
        daemon.settimeout(_SECONDS)
        daemon.connect(address)
        daemon.sendall(f"<{_USER_INFO}>cdpctl: {line}".encode())
