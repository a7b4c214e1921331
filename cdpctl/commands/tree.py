"""The tree of commands, with the module and the summary of each. It imports none of them."""

from collections.abc import Mapping
from typing import NamedTuple


class Command(NamedTuple):
    """A command.

    Attributes:
        place: the module below `cdpctl.commands` with the function.
        summary: the first line of the function's docstring.
        function: the name of the function.
        interspersed: False if everything after the first word belongs to another program.
        monitoring: whether it answers as a monitoring plugin, even for wrong arguments.
        changes: whether it changes something. It is then never suggested for a mistyped read.
        needs_words: whether it needs a name, a path or a selection.
    """

    place: str
    summary: str
    function: str = "run"
    interspersed: bool = True
    monitoring: bool = False
    changes: bool = False
    needs_words: bool = False

    @property
    def module(self) -> str:
        """The full name of the module."""
        return f"cdpctl.commands.{self.place}"


class Group(NamedTuple):
    """A noun with its commands.

    Attributes:
        epilog: the text below the list of commands.
    """

    summary: str
    commands: Mapping[str, "Command | Group"]
    epilog: str = ""


def _acts(place: str, summary: str, function: str = "run") -> Command:
    """Return a command that changes the peers or the setting that are named."""
    return Command(place, summary, function, changes=True, needs_words=True)


_CONFIG = {
    "list": Command("config", "List the settings of the current profile and their sources.", "show"),
    "get": Command("config", "Print one setting of the current profile.", "get", needs_words=True),
    "set": _acts("config", "Set one setting of the current profile, creating the profile if needed.", "put"),
    "unset": _acts("config", "Remove a setting from the current profile, even an invalid one.", "unset"),
    "path": Command("config", "Print the path of your configuration file, whether it exists or not.", "path"),
    "profiles": Command("config", "List the profiles.", "profiles"),
    "use": _acts("config", "Make a profile the default.", "use"),
    "remove": _acts("config", "Remove a profile with its stored token and password.", "remove"),
}

_PEER = {
    "list": Command("peer.list", "List the peers of the grid."),
    "show": Command(
        "peer.show", "Show one peer: its state, components, adapters and logging.", needs_words=True
    ),
    "stop": _acts("peer.stop", "Stop peers."),
    "start": _acts("peer.start", "Start peers."),
    "restart": _acts("peer.restart", "Stop and start peers, a few at a time, and confirm each step."),
    "update": _acts("peer.update", "Change the description, log levels and roles of peers."),
    "delete": _acts("peer.delete", "Delete peers from the grid. This cannot be undone."),
    "check": Command(
        "peer.check",
        "Check whether peers are as expected and answer as a monitoring plugin.",
        monitoring=True,
    ),
    "wait": Command("peer.wait", "Wait until peers are running or stopped.", needs_words=True),
}

_COMPLETION = {
    "bash": Command("completion", "Print the completion script for bash.", "bash"),
    "zsh": Command("completion", "Print the completion script for zsh.", "zsh"),
    "fish": Command("completion", "Print the completion script for fish.", "fish"),
    "install": Command("completion", "Install the completion script for your shell.", "install"),
}

_ANSIBLE = {
    "path": Command(
        "ansible",
        "Print the folder that holds the Ansible collection cdpctl.grid, for ANSIBLE_COLLECTIONS_PATH.",
        "path",
    )
}

_SANDBOX = {
    "serve": Command("sandbox", "Serve an embedded grid until interrupted.", "serve"),
    "run": Command(
        "sandbox", "Run one command against an embedded grid.", interspersed=False, needs_words=True
    ),
}

TREE = Group(
    "Stop, start and watch the peers of a BMC orchestration grid.",
    {
        "login": Command("login", "Log in to a CDP, and store the session's token and a profile for it."),
        "logout": Command(
            "logout", "End the session on the CDP, and remove the stored token and password.", changes=True
        ),
        "status": Command(
            "status",
            "Show the profile, the CDP, the user and the token source, and check the CDP and the token.",
        ),
        "config": Group("See and change profiles and their settings.", _CONFIG),
        "peer": Group("List, watch, stop, start, restart, update and delete peers.", _PEER),
        "doctor": Command(
            "doctor", "Check everything that commands need, and show how to fix what is missing."
        ),
        "api": Command("api", "Make one raw call to the REST API.", needs_words=True),
        "completion": Group("Print or install the completion script of a shell.", _COMPLETION),
        "ansible": Group("Use cdpctl from Ansible.", _ANSIBLE),
        "sandbox": Group("Run an embedded grid on this machine, to try things out.", _SANDBOX),
        "help": Command("help", "Show help on a command or a topic."),
    },
    epilog="""Start here:
  cdpctl sandbox run -- peer stop AP1 AP2 --wait   try it, no CDP needed
  cdpctl login https://cdp.example.com:38080 --username operator
  cdpctl peer list

Topics: cdpctl help exit-codes, help environment, help output, help ansible""",
)
