"""The settings of a run: option, then environment, then profile, then built-in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cdpctl.deadline import parse_duration
from cdpctl.errors import CdpctlError, ConfigError, UsageError
from cdpctl.settings.file import PATHS, check_profile_name, check_value, config_path, load
from cdpctl.settings.model import Settings, TokenStore
from cdpctl.settings.urls import base_url

# Of these a profile's value belongs to the profile's own CDP. When an option or a variable names
# another URL, they would carry a secret to it, or lower a guard for it.
_OF_THE_URL = (
    "username",
    "client_cert",
    "client_key",
    "verify",
    "proxy",
    "insecure_http",
    "ca_bundle",
    "token_file",
    "password_command",
)


class Overrides(NamedTuple):
    """What options gave, as typed; None and False mean not given."""

    profile: str | None = None
    url: str | None = None
    username: str | None = None
    ca_bundle: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    insecure_skip_verify: bool = False
    insecure_http: bool = False
    proxy: str | None = None
    token_store: str | None = None
    output: str | None = None
    timeout: str | None = None
    connect_timeout: str | None = None
    read_timeout: str | None = None
    no_input: bool = False


def _given(option: str | None, environ: Mapping[str, str], variable: str) -> tuple[str | None, str]:
    """Return a value from an option or a variable, and the name of where it came from."""
    if option is not None:
        return option, f"--{variable.removeprefix('CDPCTL_').lower().replace('_', '-')}"
    return environ.get(variable) or None, variable


def _labelled(where: str, key: str, value: str) -> Any:
    try:
        return check_value(key, value)
    except UsageError as error:
        raise UsageError(f"{where}: {error.message.removeprefix(f'{key}: ')}", hint=error.hint) from None


def choose_profile(found: dict[str, Any], asked: str | None, *, creating: bool, path: Path) -> str:
    """Return the name of the run's profile.

    Raises:
        ConfigError: the one asked for does not exist.
    """
    profiles = found["profiles"]
    name = asked or found["default_profile"] or (next(iter(profiles)) if len(profiles) == 1 else "default")
    check_profile_name(name)
    if name in profiles or creating or (asked is None and found["default_profile"] is None):
        return str(name)
    from difflib import get_close_matches

    close = get_close_matches(name, list(profiles), n=1, cutoff=0.5)
    guess = f"did you mean {close[0]}? " if close else ""
    raise ConfigError(
        f"there is no profile {name!r} in {path}",
        hint=f"{guess}`cdpctl login URL --profile {name}` makes it",
    )


def resolve(
    overrides: Overrides, environ: Mapping[str, str], *, interactive: bool, creating: bool = False
) -> Settings:
    """Put the settings of a run together.

    A URL from an option or a variable that is not the profile's own leaves all of the profile alone
    that belongs to its CDP: user name, certificates, proxy, lowered guards, and sources of secrets.

    Args:
        overrides: of the options.
        environ: the environment variables.
        interactive: somebody can be asked.
        creating: the profile need not exist (`login`).

    Raises:
        UsageError: an option or a variable holds no value for its setting.
        ConfigError: the file cannot be used, or has no such profile.
    """
    path = config_path(environ)
    found = load(path)
    asked, _ = _given(overrides.profile, environ, "CDPCTL_PROFILE")
    name = choose_profile(found, asked, creating=creating, path=path)
    profile: dict[str, Any] = dict(found["profiles"].get(name, {}))

    typed, source = _given(overrides.url, environ, "CDPCTL_URL")
    url, own = profile.get("url"), True
    if typed is not None:
        try:
            url = base_url(typed)
        except CdpctlError as error:
            raise UsageError(f"{source}: {error.message}", hint=error.hint) from None
        own = url == profile.get("url")
    if not own:
        for key in _OF_THE_URL:
            profile.pop(key, None)

    def pick(key: str, option: str | None, variable: str) -> Any:
        value, where = _given(option, environ, variable)
        return profile.get(key) if value is None else _labelled(where, key, value)

    def seconds(key: str, option: str | None, built_in: float | None) -> float | None:
        value = pick(key, option, f"CDPCTL_{key.upper()}") if key == "timeout" else option or profile.get(key)
        if value is None:
            return built_in
        return parse_duration(value, f"--{key.replace('_', '-')}" if option else key)

    paths: dict[str, Path | None] = {key: _path(profile.get(key), path.parent) for key in PATHS}
    ca_bundle, _ = _given(overrides.ca_bundle, environ, "CDPCTL_CA_BUNDLE")
    paths["ca_bundle"] = Path(ca_bundle) if ca_bundle else paths["ca_bundle"]
    for key, option in (("client_cert", overrides.client_cert), ("client_key", overrides.client_key)):
        paths[key] = Path(option) if option else paths[key]
    store = overrides.token_store or profile.get("token_store") or TokenStore.AUTO.value
    keyring = (environ.get("CDPCTL_NO_KEYRING") or "").lower()
    return Settings(
        config_file=path,
        config_dir=path.parent,
        profile=name,
        profile_exists=name in found["profiles"],
        url=url,
        url_source=source if typed is not None else "profile" if url else "none",
        username=pick("username", overrides.username, "CDPCTL_USERNAME"),
        **paths,
        verify=not overrides.insecure_skip_verify and profile.get("verify", True),
        proxy=overrides.proxy if overrides.proxy is not None else profile.get("proxy"),
        insecure_http=overrides.insecure_http or profile.get("insecure_http", False),
        token_store=TokenStore(_labelled("--token-store", "token_store", store)),
        password_command=profile.get("password_command"),
        trust_profile_secrets=own,
        no_keyring=keyring not in ("", "0", "false", "no"),
        protected=profile.get("protected", False),
        output=pick("output", overrides.output, "CDPCTL_OUTPUT"),
        timeout=seconds("timeout", overrides.timeout, None),
        connect_timeout=seconds("connect_timeout", overrides.connect_timeout, 10.0) or 10.0,
        read_timeout=seconds("read_timeout", overrides.read_timeout, 30.0) or 30.0,
        interactive=interactive,
    )


def _path(value: str | None, folder: Path) -> Path | None:
    if value is None:
        return None
    try:
        expanded = Path(value).expanduser()
    except RuntimeError:
        raise ConfigError(f"{value}: there is no home folder for ~") from None
    return expanded if expanded.is_absolute() else folder / expanded
