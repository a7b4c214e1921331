"""The tree of commands: which module holds each, and its line in a list of commands; imports none of them."""

from typing import NamedTuple


class Command(NamedTuple):
    """A command.

    Attributes:
        module: holds the function and the command's `EXAMPLES`.
        summary: one line, the first of the function's docstring.
        function: its name in the module.
        interspersed: False where everything after the first word belongs to another program.
        monitoring: it answers as monitoring plugins do, its errors and those of its arguments too.
        changes: it acts on peers or removes something; never suggested for a mistyped read.
        needs_words: it does nothing without a name, a path or a selection after it.
    """

    module: str
    summary: str
    function: str = "run"
    interspersed: bool = True
    monitoring: bool = False
    changes: bool = False
    needs_words: bool = False


class Group(NamedTuple):
    """A noun with commands of its own.

    Attributes:
        epilog: lines that stand below the list of commands as they are.
    """

    summary: str
    commands: dict[str, "Command | Group"]
    epilog: str = ""


_AT = "cdpctl.commands"

TREE = Group(
    "Stop, start and watch the peers of a BMC orchestration grid.",
    {
        "login": Command(
            f"{_AT}.login", "Log in to a CDP, and store the session's token and a profile for it."
        ),
        "logout": Command(
            f"{_AT}.logout",
            "End the session on the CDP, and remove its token and the saved password from this machine.",
            changes=True,
        ),
        "status": Command(
            f"{_AT}.status",
            "Show the profile, the CDP, the user and the source of the token, and check CDP and token.",
        ),
        "config": Group(
            "See and change profiles and their settings.",
            {
                "list": Command(
                    f"{_AT}.config",
                    "List the settings of the current profile and where each comes from.",
                    "show",
                ),
                "get": Command(
                    f"{_AT}.config", "Print one setting of the current profile.", "get", needs_words=True
                ),
                "set": Command(
                    f"{_AT}.config",
                    "Set one setting of the current profile, creating the profile if needed.",
                    "put",
                    changes=True,
                    needs_words=True,
                ),
                "unset": Command(
                    f"{_AT}.config",
                    "Remove a setting from the current profile, even an invalid one.",
                    "unset",
                    changes=True,
                    needs_words=True,
                ),
                "path": Command(
                    f"{_AT}.config",
                    "Print the path of your configuration file, whether it exists or not.",
                    "path",
                ),
                "profiles": Command(f"{_AT}.config", "List the profiles.", "profiles"),
                "use": Command(
                    f"{_AT}.config", "Make a profile the default.", "use", changes=True, needs_words=True
                ),
                "remove": Command(
                    f"{_AT}.config",
                    "Remove a profile with its stored token and password.",
                    "remove",
                    changes=True,
                    needs_words=True,
                ),
            },
        ),
        "peer": Group(
            "List, watch, stop, start, restart, update and delete peers.",
            {
                "list": Command(f"{_AT}.peer.list", "List the peers of the grid."),
                "show": Command(
                    f"{_AT}.peer.show",
                    "Show one peer: its state, components, adapters and logging.",
                    needs_words=True,
                ),
                "stop": Command(f"{_AT}.peer.stop", "Stop peers.", changes=True, needs_words=True),
                "start": Command(f"{_AT}.peer.start", "Start peers.", changes=True, needs_words=True),
                "restart": Command(
                    f"{_AT}.peer.restart",
                    "Stop and start peers, a few at a time, each confirmed.",
                    changes=True,
                    needs_words=True,
                ),
                "update": Command(
                    f"{_AT}.peer.update",
                    "Change the description, log levels and roles of peers.",
                    changes=True,
                    needs_words=True,
                ),
                "delete": Command(
                    f"{_AT}.peer.delete",
                    "Delete peers from the grid. This cannot be undone.",
                    changes=True,
                    needs_words=True,
                ),
                "check": Command(
                    f"{_AT}.peer.check",
                    "Check whether peers are as expected and answer as a monitoring plugin.",
                    monitoring=True,
                ),
                "wait": Command(
                    f"{_AT}.peer.wait", "Wait until peers are running or stopped.", needs_words=True
                ),
            },
        ),
        "doctor": Command(
            f"{_AT}.doctor",
            "Check everything a command needs, and say what to do where something is missing.",
        ),
        "api": Command(f"{_AT}.api", "Make one call of the REST API as it is.", needs_words=True),
        "completion": Group(
            "Print or install the completion script of a shell.",
            {
                "bash": Command(f"{_AT}.completion", "Print the completion script for bash.", "bash"),
                "zsh": Command(f"{_AT}.completion", "Print the completion script for zsh.", "zsh"),
                "fish": Command(f"{_AT}.completion", "Print the completion script for fish.", "fish"),
                "install": Command(
                    f"{_AT}.completion", "Install the completion script for your shell.", "install"
                ),
            },
        ),
        "ansible": Group(
            "Use cdpctl from Ansible.",
            {
                "path": Command(
                    f"{_AT}.ansible",
                    "Print the folder that holds the Ansible collection cdpctl.grid, "
                    "for ANSIBLE_COLLECTIONS_PATH.",
                    "path",
                )
            },
        ),
        "sandbox": Group(
            "Run an embedded grid on this machine, to try things on.",
            {
                "serve": Command(f"{_AT}.sandbox", "Serve an embedded grid until interrupted.", "serve"),
                "run": Command(
                    f"{_AT}.sandbox",
                    "Run one command against an embedded grid.",
                    interspersed=False,
                    needs_words=True,
                ),
            },
        ),
        "help": Command(f"{_AT}.help", "Show help on a command or a topic."),
    },
    epilog="""Start here:
  cdpctl sandbox run -- peer stop AP1 AP2 --wait   try it, no CDP needed
  cdpctl login https://cdp.example.com:38080 --username operator
  cdpctl peer list

Topics: cdpctl help exit-codes, help environment, help output, help ansible""",
)
