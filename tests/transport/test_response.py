"""The seconds in a `Retry-After`."""

import pytest
from urllib3 import HTTPHeaderDict

from cdpctl.transport.response import retry_after


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3.0),
        ("100000", 5.0),
        ("9" * 5000, 5.0),
        ("-1", 0.0),
        ("1.5", 0.0),
        ("soon", 0.0),
        ("²", 0.0),
        ("", 0.0),
        ("Tue, 24 Nov 2026 10:00:03 GMT", 0.0),
    ],
)
def test_retry_after_is_read_if_it_is_in_seconds(value: str, seconds: float) -> None:
    assert retry_after(HTTPHeaderDict([("Retry-After", value)])) == seconds
