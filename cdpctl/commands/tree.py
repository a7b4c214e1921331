"""The tree of commands: which module holds each, and its line in a list of commands; imports none of them."""

from typing import NamedTuple


class Leaf(NamedTuple):
    """A command.

    Attributes:
        module: holds the function and the command's `EXAMPLES`.
        summary: one line, the first of the function's docstring.
        function: its name in the module.
        interspersed: False where everything after the first word belongs to another program.
    """

    module: str
    summary: str
    function: str = "run"
    interspersed: bool = True


class Branch(NamedTuple):
    """A noun with commands of its own.

    Attributes:
        epilog: lines that stand below the list of commands as they are.
    """

    summary: str
    commands: dict[str, "Leaf | Branch"]
    epilog: str = ""


_AT = "cdpctl.commands"

TREE = Branch(
    "Stop, start and watch the peers of a BMC orchestration grid.",
    {
        "login": Leaf(f"{_AT}.login", "Log in to a CDP, make a profile of it and keep the session's token."),
        "logout": Leaf(
            f"{_AT}.logout", "End the session on the CDP, and forget its token and the saved password."
        ),
        "status": Leaf(
            f"{_AT}.status",
            "Show the profile, the CDP, the user, where the token comes from, and whether both are good.",
        ),
        "config": Branch(
            "See and change profiles and their settings.",
            {
                "list": Leaf(
                    f"{_AT}.config",
                    "List the settings of the profile in use, and where each comes from.",
                    "show",
                ),
                "get": Leaf(
                    f"{_AT}.config", "Print one setting of the profile in use, as a run would have it.", "get"
                ),
                "set": Leaf(
                    f"{_AT}.config",
                    "Set one setting of the profile in use; a profile that does not exist is made.",
                    "put",
                ),
                "unset": Leaf(
                    f"{_AT}.config",
                    "Take one setting out of the profile in use, a value that is none for it too.",
                    "unset",
                ),
                "path": Leaf(
                    f"{_AT}.config",
                    "Print where the configuration file is, whether there is one or not.",
                    "path",
                ),
                "profiles": Leaf(f"{_AT}.config", "List the profiles.", "profiles"),
                "use": Leaf(f"{_AT}.config", "Make a profile the default one.", "use"),
                "remove": Leaf(
                    f"{_AT}.config",
                    "Remove a profile, and the token and password kept for it.",
                    "remove",
                ),
            },
        ),
        "peer": Branch(
            "List, stop, start, restart and watch peers.",
            {
                "list": Leaf(f"{_AT}.peer.list", "List the peers of the grid."),
                "show": Leaf(
                    f"{_AT}.peer.show", "Show one peer: its state, components, adapters and logging."
                ),
                "stop": Leaf(f"{_AT}.peer.stop", "Stop peers."),
                "start": Leaf(f"{_AT}.peer.start", "Start peers."),
                "restart": Leaf(
                    f"{_AT}.peer.restart", "Stop and start peers, a few at a time, each confirmed."
                ),
                "wait": Leaf(f"{_AT}.peer.wait", "Wait until peers are running or stopped."),
            },
        ),
        "doctor": Leaf(
            f"{_AT}.doctor",
            "Check everything a command needs, and say what to do where something is missing.",
        ),
        "api": Leaf(f"{_AT}.api", "Make one call of the REST API as it is."),
        "completion": Branch(
            "Print or install the completion script of a shell.",
            {
                "bash": Leaf(f"{_AT}.completion", "Print the script for bash.", "bash"),
                "zsh": Leaf(f"{_AT}.completion", "Print the script for zsh.", "zsh"),
                "fish": Leaf(f"{_AT}.completion", "Print the script for fish.", "fish"),
                "install": Leaf(f"{_AT}.completion", "Put the script where your shell finds it.", "install"),
            },
        ),
        "sandbox": Branch(
            "Run an embedded grid on this machine, to try things on.",
            {
                "serve": Leaf(f"{_AT}.sandbox", "Serve an embedded grid until interrupted.", "serve"),
                "run": Leaf(
                    f"{_AT}.sandbox", "Run one command against an embedded grid.", interspersed=False
                ),
            },
        ),
        "help": Leaf(f"{_AT}.help", "Show help on a command or a topic."),
    },
    epilog="""Start here:
  cdpctl sandbox run -- peer stop AP1 AP2 --wait   try it, no CDP needed
  cdpctl login https://cdp.example.com:38080 --username operator
  cdpctl peer list

Topics: cdpctl help exit-codes, help environment, help output""",
)
