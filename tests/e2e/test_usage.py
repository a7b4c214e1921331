"""Words that are no command: what was wrong, and what to type."""

from pathlib import Path

import pytest

from tests.support.program import Program


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("stop", "AP1"), "cdpctl peer stop"),
        (("list",), "cdpctl peer list or cdpctl config list"),
        (("serve",), "cdpctl sandbox serve"),
    ],
)
def test_verb_without_its_noun_is_told_the_noun(tmp_path: Path, words: tuple[str, ...], hint: str) -> None:
    assert Program(tmp_path).json(*words, code=2)["error"]["hint"] == hint
