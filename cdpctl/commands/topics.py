"""The topics of `cdpctl help`, built from the values that the program uses."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from cdpctl.errors import ExitCode
from cdpctl.output.document import Format
from cdpctl.output.schema import schema_names
from cdpctl.settings.table import SETTINGS, variables

_MEANINGS = {
    ExitCode.OK: "everything is done or accepted, or there was nothing to do",
    ExitCode.FAILED: "the CDP rejected it for all peers",
    ExitCode.USAGE: "wrong arguments, an invalid name, a peer that must not be stopped, or no confirmation; "
    "nothing was sent",
    ExitCode.PARTIAL: "some peers are ok, some are not",
    ExitCode.AUTH: "no credentials, login refused, or token refused",
    ExitCode.NOT_FOUND: "none of the peers exists, or the selection matches none",
    ExitCode.UNREACHABLE: "DNS, connection, TLS or proxy failed; nothing was sent",
    ExitCode.UNKNOWN: "the request was sent and its effect is unknown; check before you retry",
    ExitCode.TIMEOUT: "accepted, but not done by the deadline",
    ExitCode.FORBIDDEN: "this user is not allowed to do it (403)",
    ExitCode.CONFIG: "the configuration, profile or credential store cannot be used",
    ExitCode.OUTPUT: "the work was done, but the result could not be written",
    ExitCode.INTERNAL: "a bug in cdpctl",
    ExitCode.HANGUP: "SIGHUP; what was accepted continues in the grid",
    ExitCode.INTERRUPTED: "SIGINT; what was accepted continues in the grid",
    ExitCode.TERMINATED: "SIGTERM; what was accepted continues in the grid",
}

_FORMATS = {
    Format.TABLE: "aligned columns for people; the default on a terminal",
    Format.TSV: "a header row, tabs, no colour; the default elsewhere",
    Format.JSON: "exactly one JSON document, even for errors; indented on a terminal",
    Format.JSONL: "one JSON value per line, each result as it happens",
    Format.NAME: "names only; for an operation, the names of the peers that are ok",
}


class Topic(NamedTuple):
    """A topic.

    Attributes:
        title: one line.
        entries: the rows.
        text: the text below them, one line per paragraph.
    """

    title: str
    entries: tuple[dict[str, Any], ...]
    text: str = ""


def _named(meanings: Mapping[Any, str]) -> tuple[dict[str, Any], ...]:
    return tuple({"name": str(name), "meaning": meaning} for name, meaning in meanings.items())


def _settings_without_option() -> str:
    """Return the settings that only a profile can have, one per line."""
    only = [each for each in SETTINGS if each.in_profile and not each.option]
    width = max(len(each.name) for each in only) + 2
    return "\n".join(f"  {each.name.ljust(width)}{each.help_line}" for each in only)


def topics() -> dict[str, Topic]:
    """Return the topics by name."""
    return {
        "exit-codes": Topic(
            "The exit codes and their meanings.",
            tuple(
                {"code": int(code), "name": code.name.lower(), "meaning": _MEANINGS[code]}
                for code in ExitCode
            ),
            "If no peer is ok and the reasons differ, the first of these codes is used: 7 8 4 9 1 6 5 2.\n"
            "With several grids, 3 means that some could not be read.\n"
            "`cdpctl peer check` uses the codes of monitoring plugins instead: 0 OK, 1 WARNING, 2 CRITICAL, "
            "3 UNKNOWN.\n"
            "A reader that stops early (`| head`) is not an error.",
        ),
        "environment": Topic(
            "The variables that cdpctl reads. An option overrides a variable, which overrides the profile.",
            _named(variables()),
            "No option takes a password or a token as its value, because other users could see it in the "
            "process list.\n"
            "`cdpctl config path` prints the path of your configuration file. /etc/cdpctl/config.toml is for "
            "all users of a machine, and your own values override it. The settings of a profile have the "
            "names of their options, such as ca_bundle, and verify = false means --insecure-skip-verify. "
            f"These have no option:\n{_settings_without_option()}",
        ),
        "output": Topic(
            "The formats of -o FORMAT for standard output. Messages go to standard error.",
            _named(_FORMATS),
            "--fields a,b,c selects the fields of the records, in that order. It does not affect -o name.\n"
            "With several profiles, table and tsv have a GRID column, jsonl records have a grid field, and "
            "json is one cdpctl.grids/1 document with a document per grid. name prints just the names.\n"
            "--no-headers leaves out the header row of table and tsv.\n"
            "Control characters in text from the CDP are escaped.\n"
            "-o name and --output-failed write one name per line. Some names are written as JSON strings in "
            'double quotes: those with a space at either end, with a # after a space, with ", [, { or # at '
            "the beginning, and those with characters that standard output may not encode. --from-file and - "
            "read both forms, and JSON that cdpctl printed: of an operation or a check, they take the peers "
            "that are not ok, and of a list all peers. A # at the start of a line or after a space begins a "
            "comment.\n"
            "Each JSON document names its schema. New versions only add fields. The schemas:\n"
            f"  {', '.join(schema_names())}\n"
            "`cdpctl help output --schema` prints all of them, and `cdpctl help output --schema operation` "
            "prints one.",
        ),
        "ansible": Topic(
            "The Ansible collection cdpctl.grid. Its modules run cdpctl on the controller or on any host "
            "that has it.",
            _named(
                {
                    "cdpctl.grid.peer": "stop, start or restart peers",
                    "cdpctl.grid.peer_info": "list peers",
                }
            ),
            "ansible-core finds the collection if pip has installed both into the same environment. "
            "Otherwise, set the path:\n"
            '  export ANSIBLE_COLLECTIONS_PATH="$(cdpctl ansible path)"\n'
            "An example task:\n"
            "  - name: Stop two peers and wait until they are stopped\n"
            "    cdpctl.grid.peer:\n"
            "      profile: prod\n"
            "      names: [AP1, AP2]\n"
            "      state: stopped\n"
            "A second run changes nothing. Check mode is a dry run. --diff shows each peer before and after. "
            "A task returns the JSON document of cdpctl. If it fails, it gives the reason for each peer.\n"
            "`ansible-doc cdpctl.grid.peer` lists the options, with more examples.",
        ),
    }
