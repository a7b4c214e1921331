"""`cdpctl login`: a session's token, and the profile it belongs to."""

from typing import Annotated

import typer

from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.stored_sessions import forget_kept
from cdpctl.credentials.sources import read_secret_file
from cdpctl.errors import ConfigError, ExitCode, UsageError
from cdpctl.output.document import Document
from cdpctl.redact import redactor
from cdpctl.settings.file import load, save_profile
from cdpctl.settings.model import Settings, TokenStore

EXAMPLES = {
    "run": (
        "cdpctl login https://cdp.example.com:38080 --username operator",
        "cdpctl login cdp.example.com -p prod --username operator --password-file pw --token-store file",
    )
}


@command
def run(
    runtime: Runtime,
    address: Annotated[
        str | None, typer.Argument(metavar="[URL]", help="Of the CDP; the host alone will do.")
    ] = None,
    username: Annotated[str | None, typer.Option("--username", metavar="U", help="Who logs in.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="The password from standard input.")
    ] = False,
    password_file: Annotated[
        str | None, typer.Option("--password-file", metavar="F", help="Or from a file.")
    ] = None,
    save_password: Annotated[bool, typer.Option("--save-password", help="Keep it in the keyring.")] = False,
    token_store: Annotated[
        str | None, typer.Option("--token-store", metavar="S", help="auto, keyring, file or none.")
    ] = None,
) -> ExitCode:
    """Log in to a CDP, make a profile of it and keep the session's token.

    The profile is written only after the CDP has accepted the login.
    """
    if address is not None:
        runtime.shared = runtime.shared._replace(url=address)
    settings = runtime.configure(creating=True, username=username, store=token_store)
    url = runtime.require_url()
    if not settings.username:
        raise UsageError("no user name", hint="cdpctl login URL --username U")
    password = _password(runtime, password_stdin, password_file)
    with runtime.session(runtime.deadline()) as session:
        credentials = session.credentials
        given = password or credentials.password()
        token = credentials.login(settings.username, given)
        if _moves(settings, url):
            forget_kept(runtime, settings.profile, keeping_password=True)
        stored = credentials.keep(token)
        if stored is None:
            credentials.to_log_out = token
        if stored is None and settings.token_store is not TokenStore.NONE:
            raise ConfigError(
                "the login works, and there is no keyring to keep its token in",
                hint="--token-store file keeps it in a file only you can read, --token-store none nowhere",
            )
        if save_password:
            credentials.keep_password(given)
    save_profile(settings.config_file, settings.profile, _values(runtime, settings, url))
    runtime.output.document(
        Document(
            schema="cdpctl.login/1",
            head={"profile": settings.profile, "url": url, "username": settings.username},
            key=None,
            records=[{"stored": stored}],
        )
    )
    return ExitCode.OK


def _moves(settings: Settings, url: str) -> bool:
    """Whether the profile kept its token for another account, or in another place, before."""
    kept = load(settings.config_file)["profiles"].get(settings.profile)
    now = {"url": url, "username": settings.username, "token_store": settings.token_store.value}
    return kept is not None and any(kept.get(key) != value for key, value in now.items())


def _password(runtime: Runtime, from_stdin: bool, file: str | None) -> str | None:
    if from_stdin and file is not None:
        raise UsageError("--password-stdin and --password-file at once", hint="give one of them")
    if file is not None:
        return read_secret_file(file, "--password-file")
    if not from_stdin:
        return None
    password = (
        runtime.read_input("-").decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("\r")
    )
    redactor.add(password)
    if not password:
        raise UsageError("--password-stdin: standard input is empty")
    return password


def _values(runtime: Runtime, settings: Settings, url: str) -> dict[str, object]:
    shared = runtime.shared
    values: dict[str, object] = {
        "url": url,
        "username": settings.username,
        "token_store": settings.token_store.value,
    }
    for key in ("ca_bundle", "client_cert", "client_key"):
        if getattr(shared, key):
            values[key] = str(getattr(settings, key))
    if shared.insecure_skip_verify:
        values["verify"] = False
    if shared.insecure_http:
        values["insecure_http"] = True
    return values
