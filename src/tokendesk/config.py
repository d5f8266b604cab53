"""Settings: one frozen value from flags, environment and `config.toml`, in that order."""

import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from tokendesk.errors import UsageError
from tokendesk.input_files import read_text
from tokendesk.model.bounds import CONFIG_BYTES
from tokendesk.model.findings import Thresholds
from tokendesk.model.secret import Secret, contains_key
from tokendesk.model.timestamps import parse_timestamp, utc
from tokendesk.paths import ProfilePaths, profile_paths
from tokendesk.share_address import read_share

API_URL = "https://api.atlassian.com"
DEMO = "demo"
_DEMO_ADMIN = {DEMO: ("gael.novak@example.com",)}
"""An admin of the default practice organization: the demo's user is never moved."""
CONSOLE_URL = "https://admin.atlassian.com"

PROFILE_SETTINGS = {
    "org_id": "the organization's id, as in admin.atlassian.com/o/ID/…",
    "api_url": f"the address of the API; default: {API_URL}",
    "console_url": f"the address of the console, for the key that opens it; default: {CONSOLE_URL}",
    "key_command": "a command that prints the API key",
    "revoke_key_command": "a command that prints the key without scopes that revoking needs",
    "allow_writes": "true: moves and revocations may be applied; default: false",
    "author": "the author of notes; default: the name of the system user",
    "key_label": "the key's name in Settings > API keys; each run records it",
    "admin_emails": "a list: your own address and the break-glass accounts, which are never moved",
    "never_touch": "a list: tokens and owners that no plan may change",
    "most_revocations": "how many tokens one run may revoke; default: 10",
    "batch": "how many users one request moves; default: 100",
    "resume_within": "how long an interrupted pull can be continued, such as 6h; 0: never; default: 6h",
    "refresh": "how often open screens read the tokens again, such as 6h, and everything once a day; default: never",
    "share": "a folder that all admins can write to, or a team's database: their desks exchange notes through it",
}
"""The settings in `[profiles.NAME]` of config.toml."""
SETTINGS = {
    "default_profile": "the profile to use without --profile; default: default",
    "author": "the author of notes, for all profiles",
    "start": "what the screens open with: tokens, or overview; default: tokens",
    "theme": "dark, light, contrast, ansi or ansi-light",
    "keys": "a table: key bindings, by action id",
    "thresholds": "a table: when a token is idle, expiring and so on, in days",
    "profiles": "tables: one for each organization",
}
"""The top-level settings of config.toml."""
STARTS = ("tokens", "overview")
_KEY_COMMANDS = ("key_command", "revoke_key_command")
"""These may contain a key: such a command is its owner's decision, and it is neither shown nor sent."""
_PROFILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)", re.IGNORECASE)
"""Names of devices on Windows, with any ending: no folder can be called so."""
_NEXT_TO_PROFILES = ("config.toml", "tokendesk.log", "locks", "cache", "logs")
"""What is in the same folder on one system or another."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Settings(NamedTuple):
    profile: str
    paths: ProfilePaths
    org_id: str | None = None
    api_url: str = API_URL
    key: Secret | None = None
    key_command: str | None = None
    revoke_key: Secret | None = None
    revoke_key_command: str | None = None
    allow_writes: bool = False
    author: str | None = None
    key_label: str | None = None
    """The key's name in Settings > API keys: each run records it."""
    admin_emails: tuple[str, ...] = ()
    """The admin's own address and the break-glass accounts: never moved. Moves are off while it is empty."""
    admin_emails_of_environment: bool = False
    """Whether they come from TOKENDESK_ADMIN_EMAIL, not from the profile."""
    never_touch: tuple[str, ...] = ()
    """Labels and ids of tokens, names, addresses and ids of their owners that no plan may change."""
    most_revocations: int = 10
    """How many tokens one run may revoke."""
    batch: int = 100
    """How many users one request moves (api handbook 7.1: at most 500)."""
    resume_within: timedelta = timedelta(hours=6)
    """How long an interrupted pull can be continued; 0 for never."""
    refresh: timedelta = timedelta()
    """How often open screens read the tokens again; 0 for never."""
    share: Path | str | None = None
    """A folder, or the address of a team's database, through which the desks of several admins exchange entries."""
    thresholds: Thresholds = Thresholds()
    theme: str = "dark"
    start: str = STARTS[0]
    """What the screens open with."""
    keys: Mapping[str, str] = MappingProxyType({})
    """Key bindings by action id, from `[keys]`; the screens know the ids."""
    console_url: str = CONSOLE_URL
    in_config: bool = True
    """Whether config.toml has the profile; if not, the organization comes from the environment."""
    configured: bool = False
    """Whether a profile or the environment sets the organization."""
    clock: datetime | None = None
    """The fixed time of the practice organization; None for real time."""

    def now(self) -> datetime:
        return self.clock or datetime.now(UTC)

    @property
    def is_demo(self) -> bool:
        return self.profile == DEMO


