"""The standby CDP is used only if nothing can have reached the first one."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from cdpctl.operations import pace
from tests.e2e.conftest import Serve
from tests.support.catalogue import by_name
from tests.support.fault_server import Close, FaultServer, Reset, Script, Seen, closed_port, unanswering_port
from tests.support.program import (
    CANARY_PASSWORD,
    CANARY_TOKEN,
    InProcess,
    Program,
    StrictInProcess,
    StrictProgram,
    changes,
    logins,
    together,
)
from tests.support.wire_grid import answer, healthy

pytestmark = pytest.mark.loopback

_STANDBY_TOKEN = "standby-token-0123456789"
_USER = {"CDPCTL_TOKEN": "", "CDPCTL_USERNAME": "operator", "CDPCTL_PASSWORD": CANARY_PASSWORD}
_STOP = ("peer", "stop", "AP1")


def between(home: Path, first: str, standby: str, **variables: str) -> StrictProgram:
    """Return a program whose profile has two CDPs."""
    home.mkdir(exist_ok=True)
    config = home / "config.toml"
    config.write_text(
        f'[profiles.default]\nurl = "{first}"\nstandby_url = "{standby}"\nconnect_timeout = "1s"\n'
    )
    return StrictInProcess(home, "", **{"CDPCTL_URL": "", "CDPCTL_CONFIG": str(config), **_USER, **variables})


def storing(home: Path, first: str, standby: str) -> StrictProgram:
    """Return a program as `between` does, which stores its tokens in files."""
    program = between(home, first, standby)
    with (home / "config.toml").open("a") as config:
        config.write('token_store = "file"\nusername = "operator"\n')
    return program


def takes_over(home: Path, first: str, **variables: str) -> None:
    """Stop a peer. The standby must get one login and one stop."""
    with FaultServer(healthy(_STANDBY_TOKEN)) as standby:
        run = between(home, first, standby.url, **variables)(*_STOP, code=0)
        assert standby.sent("POST", "PUT")[:2] == [
            "POST /baocdp/rest/login HTTP/1.1",
            "PUT /baocdp/rest/peer/AP1/stop HTTP/1.1",
        ]
    assert run.outcomes == {"AP1": "accepted"}
    assert run.document["url"] == standby.url
    assert f"using the standby 127.0.0.1:{standby.port}" in run.stderr


def test_standby_takes_over_where_nothing_arrived(tmp_path: Path) -> None:
    with unanswering_port() as silent:
        together(
            {
                "refused": partial(takes_over, tmp_path / "1", f"http://127.0.0.1:{closed_port()}/baocdp"),
                "unknown host": partial(takes_over, tmp_path / "2", "https://cdp.invalid:38080/baocdp"),
                "no connection in time": partial(
                    takes_over, tmp_path / "3", f"http://127.0.0.1:{silent}/baocdp"
                ),
                "given token": partial(
                    takes_over,
                    tmp_path / "4",
                    f"https://127.0.0.1:{closed_port()}/baocdp",
                    CDPCTL_TOKEN=CANARY_TOKEN,
                ),
            },
            at_a_time=1,
        )


def stays(home: Path, code: int, script: Callable[[Seen], Script], *words: str, tls: bool = False) -> None:
    """Run a command with a fault of the first CDP. The standby must get no request."""
    with FaultServer(script) as first, FaultServer(healthy(_STANDBY_TOKEN)) as standby:
        url = first.url.replace("http:", "https:") if tls else first.url
        run = between(home, url, standby.url)(*(words or _STOP), code=code)
        assert standby.requests == []
        assert sum(is_stop(seen) for seen in first.requests) <= 1
    assert "using the standby" not in run.stderr


def is_stop(seen: Seen) -> bool:
    return seen.target.endswith("/stop")


def after(what: Callable[[Seen], bool], script: Script) -> Callable[[Seen], Script]:
    """Return a grid that plays a script from the first request of a kind on."""
    good = healthy()
    over: list[Seen] = []

    def behave(seen: Seen) -> Script:
        if over or what(seen):
            over.append(seen)
            return script
        return good(seen)

    return behave


def test_no_other_fault_changes_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The CDP never shows that the stop worked, however long it is read.
    monkeypatch.setattr(pace, "_PAUSES", (0.0, 0.02, 0.05))

    def is_login(seen: Seen) -> bool:
        return seen.target.endswith("/login")

    def is_read(seen: Seen) -> bool:
        return seen.method == "GET"

    cases = {
        "login 401": (4, after(is_login, [answer(401)])),
        "login 503": (6, after(is_login, [answer(503)])),
        "login reset": (6, after(is_login, [Reset()])),
        "read 503": (6, after(is_read, [answer(503)])),
        "death after the login": (6, after(is_read, [Reset()])),
        "stop 503": (1, after(is_stop, [answer(503)])),
        "death after the send": (7, after(is_stop, [Reset()])),
        "end after the send": (7, after(is_stop, [Close()])),
        "cut answer": (7, after(is_stop, by_name("cut_chunk").script)),
    }
    runs: dict[str, Callable[[], None]] = {
        name: partial(stays, tmp_path / name.replace(" ", "-"), code, script)
        for name, (code, script) in cases.items()
    }
    runs["broken TLS"] = partial(stays, tmp_path / "tls", 6, healthy(), *_STOP, tls=True)
    together(runs, at_a_time=1)


@pytest.mark.parametrize("last", ["/login", "/stop"])
def test_first_cdp_that_is_gone_after_it_was_reached_is_not_replaced(last: str, tmp_path: Path) -> None:
    good = healthy()

    def behave(seen: Seen) -> Script:
        played = good(seen)
        if not seen.target.endswith(last):
            return played
        first.refuse()
        # The answer to the login is the last one. The answer to the stop is lost.
        return [*played, Close()] if last == "/login" else [Close()]

    with FaultServer(behave) as first, FaultServer(healthy(_STANDBY_TOKEN)) as standby:
        between(tmp_path, first.url, standby.url)(*_STOP, code=6 if last == "/login" else 7)
        assert standby.requests == []
        assert sum(is_stop(seen) for seen in first.requests) == (last == "/stop")


def test_both_gone_is_unreachable(tmp_path: Path) -> None:
    first, standby = closed_port(), closed_port()
    run = between(tmp_path, f"http://127.0.0.1:{first}/baocdp", f"http://127.0.0.1:{standby}/baocdp")(
        *_STOP, code=6
    )
    assert f"127.0.0.1:{standby}" in run.document["error"]["message"]


def test_many_calls_at_a_time_change_over_together(tmp_path: Path, serve: Serve) -> None:
    grid = serve(standby=True)
    program = between(tmp_path, f"http://127.0.0.1:{closed_port()}/baocdp", grid.standby_url or "")
    program.env["CDPCTL_PASSWORD"] = grid.password
    words = ("peer", "stop", "AP1", "AP2", "LAP", "--each", "--no-preflight", "--parallel", "3")
    run = program(*words, code=0)
    assert set(run.outcomes.values()) == {"accepted"}
    assert sorted(changes(grid)) == ["PUT AP1/stop", "PUT AP2/stop", "PUT LAP/stop"]
    assert logins(grid) == 1


def test_dry_run_shows_the_url_of_the_cdp_that_answers(tmp_path: Path, serve: Serve) -> None:
    grid = serve(standby=True)
    program = between(tmp_path, f"http://127.0.0.1:{closed_port()}/baocdp", grid.standby_url or "")
    program.env["CDPCTL_PASSWORD"] = grid.password
    for words in (("stop", "AP1"), ("delete", "AP3"), ("update", "AP1", "--description", "x")):
        [request] = program("peer", *words, "--dry-run", code=0).document["requests"]
        assert request["url"].startswith(f"{grid.standby_url}/rest/peer")


def test_standby_is_left_alone_while_the_first_cdp_answers(tmp_path: Path) -> None:
    with FaultServer(healthy()) as first, FaultServer(healthy(_STANDBY_TOKEN)) as standby:
        run = between(tmp_path, first.url, standby.url)(*_STOP, code=0)
        assert standby.requests == []
    assert run.document["url"] == first.url


def test_standby_of_the_profile_is_not_used_for_another_url(tmp_path: Path) -> None:
    gone, other = (f"http://127.0.0.1:{closed_port()}/baocdp" for _ in range(2))
    with FaultServer(healthy(_STANDBY_TOKEN)) as standby:
        typed = between(tmp_path / "typed", gone, standby.url)
        typed(*_STOP, "--url", other, code=6)
        between(tmp_path / "set", gone, standby.url, CDPCTL_URL=other)(*_STOP, code=6)
        assert standby.requests == []
        # --url with the profile's own URL is still the profile's CDP.
        run = typed(*_STOP, "--url", gone, code=0)
    assert run.document["url"] == standby.url


def test_status_says_which_cdp_answers(tmp_path: Path) -> None:
    gone = f"http://127.0.0.1:{closed_port()}/baocdp"
    with FaultServer(healthy()) as first, FaultServer(healthy(_STANDBY_TOKEN)) as standby:
        up = between(tmp_path, first.url, standby.url)("status", code=4).document
        assert (up["answers"], up["standby"]) == (first.url, "not checked")
        assert standby.requests == []
        over = between(tmp_path, gone, standby.url)("status", code=4)
        assert (over.document["answers"], over.document["standby"]) == (standby.url, "up")
        assert "not logged in to the standby, but commands log in by themselves" in over.stderr
        alone = between(tmp_path, gone, standby.url, CDPCTL_PASSWORD="")("status", code=4).document["error"]
        assert alone["message"] == "not logged in to the standby"
        assert "CDPCTL_PASSWORD_FILE" in alone["hint"]
        assert standby.sent("POST") == []
        with FaultServer(lambda _seen: [Close()]) as silent:
            stuck = between(tmp_path, silent.url, standby.url)("status", code=6).document
        # Commands would not use the standby either.
        assert (stuck["answers"], stuck["standby"]) == (None, "not checked")
    neither = between(tmp_path, gone, gone.replace("baocdp", "other"))("status", code=6).document
    assert (neither["answers"], neither["standby"]) == (None, "unreachable")


def test_hint_about_the_standby_does_not_log_in_to_the_first_cdp(tmp_path: Path) -> None:
    gone = f"http://127.0.0.1:{closed_port()}/baocdp"
    with FaultServer(healthy(_STANDBY_TOKEN)) as standby:
        cdpctl = between(tmp_path, gone, standby.url, CDPCTL_TOKEN=CANARY_TOKEN, CDPCTL_PASSWORD="")
        error = cdpctl(*_STOP, code=4).document["error"]
    assert error["message"] == "not logged in to the standby"
    assert "CDPCTL_PASSWORD_FILE" in error["hint"]


def test_status_speaks_of_the_session_of_the_standby(tmp_path: Path) -> None:
    gone = f"http://127.0.0.1:{closed_port()}/baocdp"
    with FaultServer(healthy(_STANDBY_TOKEN)) as standby:
        program = storing(tmp_path, gone, standby.url)
        program("peer", "list", code=0)
        plain = InProcess(tmp_path, None, **program.env)
        [first, *_] = plain("status", "-o", "table", code=0).stdout.splitlines()
        assert first == f"Logged in to {standby.url} as operator (profile default, token from a file)."
        [token] = (tmp_path / "tokens").glob("*.json")
        token.write_text(token.read_text().replace(_STANDBY_TOKEN, "expired"))
        error = plain.json("status", code=4)["error"]
    assert error["message"] == "the session of operator on the standby has expired"


def test_token_that_was_given_is_never_shown_to_the_standby(tmp_path: Path) -> None:
    gone = f"http://127.0.0.1:{closed_port()}/baocdp"
    with FaultServer(healthy(_STANDBY_TOKEN)) as standby:
        program = between(tmp_path, gone, standby.url, CDPCTL_TOKEN=CANARY_TOKEN)
        for words in (("status",), _STOP, ("peer", "list"), ("doctor",)):
            program(*words)
        assert CANARY_TOKEN not in {seen.headers.get("authentication-token") for seen in standby.requests}


def test_doctor_checks_both(tmp_path: Path) -> None:
    gone = f"http://127.0.0.1:{closed_port()}/baocdp"
    with FaultServer(healthy(_STANDBY_TOKEN)) as standby:
        checks = between(tmp_path, gone, standby.url)("doctor", code=6).document["checks"]
    found = {check["name"]: check["status"] for check in checks}
    assert found["tcp"] == "failed"
    assert found["standby-tcp"] == found["standby-token"] == found["standby-api"] == "ok"
    assert len(found) == len(checks)


def test_login_stays_with_the_cdp_that_it_is_for(tmp_path: Path) -> None:
    gone = f"http://127.0.0.1:{closed_port()}/baocdp"
    with FaultServer(healthy(_STANDBY_TOKEN)) as standby:
        between(tmp_path, gone, standby.url)("login", "--token-store", "none", code=6)
        assert standby.requests == []


def test_session_of_the_standby_is_kept_apart_and_ended_by_logout(tmp_path: Path) -> None:
    gone = f"http://127.0.0.1:{closed_port()}/baocdp"
    with FaultServer(healthy(_STANDBY_TOKEN)) as standby:
        program = storing(tmp_path, gone, standby.url)
        program(*_STOP, code=0)
        program("peer", "list", code=0)
        assert sum(line.startswith("POST /baocdp/rest/login") for line in standby.sent()) == 1
        records = program("logout", code=0).document["profiles"]
        assert [(each["url"], each["ended"]) for each in records] == [(gone, False), (standby.url, True)]
        assert standby.sent()[-1].startswith("POST /baocdp/rest/logout")
        program(*_STOP, code=0)
    plain = Program(tmp_path, None, **program.env)
    assert plain.json("config", "remove", "default", code=0)["removed"] == ["the token file"]
