"""What a broken exchange is called in front of a user: the error, its words, what to type next."""

from cdpctl.errors import CdpctlError, DeadlineError, LostAnswerError, UnreachableError
from cdpctl.transport.dial import Failure, TransportError
from cdpctl.transport.replies import Call

LOOK_FIRST = "it may have been done: look before you retry, `cdpctl peer list`"
_DOCTOR = "`cdpctl doctor` shows how far a call gets"
# The first bytes may have left, and yet no CDP can have understood them.
_NEVER_ARRIVED = (Failure.PROXY, Failure.TLS_ANSWER)


def explain(
    broken: TransportError, call: Call, what: str, at: str, base: str, *, reading: bool
) -> CdpctlError:
    """Return the error for a broken exchange.

    Args:
        broken: how it broke.
        call: how far it got.
        what: method and path.
        at: `host:port` of the CDP.
        base: the CDP's base URL.
        reading: a GET, which changes nothing.
    """
    if not call.sent or broken.kind in _NEVER_ARRIVED:
        return _never_arrived(broken, call, what, at, base)
    happened = _happened(broken, call)
    if not reading:
        return LostAnswerError(f"{what} was sent to {at}, and {happened}", hint=LOOK_FIRST)
    kind = DeadlineError if broken.kind is Failure.DEADLINE else UnreachableError
    return kind(f"{what} at {at}: {happened}", hint=_hint_after(broken.kind), reason=happened)


def _never_arrived(broken: TransportError, call: Call, what: str, at: str, base: str) -> CdpctlError:
    kind, who = broken.kind, broken.where or at
    if kind is Failure.DEADLINE:
        return DeadlineError(
            f"the deadline of {call.deadline.seconds or 0:.3g} s passed before {what} was sent to {at}"
            + (f": {broken.detail}" if broken.detail else ""),
            hint=f"give it more, --timeout 5m; {_DOCTOR}",
        )
    if kind is Failure.TLS_ANSWER:
        return UnreachableError(
            f"{at} speaks TLS, and the URL says http",
            hint=f"`cdpctl login https:{base.partition(':')[2]}`, or --url with https://",
        )
    if kind is Failure.TLS_DROPPED:
        return UnreachableError(
            f"{who} closed the connection in the middle of the TLS handshake",
            hint=f"plain http, another protocol, or a proxy that does not let it through; {_DOCTOR}",
        )
    if kind is Failure.PROXY:
        return UnreachableError(
            f"{who} did not let the call through: {broken.detail}; nothing reached the CDP",
            hint="another proxy: --proxy URL; none: --proxy '' or the variable NO_PROXY",
        )
    hints = {
        Failure.REFUSED: f"is it up, and is this its port? {_DOCTOR}",
        Failure.DNS: f"check the name in the URL, and this machine's DNS; {_DOCTOR}",
        Failure.DNS_AGAIN: f"this machine's DNS does not answer; {_DOCTOR}",
        Failure.CONNECT_TIMEOUT: f"wrong address or firewall? --connect-timeout 30s waits longer; {_DOCTOR}",
    }
    detail = broken.detail or "the connection failed"
    return UnreachableError(
        f"{who} cannot be reached: {detail}; nothing was sent", hint=hints.get(kind, _DOCTOR), reason=detail
    )


def _happened(broken: TransportError, call: Call) -> str:
    match broken.kind:
        case Failure.DEADLINE:
            return f"no whole answer came by the deadline of {call.deadline.seconds or 0:.3g} s"
        case Failure.TIMEOUT:
            return f"nothing came for {call.read_timeout:.3g} s"
        case Failure.EOF:
            return "the connection was closed without an answer"
        case Failure.CUT:
            return "the answer was cut off"
        case Failure.TOO_LONG:
            return f"the answer is longer than {call.cap / 1048576:.3g} MiB"
        case Failure.FRAMING:
            return f"the answer cannot be understood: {broken.detail}"
        case _:
            return "the connection was reset before the answer had come"


def _hint_after(kind: Failure) -> str:
    if kind is Failure.DEADLINE:
        return f"give it more, --timeout 5m; {_DOCTOR}"
    if kind is Failure.TIMEOUT:
        return f"--read-timeout 60s waits longer; {_DOCTOR}"
    return _DOCTOR
