"""Every JSON document the program prints is held against the schema that the package ships."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from cdpctl.commands.topics import schema


@cache
def validator(name: str) -> Draft202012Validator:
    """Return the validator of a document, `cdpctl.operation/1`."""
    return Draft202012Validator(schema(name))


def mistakes(document: Any, words: Sequence[str | bytes] = ()) -> list[str]:
    """Return what a document has against its schema.

    Args:
        document: as parsed. What names no schema of ours, a raw answer of a CDP say, is left alone.
        words: of the command line; with `--fields` the records hold what was asked for, nothing is required.
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
