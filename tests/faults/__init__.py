"""A server that misbehaves to order: raw sockets, scripted bytes, and a catalogue of faults by name."""

from tests.faults.catalogue import BODIES, REDIRECTS, WIRE, After, Fault, by_name
from tests.faults.grid import answer, faulty, healthy
from tests.faults.server import (
    Close,
    FaultServer,
    Hold,
    Pause,
    Repeat,
    Reset,
    Script,
    Seen,
    Tunnel,
    closed_port,
    unanswering_port,
)

__all__ = [
    "BODIES",
    "REDIRECTS",
    "WIRE",
    "After",
    "Close",
    "Fault",
    "FaultServer",
    "Hold",
    "Pause",
    "Repeat",
    "Reset",
    "Script",
    "Seen",
    "Tunnel",
    "answer",
    "by_name",
    "closed_port",
    "faulty",
    "healthy",
    "unanswering_port",
]
