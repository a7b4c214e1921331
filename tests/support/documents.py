"""Validates every JSON document that the program prints."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from cdpctl.output.schema import schema


@cache
def validator(name: str) -> Draft202012Validator:
    """Return the validator for a schema, such as `cdpctl.operation/1`."""
    return Draft202012Validator(schema(name))


def mistakes(document: Any, words: Sequence[str | bytes] = ()) -> list[str]:
    """Return the errors of a document.

    Args:
        document: the parsed document. Documents without a schema, such as raw answers of a CDP, are skipped.
        words: the command line. With `--fields`, no field of a record is required.
    """
    name = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(name, str) or not name.startswith("cdpctl."):
        return []
    inner = [each for part in document.get("grids", ()) for each in mistakes(part, words)]
    return inner + [
        f"{error.json_path}: {error.message}"
        for error in validator(name).iter_errors(document)
        if not (error.validator == "required" and any(str(each).startswith("--fields") for each in words))
    ]
