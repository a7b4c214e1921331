"""Documents: records that are made as they are written, and errors as JSON."""

from cdpctl.errors import UsageError
from cdpctl.output.document import Rows, error_json


def test_rows_are_made_one_by_one_and_sliced_without_being_made() -> None:
    made: list[int] = []

    def make(number: int) -> dict[str, int]:
        made.append(number)
        return {"number": number}

    rows = Rows(range(10), make)
    part = rows[8:]
    assert (len(rows), len(part), made) == (10, 2, [])
    assert rows[3] == {"number": 3}
    assert list(part) == [{"number": 8}, {"number": 9}]
    assert made == [3, 8, 9]


def test_error_is_shown_with_all_that_is_known_of_it() -> None:
    assert error_json(None) is None
    assert error_json(UsageError("no", hint="yes", http_status=400)) == {
        "code": "usage",
        "message": "no",
        "hint": "yes",
        "http_status": 400,
    }
