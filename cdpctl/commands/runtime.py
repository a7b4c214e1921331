"""The runtime of a command: its settings, output, deadline and session."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from math import inf
from typing import TYPE_CHECKING, Any

from cdpctl.commands.inputs import comma_list
from cdpctl.commands.invocation import Invocation
from cdpctl.commands.several import AskedProfiles
from cdpctl.deadline import Deadline, parse_duration
from cdpctl.errors import ConfigError, Interruption
from cdpctl.output.document import GRID
from cdpctl.output.output import Output
from cdpctl.settings.table import options_in_use
from cdpctl.text import command_line

if TYPE_CHECKING:
    from cdpctl.cdp.client import CdpClient
    from cdpctl.commands.options import SharedOptions
    from cdpctl.credentials.manager import Credentials
    from cdpctl.errors import NoConnectionError
    from cdpctl.settings.model import Settings
    from cdpctl.transport.client import Transport

_TOKENS = ("CDPCTL_TOKEN", "CDPCTL_TOKEN_FILE")
#: Seconds for a run that does not wait for peers.
DEFAULT_TIMEOUT = 60.0
#: Seconds for a run that waits for peers.
WAITING_TIMEOUT = 600.0
#: Seconds for a run that updates or deletes peers.
CHANGE_TIMEOUT = 30.0


class Runtime:
    """The settings, output and sessions of one command. Everything costly is made on first use.

    Args:
        invocation: the call of the program.
        shared: the shared options as typed.
        asked: the profiles as typed. None means the one in `shared`.

    Attributes:
        sessions: the clients of this command, open or closed.
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
        invocation.choose_format(shared.output)
        output = self.output
        output.fields = comma_list("--fields", None if shared.fields is None else [shared.fields])
        output.headers, output.no_color = not shared.no_headers, shared.no_color
        output.quiet, output.verbosity = shared.quiet, shared.verbose

    def check_fields(self, record: Mapping[str, Any]) -> None:
        """Check early that records like this one have the fields of `--fields`.

        Raises:
            UsageError: a field does not exist.
        """
        self.output.check_fields({GRID: None, **record} if self.asked.several else record)

    @property
    def interactive(self) -> bool:
        """Whether questions can be asked: there is a terminal, and no `--no-input`."""
        return self.output.interactive_streams and not self.shared.no_input

    @property
    def not_asked(self) -> str:
        """Why no question can be asked."""
        given = self.shared.no_input and self.output.interactive_streams
        return "--no-input was given" if given else "there is no terminal to ask on"

    def configure(
        self, *, creating: bool = False, username: str | None = None, store: str | None = None
    ) -> "Settings":
        """Resolve the settings of this run, and use the profile's output format.

        Args:
            creating: accept a profile that does not exist, because `login` creates it.
            username: the value of the command's `--username`.
            store: the value of the command's `--token-store`.
        """
        from cdpctl.settings.resolve import resolve

        shared = self.shared
        self._settings = resolve(
            {**shared._asdict(), "username": username, "token_store": store},
            self.environ,
            interactive=self.interactive,
            creating=creating,
        )
        self.warn_once(self._settings.warnings)
        if self._settings.output and not shared.output:
            self.invocation.choose_format(None, self._settings.output)
        self.invocation.configured = True
        known = self._settings.profile_exists or shared.profile
        command_line.options = options_in_use(self._settings.profile if known else None, shared._asdict())
        return self._settings

    def warn_once(self, texts: Iterable[str]) -> None:
        """Show warnings that this run has not shown yet."""
        for text in texts:
            if text not in self.invocation.warned:
                self.invocation.warned.add(text)
                self.output.warn(text)

    def of_grid(self, profile: str | None, output: Output) -> "Runtime":
        """Return a runtime for one of several grids. It asks no questions.

        Args:
            profile: the grid's profile. None means the default profile.
            output: the output for this grid.
        """
        shared = self.shared._replace(profile=profile, no_input=True)
        if profile is not None:
            # A profile that cannot be read must not get hints that name all profiles.
            command_line.options = options_in_use(profile, shared._asdict())
        return Runtime(self.invocation.with_output(output), shared)

    @property
    def settings(self) -> "Settings":
        """The settings of this run.

        Raises:
            ConfigError: the configuration cannot be used.
        """
        return self._settings or self.configure()

    def require_url(self) -> str:
        """Return the base URL of the CDP.

        Raises:
            ConfigError: no URL is set.
            UsageError: it is plain http to another machine, without --insecure-http.
        """
        from cdpctl.settings.file import load, no_default
        from cdpctl.settings.urls import check_plain_http

        settings = self.settings
        if settings.url is None and not (settings.profile_exists or self.shared.profile):
            profiles = load(settings.config_file)["profiles"]
            if profiles:
                raise no_default(profiles)
        if settings.url is None:
            raise ConfigError(
                f"profile {settings.profile}: no CDP URL is set",
                hint=f"to log in to a CDP: {command_line.login('URL')}; to try it without one: "
                "cdpctl sandbox run -- peer list",
            )
        check_plain_http(settings.url, settings.insecure_http)
        return settings.url

    @property
    def head(self) -> dict[str, str | None]:
        """The first fields of documents of one grid."""
        return {"profile": self.settings.profile, "url": self.settings.url}

    def deadline(self, default: float | None = DEFAULT_TIMEOUT) -> Deadline:
        """Start the deadline of the run.

        Args:
            default: seconds, unless option, variable or profile give a limit. None means no limit.
        """
        timeout = self.settings.timeout
        return Deadline(default if timeout is None else timeout)

    @property
    def input_seconds(self) -> float:
        """The most seconds for reading a pipe: the time limit that an option or variable gives, if any.

        A profile's limit is meant for its CDP, and what writes to the pipe may be a run with that limit too.
        """
        typed = self.shared.timeout or self.environ.get("CDPCTL_TIMEOUT")
        return parse_duration(typed, "--timeout") if typed else inf

    @contextmanager
    def session(
        self, deadline: Deadline, *, parallel: int = 1, standby: bool = True
    ) -> Iterator["CdpClient"]:
        """Open the client of this run. At the end, close the connection, and log out of an unstored session.

        Args:
            deadline: the deadline of the run.
            parallel: the most calls at a time.
            standby: switch to the standby CDP if nothing can have reached the first one.
        """
        from cdpctl.cdp.client import CdpClient
        from cdpctl.completion.cache import remember_run

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
                # Log out before the connection is closed.
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
                typed_url = self.shared.url or self.environ.get("CDPCTL_URL")
                remember_run(self.settings, self.environ, typed_url, session.listed, self.output.debug)

    def transport(
        self, settings: "Settings", deadline: Deadline, *, parallel: int = 1, asking: bool = True
    ) -> "Transport":
        """Return a transport, which the caller has to close.

        Args:
            settings: the settings of the run.
            deadline: the deadline of the run.
            parallel: the most calls at a time.
            asking: whether the user may be asked for the password of a key.
        """
        from cdpctl.transport.client import Transport

        return Transport(
            settings,
            deadline,
            trace=self.output.debug,
            # A login that ends another session has two transports.
            warn=lambda text: self.warn_once([text]),
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
        of_standby: "Settings | None" = None,
    ) -> "Credentials":
        """Return the credentials of this run's profile.

        Args:
            deadline: the deadline of the run.
            login: makes the login call.
            asking: whether the user may be asked.
            of_standby: the settings of the first CDP, to get credentials for its standby.
        """
        from cdpctl.credentials.manager import Credentials
        from cdpctl.credentials.store import Store

        environ, settings, passwords = self.environ, self.settings, None
        if of_standby is not None:
            # A token from the environment belongs to the first CDP.
            environ = {name: value for name, value in environ.items() if name not in _TOKENS}
            settings = of_standby.standby() or of_standby
            passwords = Store(of_standby, self.output)
        return Credentials(
            settings,
            deadline,
            self.output,
            login=login,
            environ=environ,
            asking=asking and self.interactive,
            passwords=passwords,
        )


def _end(session: "CdpClient") -> None:
    """Log out, even if a signal interrupts it."""
    try:
        session.close()
    except Interruption:
        session.close()
        raise