def load_settings(profile: str | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Combine flags, environment and `config.toml`. Raises UsageError for invalid settings."""
    key, revoke_key = key_of(environ, "TOKENDESK_API_KEY"), key_of(environ, "TOKENDESK_REVOKE_KEY")
    config = read_config(profile_paths("default", environ).config_file)
    name = _selected(profile, config, environ)
    _refuse_unknown(config, SETTINGS, "config.toml")
    profiles = _table(config, "profiles", "config.toml")
    table = _table(profiles, name, "config.toml")
    where = f"config.toml, profile {name}"
    _refuse_unknown(table, PROFILE_SETTINGS, where)
    known = name in profiles or name == DEMO or environ.get("TOKENDESK_ORG_ID")
    if profile and not known and not profile_paths(name, environ).snapshot.exists():
        names = ", ".join(sorted(profiles)) or "none yet"
        raise UsageError(f"There is no profile {name!r} in config.toml (profiles: {names}). Use another, or add it.")
    org_id = environ.get("TOKENDESK_ORG_ID") or _string(table, "org_id", where)
    api_url = environ.get("TOKENDESK_API_URL") or _string(table, "api_url", where) or API_URL
    refuse_key_as_org_id(org_id)
    _refuse_key(api_url, "The API address", f"Set TOKENDESK_API_URL to {API_URL}.")
    return Settings(
        profile=name,
        paths=profile_paths(name, environ),
        org_id=org_id.strip() if org_id else None,
        api_url=check_api_url(api_url),
        key=key,
        key_command=_string(table, "key_command", where),
        revoke_key=revoke_key,
        revoke_key_command=_string(table, "revoke_key_command", where),
        allow_writes=_boolean(table, "allow_writes", where) or name == DEMO,
        key_label=_string(table, "key_label", where) or ("the demo's key" if name == DEMO else None),
        admin_emails=_emails(environ.get("TOKENDESK_ADMIN_EMAIL"), table, where) or _DEMO_ADMIN.get(name, ()),
        admin_emails_of_environment="TOKENDESK_ADMIN_EMAIL" in environ,
        never_touch=_string_list(table, "never_touch", where),
        most_revocations=_integer(table, "most_revocations", where, 10, 1_000),
        batch=_integer(table, "batch", where, 100, 500),
        author=_string(table, "author", where) or _string(config, "author", "config.toml"),
        resume_within=_time(table, "resume_within", where, "6h"),
        refresh=_time(table, "refresh", where, "0", least=timedelta(minutes=10)),
        share=read_share(_string(table, "share", where), where),
        thresholds=_thresholds(_table(config, "thresholds", "config.toml")),
        theme=_string(config, "theme", "config.toml") or "dark",
        start=_one_of(config, "start", STARTS, "config.toml"),
        keys=_keys(_table(config, "keys", "config.toml")),
        console_url=check_api_url(
            _string(table, "console_url", where) or CONSOLE_URL, f"In {where}, set console_url to {CONSOLE_URL}."
        ),
        in_config=name in profiles,
        configured=bool(org_id),
        clock=_clock(environ.get("TOKENDESK_CLOCK"), name, api_url),
    )


def key_of(environ: Mapping[str, str], name: str) -> Secret | None:
    """Return the key in a variable of the environment."""
    value = environ.get(name, "").strip()
    return Secret(value) if value else None


def refuse_key_as_org_id(org_id: str | None) -> None:
    _refuse_key(org_id, "The organization's id", "Use what follows admin.atlassian.com/o/.")


def _refuse_key(value: str | None, what: str, advice: str) -> None:
    """Refuse a key in the wrong place: it would be part of URLs, file names and messages."""
    if value and contains_key(value):
        raise UsageError(f"{what} contains an API key, which belongs in TOKENDESK_API_KEY. {advice}")


def _refuse_key_in_setting(value: str | None, name: str, where: str) -> None:
    _refuse_key(value, f"In {where}, {name}", f"Correct {name}.")


def check_profile_name(name: str) -> str:
    """Return the name if it is valid for a folder and a table. Raises UsageError."""
    _refuse_key(name, "The profile's name", "Use the name of a profile.")
    if not _PROFILE_NAME.match(name):
        raise UsageError(f"{name!r} is not a valid profile name: use letters, digits, dots, dashes and underscores.")
    return name


def check_new_profile_name(name: str, others: Iterable[str]) -> str:
    """Return the name if every system can make a folder of it, apart from those of `others`. Raises UsageError."""
    check_profile_name(name)
    if _RESERVED.match(name) or name.endswith(".") or name.casefold() in _NEXT_TO_PROFILES:
        raise UsageError(f"{name!r} cannot be the name of a folder on every system. Choose another profile name.")
    same = next((other for other in others if other != name and other.casefold() == name.casefold()), None)
    if same is not None:
        raise UsageError(
            f"There is a profile {same!r}, and some systems do not tell capital letters apart in names of folders. "
            "Choose another profile name."
        )
    return name


def selected_profile(profile: str | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """Return the profile of the command line, the environment or config.toml. Raises UsageError."""
    return _selected(profile, read_config(profile_paths("default", environ).config_file), environ)


def _selected(profile: str | None, config: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    name = profile or environ.get("TOKENDESK_PROFILE")
    return check_profile_name(name or _string(config, "default_profile", "config.toml") or "default")


def configured_profiles(config_file: Path) -> list[str]:
    """Return the names of the profiles in `config.toml`."""
    return list(_table(read_config(config_file), "profiles", "config.toml"))


def _clock(text: str | None, profile: str, api_url: str) -> datetime | None:
    """Return the fixed time of the practice organization. A real organization has real time."""
    from urllib.parse import urlsplit

    if not text:
        return None
    if profile != DEMO and urlsplit(api_url).hostname not in _LOOPBACK:
        raise UsageError("TOKENDESK_CLOCK is for the practice organization only. Unset it.")
    moment = parse_timestamp(text)
    if moment is None:
        raise UsageError(f"TOKENDESK_CLOCK is {text!r}, which is not a date. Write it as 2027-03-31.")
    return utc(moment)


def check_api_url(url: str, advice: str = f"Set TOKENDESK_API_URL to {API_URL}.") -> str:
    """Return the URL without a trailing slash. The key must not be sent unencrypted: http only to loopback.

    `advice`: what to do if the URL is not valid.
    """
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url.strip())
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise UsageError(f"{url!r} is not a valid URL. {advice}") from None
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError("The API address must not contain a user name, query or fragment: host and path only.")
    named = parts.hostname and not re.search(r"[\s\x00-\x1f\x7f]", url.strip())
    if parts.scheme not in ("https", "http") or not named or not port_is_fine:
        raise UsageError(f"{url!r} is not a valid URL. {advice}")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise UsageError(
            f"The key would be sent unencrypted to {parts.hostname}. Use https:// (http:// is for 127.0.0.1 only)."
        )
    return url.strip().rstrip("/")


def read_config(path: Path) -> dict[str, Any]:
    """Return the content of config.toml; empty if there is none. Raises UsageError if it cannot be read."""
    try:
        text = read_text(path, CONFIG_BYTES, encoding="utf-8-sig")  # editors of Windows begin a file with a mark
        import tomllib  # late: often there is no file

        return tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():  # the never-touch list may be on a disk that is not there now
            raise UsageError(
                f"{path} is a link to {path.readlink()}, which does not exist. "
                "Connect the disk that it is on, or remove the link, then start again."
            ) from None
        return {}
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Fix it, or move it away.") from error
    except ValueError as error:
        raise UsageError(f"{path} cannot be read: {str(error)[:200]}. Fix it, or move it away.") from error
    except RecursionError:
        raise UsageError(f"{path} cannot be read: it is nested too deep. Fix it, or move it away.") from None


def _refuse_unknown(table: Mapping[str, Any], known: Mapping[str, str], where: str) -> None:
    """Refuse unknown settings: a misspelt `allow_write` would keep writes off silently."""
    for name in table:
        if name not in known:
            from tokendesk.filtering.fields import nearest

            near = nearest(name, known)
            meant = f"did you mean {near}?" if near else f"known: {', '.join(known)}"
            raise UsageError(f"{where}: unknown setting {name!r} ({meant}).")


def _keys(table: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Return the bindings by action id. Without quotes, `note.edit = "n"` is a table `note` in TOML."""
    found: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            found.update(_keys(value, f"{before}{name}."))
        elif isinstance(value, str):
            found[before + name] = value
        else:
            raise UsageError(f'In config.toml, keys.{before}{name} must be a key in quotes, such as "n".')
    return found


def _table(parent: Mapping[str, Any], name: str, where: str) -> dict[str, Any]:
    value = parent.get(name, {})
    if not isinstance(value, dict):
        raise UsageError(f"In {where}, {name} must be a table.")
    return value


def _string(table: Mapping[str, Any], name: str, where: str) -> str | None:
    value = table.get(name)
    if value is not None and not isinstance(value, str):
        raise UsageError(f"In {where}, {name} must be a string in quotes.")
    if name not in _KEY_COMMANDS:
        _refuse_key_in_setting(value, name, where)
    return value or None


def _one_of(table: Mapping[str, Any], name: str, known: tuple[str, ...], where: str) -> str:
    """Return one of `known`, by default the first."""
    value = _string(table, name, where) or known[0]
    if value not in known:
        raise UsageError(f"In {where}, {name} must be {' or '.join(known)}, in quotes; it is {value[:40]!r}.")
    return value


def _boolean(table: Mapping[str, Any], name: str, where: str) -> bool:
    value = table.get(name, False)
    if not isinstance(value, bool):
        raise UsageError(f"In {where}, {name} must be true or false, without quotes.")
    return value


def _emails(given: str | None, table: Mapping[str, Any], where: str) -> tuple[str, ...]:
    if given is not None:
        _refuse_key(given, "TOKENDESK_ADMIN_EMAIL", "Set it to your own address.")
        return tuple(part.strip() for part in given.split(",") if part.strip())
    return _string_list(table, "admin_emails", where)


def _string_list(table: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    found = table.get(name, [])
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise UsageError(f"In {where}, {name} must be a list of strings in quotes.")
    _refuse_key_in_setting(" ".join(found), name, where)
    return tuple(found)


def _integer(table: Mapping[str, Any], name: str, where: str, default: int, most: int) -> int:
    value = table.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise UsageError(f"In {where}, {name} must be a number from 1 to {most:,}.")
    return value


def _time(
    table: Mapping[str, Any], name: str, where: str, default: str, least: timedelta = timedelta(minutes=1)
) -> timedelta:
    text = _string(table, name, where) or default
    found = re.fullmatch(r"(\d{1,4})(m|h|d)", text, re.ASCII)
    time = int(found[1]) * timedelta(**{{"m": "minutes", "h": "hours", "d": "days"}[found[2]]: 1}) if found else None
    if text == "0":
        return timedelta()
    if time is None or not least <= time <= timedelta(days=7):
        bounds = f'from "{least // timedelta(minutes=1)}m" to "7d"'
        raise UsageError(f'In {where}, {name} must be a time such as "6h", {bounds}, or "0" for never.')
    return time


def _thresholds(table: Mapping[str, Any]) -> Thresholds:
    known = Thresholds._fields
    for name, value in table.items():
        if name not in known:
            raise UsageError(f"config.toml: unknown threshold {name!r}; known: {', '.join(known)}.")
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 36_500:
            raise UsageError(f"In config.toml, thresholds.{name} must be a whole number, 1 or more.")
    return Thresholds(**table)
