"""What a command works with: its settings, its output, its deadline, its session."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cdpctl.commands.several import AskedProfiles
from cdpctl.deadline import Deadline
from cdpctl.errors import CdpctlError, ConfigError, Interruption, UsageError
from cdpctl.output.document import GRID, Format
from cdpctl.output.output import Output
from cdpctl.settings.model import Settings
from cdpctl.settings.resolve import resolve
from cdpctl.settings.urls import check_plain_http
from cdpctl.text import command_line, unknown_value

if TYPE_CHECKING:
    from cdpctl.cdp.client import CdpClient
    from cdpctl.commands.options import SharedOptions
    from cdpctl.credentials.manager import Credentials
    from cdpctl.errors import NoConnectionError
    from cdpctl.transport.client import Transport

_TOKENS = ("CDPCTL_TOKEN", "CDPCTL_TOKEN_FILE")
#: Seconds for a whole run that does not wait for peers.
DEFAULT_TIMEOUT = 60.0
#: Seconds for a whole run that does.
WAITING_TIMEOUT = 600.0
#: Seconds for a whole run that updates or deletes peers.
CHANGE_TIMEOUT = 30.0


@dataclass
class Invocation:
    """One call of the program, made by `main` before the arguments are parsed.

    Attributes:
        environ: the environment variables.
        output: of the run; a command configures it once its own options are known.
        words: of the command line.
        configured: the output format is known from the options, the variable or the profile.
        monitoring: the command answers as monitoring plugins do.
        warned: what was warned about already.
        sent: the calls other than reads that have left, or are about to.
    """

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    output: Output = field(default_factory=Output)
    words: Sequence[str] = ()
    configured: bool = False
    monitoring: bool = False
    warned: set[str] = field(default_factory=set)
    sent: dict[str, None] = field(default_factory=dict)


def output_format(text: str | None, environ: Mapping[str, str], profile: str | None = None) -> Format | None:
    """Choose the format: option, then variable, then profile; None leaves it to the stream.

    Raises:
        UsageError: the option or the variable names none.
    """
    variable = environ.get("CDPCTL_OUTPUT") or None
    chosen = text or variable or profile
    if chosen is None:
        return None
    try:
        return Format(chosen)
    except ValueError:
        where = "--output" if text else "CDPCTL_OUTPUT"
        raise unknown_value(where, chosen, Format, "format") from None


def format_in_use(typed: Mapping[str, str], environ: Mapping[str, str]) -> Format | None:
    """Return the format for an error that was met before the options were parsed.

    Args:
        typed: values of shared options by their long names.
        environ: the environment variables.
    """
    chosen = typed.get("--output") or environ.get("CDPCTL_OUTPUT")
    if not chosen:
        try:
            chosen = resolve({"profile": typed.get("--profile")}, environ, interactive=False).output
        except CdpctlError:
            # The error to be shown may be this one, and there is no format to be had from such a file.
            return None
    return Format(chosen) if chosen in {each.value for each in Format} else None


class Runtime:
    """What one command works with; everything costly is made when first asked for.

    Args:
        invocation: of the program.
        shared: the shared options as typed.
        asked: the profiles as typed; None for the one of `shared`.

    Attributes:
        sessions: what makes the calls of this command, open or closed already.
    """

    def __init__(
        self, invocation: Invocation, shared: "SharedOptions", asked: AskedProfiles | None = None
    ) -> None:
        self.invocation = invocation
        self.environ = invocation.environ
        self.shared = shared
        self._settings: Settings | None = None
        self.asked = asked or AskedProfiles()
        self.sessions: list[CdpClient] = []
        self.output = invocation.output
        form = output_format(shared.output, self.environ)
        invocation.configured = form is not None
        output = self.output
        output.format, output.fields = form or output.format, self._fields()
        output.headers, output.no_color = not shared.no_headers, shared.no_color
        output.quiet, output.verbosity = shared.quiet, shared.verbose

    def _fields(self) -> tuple[str, ...]:
        if self.shared.fields is None:
            return ()
        names = tuple(name.strip() for name in self.shared.fields.split(","))
        if not all(names):
            raise UsageError("--fields: a name in the list is empty", hint="write --fields name,outcome")
        return tuple(dict.fromkeys(names))

    def check_fields(self, record: Mapping[str, Any]) -> None:
        """Make sure, before anything is done, that records like this one have every field asked for.

        Raises:
            UsageError: they do not.
        """
        self.output.check_fields({GRID: None, **record} if self.asked.several else record)

    @property
    def interactive(self) -> bool:
        """Whether somebody can be asked: terminals on both sides, and no `--no-input`."""
        return self.output.interactive_streams and not self.shared.no_input

    def configure(
        self, *, creating: bool = False, username: str | None = None, store: str | None = None
    ) -> Settings:
        """Resolve the settings of this run, and take the profile's output format over.

        Args:
            creating: a profile that does not exist is not an error (`login` makes it).
            username: of the command's own option.
            store: of the command's own `--token-store`.
        """
        shared = self.shared
        self._settings = resolve(
            {**shared._asdict(), "username": username, "token_store": store},
            self.environ,
            interactive=self.interactive,
            creating=creating,
        )
        self.warn_once(self._settings.warnings)
        if self._settings.output and not shared.output:
            form = output_format(None, self.environ, self._settings.output)
            self.output.format = form or self.output.format
        self.invocation.configured = True
        command_line.options = (
            *(("--profile", self._settings.profile) if self._settings.profile_exists else ()),
            *(("--url", shared.url) if getattr(shared, "url", None) else ()),
        )
        return self._settings

    def warn_once(self, texts: Iterable[str]) -> None:
        """Warn of what this run has not warned of yet."""
        for text in texts:
            if text not in self.invocation.warned:
                self.invocation.warned.add(text)
                self.output.warn(text)

    def of_grid(self, profile: str | None, output: Output) -> "Runtime":
        """Return what a command works with in one of several grids; nobody is asked there.

        Args:
            profile: of the grid; None for the default one.
            output: takes what is said and shown of it.
        """
        invocation = replace(self.invocation, output=output)
        return Runtime(invocation, self.shared._replace(profile=profile, no_input=True))

    @property
    def settings(self) -> Settings:
        """The settings of this run.

        Raises:
            ConfigError: the configuration cannot be used.
        """
        return self._settings or self.configure()

    def require_url(self) -> str:
        """Return the base URL of the CDP.

        Raises:
            ConfigError: none is set anywhere.
            UsageError: it is plain http to another machine, and nobody said that this is meant.
        """
        settings = self.settings
        if settings.url is None:
            raise ConfigError(
                f"profile {settings.profile}: no CDP URL is set",
                hint="to log in to a CDP: cdpctl login URL; to try it without one: "
                "cdpctl sandbox run -- peer list",
            )
        check_plain_http(settings.url, settings.insecure_http)
        return settings.url

    @property
    def head(self) -> dict[str, str | None]:
        """What documents of one grid begin with."""
        return {"profile": self.settings.profile, "url": self.settings.url}

    def deadline(self, default: float | None = DEFAULT_TIMEOUT) -> Deadline:
        """Begin the run's one deadline.

        Args:
            default: seconds where neither option, variable nor profile say; None for no limit.
        """
        timeout = self.settings.timeout
        return Deadline(default if timeout is None else timeout)

    @contextmanager
    def session(
        self, deadline: Deadline, *, parallel: int = 1, standby: bool = True
    ) -> Iterator["CdpClient"]:
        """Open the calls of this run; the connection, and a session kept nowhere, end with it.

        Args:
            deadline: of the whole run.
            parallel: how many calls there will be at a time.
            standby: go on with the standby CDP where the first one provably gets nothing.
        """
        from cdpctl.cdp.client import CdpClient

        self.require_url()
        with ExitStack() as stack:
            transport = self.transport(self.settings, deadline, parallel=parallel)
            stack.callback(transport.close)
            session = CdpClient(transport, self.output.debug, sent=self.invocation.sent)
            self.sessions.append(session)
            stack.callback(_end, session)
            first, second = self.settings, self.settings.standby() if standby else None

            def switch(error: "NoConnectionError") -> "tuple[Transport, Credentials]":
                self._settings = second or first
                other = self.transport(self.settings, deadline, parallel=parallel)
                stack.callback(other.close)
                # The session is ended before its connection is.
                stack.callback(_end, session)
                self.output.warn(
                    f"cannot connect to {transport.route.shown} ({error.reason}): "
                    f"using the standby {other.route.shown}"
                )
                return other, self.credentials(deadline, session.login, of_standby=first)

            session.use(self.credentials(deadline, session.login), switch if second else None)
            try:
                yield session
            finally:
                stack.close()
                self._remember(session.listed)

    def _remember(self, peers: Collection[str]) -> None:
        """Store the names that the CDP listed for completion; a run never fails because of this."""
        from cdpctl.completion.cache import cache_folder, list_name, remember

        folder = cache_folder(self.environ)
        if not peers or folder is None:
            return
        name = list_name(self.settings, self.shared.url or self.environ.get("CDPCTL_URL"))
        try:
            if remember(folder, name, peers):
                self.output.debug(1, f"stored {len(peers)} names for completion in {folder / name}")
        except ConfigError as error:
            self.output.debug(1, f"names for completion were not stored: {error.message}")

    def transport(
        self, settings: Settings, deadline: Deadline, *, parallel: int = 1, asking: bool = True
    ) -> "Transport":
        """Return what carries the calls of this run; who takes it closes it.

        Args:
            settings: of the run.
            deadline: of the run.
            parallel: how many calls there will be at a time.
            asking: somebody may be asked for the password of a key, where there is a terminal.
        """
        from cdpctl.transport.client import Transport

        return Transport(
            settings,
            deadline,
            trace=self.output.debug,
            warn=self.output.warn,
            ask_secret=self.output.ask_secret if asking and self.interactive else None,
            parallel=parallel,
            trace_level=self.shared.verbose,
        )

    def credentials(
        self,
        deadline: Deadline,
        login: Callable[[str, str], str],
        *,
        asking: bool = True,
        of_standby: Settings | None = None,
    ) -> "Credentials":
        """Return the credentials of this run's profile.

        Args:
            deadline: of the run.
            login: makes the call for a token.
            asking: somebody may be asked, where there is a terminal.
            of_standby: the settings of the first CDP, where these are credentials for its standby.
        """
        from cdpctl.credentials.manager import Credentials
        from cdpctl.credentials.store import Store

        environ, settings, passwords = self.environ, self.settings, None
        if of_standby is not None:
            # A token given for this run belongs to the first CDP.
            environ = {name: value for name, value in environ.items() if name not in _TOKENS}
            settings = of_standby.standby() or of_standby
            passwords = Store(of_standby, self.output.warn, self.output.debug)
        return Credentials(
            settings,
            login=login,
            environ=environ,
            note=self.output.note,
            warn=self.output.warn,
            debug=self.output.debug,
            ask_secret=self.output.ask_secret if asking and self.interactive else None,
            deadline=deadline,
            passwords=passwords,
        )


def _end(session: "CdpClient") -> None:
    """Log out, also where a signal comes before that was sent."""
    try:
        session.close()
    except Interruption:
        session.close()
        raise
