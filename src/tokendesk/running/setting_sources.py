"""Every setting of a profile, with its value and where that comes from. Never a key."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tokendesk.config import DEMO, PROFILE_SETTINGS, Settings, read_config

_OF_ENVIRONMENT = {
    "org_id": "TOKENDESK_ORG_ID",
    "api_url": "TOKENDESK_API_URL",
    "admin_emails": "TOKENDESK_ADMIN_EMAIL",
    "key": "TOKENDESK_API_KEY",
    "revoke_key": "TOKENDESK_REVOKE_KEY",
}
_OF_DEMO = ("allow_writes", "admin_emails", "key_label")
"""What the demo sets by itself."""
_COMMANDS = ("key_command", "revoke_key_command")
DEFAULT = "default"


class EffectiveSetting(NamedTuple):
    """`value`: None if it is not set. `source`: an environment variable, config.toml or DEFAULT."""

    name: str
    value: str | None
    source: str


def effective_settings(
    settings: Settings, *, chosen: bool, environ: Mapping[str, str] = os.environ
) -> list[EffectiveSetting]:
    """`chosen`: whether the profile was named on the command line."""
    config = read_config(settings.paths.config_file)
    table = config.get("profiles", {}).get(settings.profile, {})
    of_profile, of_all = f"config.toml, profile {settings.profile}", "config.toml"

    def source(name: str) -> str:
        variable = _OF_ENVIRONMENT.get(name)
        if variable and environ.get(variable) is not None:
            return variable
        if name in table or name in config:
            return of_profile if name in table else of_all
        return DEMO if settings.is_demo and name in _OF_DEMO else DEFAULT

    by = "--profile" if chosen else "TOKENDESK_PROFILE" if environ.get("TOKENDESK_PROFILE") else ""
    found = [EffectiveSetting("profile", settings.profile, by or source("default_profile"))]
    for key in ("key", "revoke_key"):
        held = getattr(settings, key) is not None
        found.append(EffectiveSetting(key, "set, not shown" if held else None, source(key) if held else DEFAULT))
    for name in PROFILE_SETTINGS:
        value = getattr(settings, name)
        shown = "set, not shown" if name in _COMMANDS and value else _text(value)
        found.append(EffectiveSetting(name, shown, source(name)))
    found += [EffectiveSetting(name, _text(getattr(settings, name)), source(name)) for name in ("start", "theme")]
    found.append(EffectiveSetting("keys", str(len(settings.keys)) if settings.keys else None, source("keys")))
    days = config.get("thresholds", {})
    found += [
        EffectiveSetting(f"thresholds.{name}", str(value), of_all if name in days else DEFAULT)
        for name, value in settings.thresholds._asdict().items()
    ]
    return [*found, *_folders(settings, environ)]


def _folders(settings: Settings, environ: Mapping[str, str]) -> list[EffectiveSetting]:
    paths = settings.paths
    source = "TOKENDESK_HOME" if environ.get("TOKENDESK_HOME") else DEFAULT
    places = {
        "config.toml": paths.config_file, "data": paths.data, "cache": paths.cache, "state": paths.state,
        "log": paths.log,
    }  # fmt: skip
    return [EffectiveSetting(name, str(path), source) for name, path in places.items()]


def _text(value: Any) -> str | None:
    match value:
        case None | () | "":
            return None
        case bool():
            return str(value).lower()
        case tuple():
            return ", ".join(map(str, value))
        case timedelta():
            hours, rest = divmod(value, timedelta(hours=1))
            return f"{value // timedelta(minutes=1)}m" if rest else f"{hours}h" if hours else "0"
        case Path() | int() | str():
            return str(value)
    raise TypeError(value)
