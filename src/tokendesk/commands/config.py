"""`tokendesk config`: every setting with its source, whether config.toml is valid, and where it is."""

import argparse
from typing import TYPE_CHECKING

from tokendesk.commands.error_output import hide_keys, print_error
from tokendesk.commands.json_output import json_option, print_json
from tokendesk.commands.stdout import standard_output
from tokendesk.config import configured_profiles, load_settings
from tokendesk.errors import UsageError
from tokendesk.model.counting import counted
from tokendesk.model.text import printable
from tokendesk.paths import profile_paths
from tokendesk.reporting.text_table import text_table

if TYPE_CHECKING:
    from tokendesk.documents.facts import ConfigCheckDocument


def options(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="show|check|path")
    show = actions.add_parser("show", help="print every setting, and where its value comes from")
    json_option(show)
    check = actions.add_parser("check", help="say whether config.toml is valid, for every profile")
    json_option(check)
    actions.add_parser("path", help="print where config.toml is, or would be")


def run(options: argparse.Namespace) -> int:
    if options.action == "path":
        print(profile_paths("default").config_file, file=standard_output())
        return 0
    if options.action == "check":
        return _check(as_json=options.json)
    from tokendesk.running.setting_sources import effective_settings

    found = effective_settings(load_settings(options.profile), chosen=options.profile is not None)
    if options.json:
        print_json([setting._asdict() for setting in found])
        return 0
    lines = [
        (name, "not set" if value is None else printable(hide_keys(value)), printable(source))
        for name, value, source in found
    ]
    out = standard_output()
    for line in text_table(lines):
        print(line, file=out)
    return 0


def _check(*, as_json: bool) -> int:
    path = profile_paths("default").config_file
    names: list[str] = []
    try:
        names = configured_profiles(path)
        problems = list(dict.fromkeys(words for name in (*names, None) if (words := _problem(name))))
    except UsageError as error:  # it cannot be read at all
        problems = [str(error)]
    if as_json:
        found: ConfigCheckDocument = {
            "document": "config-check",
            "version": 1,
            "file": str(path),
            "exists": path.exists(),
            "profiles": names,
            "problems": [hide_keys(words) for words in problems],
        }
        print_json(found)
    elif problems:
        for words in problems:
            print_error(words)
    elif path.exists():
        print(f"{path} is valid: {counted(len(names), 'profile')}.")
    else:
        print(f"There is no {path} yet. Set up a profile with: tokendesk init")
    return 2 if problems else 0


def _problem(name: str | None) -> str | None:
    """Return what is wrong with a profile, or with what the screens alone know: the theme and the keys."""
    from tokendesk.tui.keymap import remapped
    from tokendesk.tui.themes import look_named

    try:
        settings = load_settings(name)
        look_named(settings.theme)
        remapped(settings.keys)
    except UsageError as error:
        return str(error)
    return None
