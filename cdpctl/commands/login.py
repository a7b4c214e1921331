"""`cdpctl login`: gets a session's token, and stores it with a profile."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cdpctl.commands.options import Text, argument, command, flag, option, setting_option
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.stored_sessions import end_session, profile_settings, stored_credentials
from cdpctl.credentials.sources import read_secret_file, read_secret_stream
from cdpctl.credentials.store import Store
from cdpctl.credentials.token import Token
from cdpctl.errors import AuthError, CdpctlError, ConfigError, NotLoggedInError, UsageError
from cdpctl.output.document import Document
from cdpctl.settings.edit import save_profile
from cdpctl.settings.file import load
from cdpctl.settings.model import Settings, TokenStore
from cdpctl.text import cannot_combine, command_line

if TYPE_CHECKING:
    from cdpctl.credentials.manager import Credentials
    from cdpctl.deadline import Deadline

# The time limit for ending the replaced session.
_SECONDS = 3.0


@command
def run(
    runtime: Runtime,
    address: Text = argument("[URL]", "The CDP's URL; a host name is enough.", None),
    username: Text = setting_option("username"),
    password_stdin: bool = flag("--password-stdin", "Read the password from standard input."),
    password_file: Text = option("--password-file F", "Read the password from a file."),
    save_password: bool = flag("--save-password", "Store the password in the keyring too."),
    token_store: Text = setting_option("token_store"),
) -> None:
    """Log in to a CDP, and store the session's token and a profile for it.

    On a terminal it asks for what is missing. The profile is written only after the CDP has accepted
    the login. The previous session of the profile is ended.

    Examples:
        cdpctl login https://cdp.example.com:38080 --username operator
        cdpctl login cdp.example.com -p prod --username operator --password-file pw --token-store file
    """
    if password_stdin and password_file is not None:
        raise cannot_combine("--password-stdin", "--password-file")
    if None not in (address, runtime.shared.url) and address != runtime.shared.url:
        raise UsageError("URL and --url name different CDPs", hint="leave one of them out")
    typed: dict[str, Any] = {"--username": username, "--token-store": token_store}
    typed |= {"--password-file": password_file, "--save-password": save_password}
    settings = _settle(runtime, address, typed)
    moved = _confirm_move(runtime, settings)
    if save_password:
        _check_password_store(runtime, settings)
    deadline = runtime.deadline()
    with runtime.session(deadline, standby=False) as session:
        credentials = session.credentials
        password = _password(runtime, credentials, deadline, password_stdin, password_file)
        with credentials.store.locked(credentials.patience), _replacing(runtime, settings):
            token = credentials.login(settings.username or "", password)
            stored = _keep(runtime, settings, credentials, token)
            if save_password:
                credentials.store.keep_password(password)
    if moved is not None:
        runtime.output.warn(moved)
    place = f"token stored in {credentials.store.place(stored)}" if stored else "token not stored"
    runtime.output.say(f"Logged in to {settings.url} as {settings.username}; {place}")
    if not runtime.output.sentences:
        head = {**runtime.head, "username": settings.username}
        runtime.output.document(Document("cdpctl.login/1", head, None, [{"stored": stored}]))


def _settle(runtime: Runtime, address: str | None, typed: dict[str, Any]) -> Settings:
    """Settle the URL, the user and the token store, before asking for the password.

    Args:
        runtime: the command's runtime.
        address: the URL, as typed.
        typed: the values of the command's own options. What is asked for is added.

    Raises:
        ConfigError: the token cannot be stored.
        UsageError: something is missing, and there is no terminal to ask on.
    """

    def configure() -> Settings:
        # A hint to log in repeats what was typed here, but no pipe to standard input.
        command_line.of_login = tuple(
            (name,) if value is True else (name, str(value)) for name, value in typed.items() if value
        )
        return runtime.configure(creating=True, username=typed["--username"], store=typed["--token-store"])

    if address is not None:
        runtime.shared = runtime.shared._replace(url=address)
    settings = configure()
    if settings.url is None and runtime.interactive:
        runtime.shared = runtime.shared._replace(url=runtime.output.ask("URL of the CDP: "))
        settings = configure()
    runtime.require_url()
    if not settings.username and runtime.interactive:
        typed["--username"] = runtime.output.ask(f"User name at {settings.url}: ")
        settings = configure()
    if not settings.username:
        raise UsageError(
            "no user name given; add --username NAME", hint=command_line.login(None, ("--username", "NAME"))
        )
    try:
        Store(settings, runtime.output).check(_SECONDS)
    except ConfigError as error:
        if settings.token_store is TokenStore.FILE:
            raise
        if settings.token_store is not TokenStore.AUTO or not runtime.interactive:
            raise ConfigError(f"cannot store the token: {error.message}", hint=_use_file(settings)) from None
        runtime.output.note(f"cannot store the token: {error.message}")
        if not runtime.output.confirm("Store it in a file that only you can read?"):
            raise UsageError("cancelled; nothing was sent") from None
        typed["--token-store"] = TokenStore.FILE.value
        settings = configure()
        Store(settings, runtime.output).check(_SECONDS)
    return settings


def _confirm_move(runtime: Runtime, settings: Settings) -> str | None:
    """Ask before the profile gets another URL. If that is not possible, return a warning.

    Raises:
        UsageError: the answer is no.
    """
    before = load(settings.config_file)["profiles"].get(settings.profile, {}).get("url")
    if before in (None, settings.url):
        return None
    if runtime.shared.profile or not runtime.interactive:
        return f"profile {settings.profile} now points to {settings.url} (was {before})"
    question = f"Profile {settings.profile} points to {before}.\nPoint it to {settings.url}?"
    if not runtime.output.confirm(question):
        another = command_line.login(settings.url, ("--profile", "NAME"))
        raise UsageError("cancelled; nothing was sent", hint=f"to create another profile: {another}")
    return None


def _check_password_store(runtime: Runtime, settings: Settings) -> None:
    try:
        Store(settings, runtime.output).check_keyring()
    except ConfigError as error:
        raise ConfigError(
            f"cannot store the password: {error.message}",
            hint="leave out --save-password or set password_command in the profile",
        ) from None


def _password(
    runtime: Runtime, credentials: "Credentials", deadline: "Deadline", from_stdin: bool, file: str | None
) -> str:
    if file is not None:
        return read_secret_file(file, "--password-file", runtime.output.note, deadline.remaining())
    if from_stdin:
        stream = None if sys.stdin is None else sys.stdin.buffer
        return read_secret_stream(stream, "--password-stdin", deadline.remaining())
    try:
        return credentials.password()
    except NotLoggedInError:
        raise AuthError(
            f"no password given, and {runtime.not_asked}; add --password-file FILE or --password-stdin",
            hint=command_line.login(None, ("--password-file", "FILE")),
        ) from None


@contextmanager
def _replacing(runtime: Runtime, settings: Settings) -> Iterator[None]:
    """End the sessions that a login replaces: the profile's, and that of the same URL and user.

    If a session's token is still stored afterwards, the login has failed, and the session is kept.
    """
    replaced: dict[Token, Settings] = {}
    for each in (profile_settings(runtime, settings.profile), settings):
        try:
            token = Store(each, runtime.output).token() if each.url is not None else None
        except ConfigError as error:
            runtime.output.debug(1, error.message)
            continue
        if token is not None:
            replaced[token] = each
    try:
        yield
    finally:
        for token, each in replaced.items():
            try:
                if Store(each, runtime.output).token() != token:
                    end_session(runtime, each, token, _SECONDS)
            except CdpctlError as error:
                runtime.output.debug(1, f"the previous session was not ended: {error.message}")


def _keep(runtime: Runtime, settings: Settings, credentials: "Credentials", token: Token) -> str | None:
    """Store the token and write the profile, or do neither."""
    before = load(settings.config_file)["profiles"].get(settings.profile, {})
    # A token of another account, or in another place.
    if any(before.get(key) != value for key, value in _account(settings).items()):
        old = stored_credentials(runtime, settings.profile)
        if old is not None:
            old.forget(password=False)
    try:
        stored = credentials.keep(token)
        if stored is None and settings.token_store is not TokenStore.NONE:
            raise ConfigError(
                "logged in, but there is no keyring to store the token in", hint=_use_file(settings)
            )
        save_profile(settings.config_file, settings.profile, _values(runtime, settings))
    except BaseException:
        if credentials.to_log_out is None:
            credentials.discard(token)
        raise
    return stored


def _use_file(settings: Settings) -> str:
    user, store = ("--username", settings.username or ""), ("--token-store", "file")
    words = command_line.login(settings.url, ("--profile", settings.profile), user, store)
    return f"to store it in a file that only you can read: {words}"


def _account(settings: Settings) -> dict[str, object]:
    return {"url": settings.url, "username": settings.username, "token_store": settings.token_store.value}


def _values(runtime: Runtime, settings: Settings) -> dict[str, object]:
    shared = runtime.shared
    values = _account(settings)
    paths = [key for key in ("ca_bundle", "client_cert", "client_key") if getattr(shared, key)]
    values |= {key: str(getattr(settings, key)) for key in paths}
    if shared.insecure_skip_verify:
        values["verify"] = False
    if shared.insecure_http:
        values["insecure_http"] = True
    return values
