"""The JSON Schemas of the documents."""

import json
from pathlib import Path
from typing import Any

from cdpctl.errors import UsageError
from cdpctl.text import did_you_mean, near_misses, quoted

_FOLDER = Path(__file__).parent / "schemas"


def schema_names() -> list[str]:
    """Return the names of the JSON documents, without `cdpctl.` and the version."""
    return sorted(path.stem for path in _FOLDER.glob("*.json"))


def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a document.

    Args:
        name: `operation`, `cdpctl.operation` or `cdpctl.operation/1`.

    Raises:
        UsageError: there is no such document.
    """
    short = name.removeprefix("cdpctl.").partition("/")[0]
    known = schema_names()
    if short not in known:
        raise UsageError(
            f"unknown schema {quoted(name)}{did_you_mean(near_misses(short, known, 1))}",
            hint=f"use one of {', '.join(known)}",
        )
    found: dict[str, Any] = json.loads((_FOLDER / f"{short}.json").read_text(encoding="utf-8"))
    return found
