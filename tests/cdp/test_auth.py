"""The token's header."""

from requests import Request

from cdpctl.cdp.auth import TokenAuth


def test_token_goes_into_a_header_of_its_own_in_place_of_another() -> None:
    request = Request("PUT", "https://cdp.example.com/x", headers={"authentication-token": "old"})
    prepared = TokenAuth("t/1+=").__call__(request.prepare())
    assert prepared.headers["Authentication-Token"] == "t/1+="
    assert len(prepared.headers) == len({name.lower() for name in prepared.headers})
    assert "Authorization" not in prepared.headers
