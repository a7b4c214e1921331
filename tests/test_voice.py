"""The wording of the program: no text uses a phrase that a native speaker would not use."""

import re
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_ENDINGS = {".py", ".md", ".json", ".1", ".bash", ".fish", ".sh", ".zsh", ".toml"}
_FILES = sorted(
    path.relative_to(_ROOT).as_posix()
    for place in ("cdpctl", "completions", "README.md", "CHANGELOG.md", ".github")
    for path in ([_ROOT / place] if (_ROOT / place).is_file() else (_ROOT / place).rglob("*"))
    if path.is_file() and (path.suffix in _ENDINGS or path.name == "_cdpctl")
)
# "is no longer" and "there is no keyring" are plain English; "'x' is no duration" is not.
_OLD = re.compile(
    r"""(?<![Tt]here\ )\bis\ no\ (?!longer\b|different\b) | \b(?:a|last|another)\ look\b | \bso\ many\b
    | (?<![Tt]here\ )\bis\ none\b | \bnone\ for\ it\b | \ba\ call\ a\ peer\b | \bto\ the\ letter\b
    | \bnever\ attempted\b | \btake\ one\ \w+\ out\b | \ba\ HA-CDP\b | \bno\ URL\ of\ a\ CDP\b
    | \bgoe?s?\ on\ in\ the\ grid\b | \bhad\ no\ answer\ yet\b
    | \bGo\ on\?
    | \bnobody\ can\ be\ asked\b | \bresolver\ knows\b | \bwhoever\ stands\b | \beverybody\ on\ this\b
    | \bstopped\ already,\ and\ left\b | \bvital\ to\ the\ grid\b | \bwhat\ comes\ of\ a\ peer\b
    | \bthe\ server\ answered\ \d+,
    | \bpeers'\ disfavour\b | \bhost\ alone\ will\ do\b
    | \b[Ww]hoever\b | \bprovably\b | \bgravest\b | \bfor\ want\ of\b
    | \b[Ww]hat\ (?:came|comes|becomes|became)\ of\b
    | \bno\ read\ (?:of\ this\ CDP\ )?(?:shows|reports|tells)\b | \btakes\ a\ piece\ of\ information\b
    | \bnone\ in\ the\ way\b | \bexclude\ each\ other\b
    | \ba\ line\ a\ (?:call|peer)\b | \bclose\ the\ books\b
    | \bto\ go\ on\ waiting\b | \bnot\ looked\ at\b | \ba\ login\ made\ just\ now\b | \bso\ that\ nobody\b
    | \b[Ww]here\ there\ is\ (?:none|no|one)\b | \bwould\ change\ the\ address\b | \bstands\ in\ between\b
    | \b\w+:\ of\ the\ (?:run|command|file|profile|peer)[.,;] | \bon\ the\ way\ there,\ and\b
    | \bget(?:s)?\ there\ in\ time\b | \bas\ the\ documents\ have\ it\b""",
    re.VERBOSE,
)
# A command of a hint stands on its own, so that it can be pasted.
_QUOTED_HINT = re.compile(r'hint=\(?\s*f?"[^"]*`')


def test_text_uses_no_old_phrase() -> None:
    for name in _FILES:
        text = (_ROOT / name).read_text(encoding="utf-8")
        # A phrase may be broken over two lines of a text, a comment or a string.
        flat = re.sub(r'\s*\n\s*(?:f?"|\#\s)?', " ", text).replace("\\-", "-")
        found = [flat[max(0, each.start() - 40) : each.end() + 30] for each in _OLD.finditer(flat)]
        assert found == [], name
        assert _QUOTED_HINT.findall(text) == [], name
