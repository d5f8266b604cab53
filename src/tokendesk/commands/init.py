"""`tokendesk init`: asks for the organization and its key command, tests them, writes the profile."""

import argparse
import asyncio
import json
import os
import sys
import time
from getpass import getpass
from importlib.util import find_spec
from pathlib import Path

from tokendesk.api import calls
from tokendesk.api.client import open_client
from tokendesk.config import (
    API_URL,
    DEMO,
    Settings,
    check_api_url,
    check_new_profile_name,
    check_profile_name,
    configured_profiles,
    load_settings,
    refuse_key_as_org_id,
)
from tokendesk.errors import TokendeskError, UsageError
from tokendesk.extras import how_to_add
from tokendesk.paths import make_folder
from tokendesk.running.capabilities import format_table
from tokendesk.running.check import Capability, check_key
from tokendesk.running.keys import SERVICE, has_keyring, reading_key
from tokendesk.views.never_touch import Protection, admin_emails_of, describe_unmatched


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--org-id", metavar="ID", help="as in admin.atlassian.com/o/ID/…")
    parser.add_argument("--key-command", metavar="COMMAND", help="prints the API key, such as: op read op://…")
    parser.add_argument("--admin-email", metavar="A,B", help="never moved: your address, break-glass accounts")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(None)
    name = check_profile_name(options.profile or settings.profile)
    path = settings.paths.config_file
    others = configured_profiles(path)
    if name in others:
        raise UsageError(f"The profile {name} already exists in {path}. Use another: --profile NAME.")
    check_new_profile_name(name, [*others, DEMO])
    if not options.org_id and (sys.stdin is None or not sys.stdin.isatty()):
        raise _no_terminal()
    org_id = options.org_id or _ask("Organization id (in the address admin.atlassian.com/o/ID/…)")
    refuse_key_as_org_id(org_id)
    settings = settings._replace(org_id=org_id, api_url=check_api_url(os.environ.get("TOKENDESK_API_URL", API_URL)))
    command = options.key_command or ("" if settings.key else _ask_for_key(name))
    # The command is what gets stored, so it is tested even if the environment has a key.
    settings = settings._replace(profile=name, key_command=command or None, key=None if command else settings.key)
    emails = options.admin_email or (
        _ask("Your own e-mail address, and break-glass accounts, with commas (they are never moved)")
    )
    protected = [part.strip() for part in emails.split(",") if part.strip()]
    found, nobodys = asyncio.run(_test(settings, protected))
    print("\n".join(format_table(found)))
    profile = {"org_id": org_id, "key_command": command} if command else {"org_id": org_id}
    if settings.api_url != API_URL:
        profile["api_url"] = settings.api_url
    _append(path, name, profile, protected)
    if words := describe_unmatched(Protection(address, admin_emails_of(name)) for address in nobodys):
        print(f"tokendesk: {words}", file=sys.stderr)
    print(
        f"The profile {name} is in {path}. Next: tokendesk pull" + ("" if name == "default" else f" --profile {name}")
    )
    return 0


def _no_terminal() -> UsageError:
    return UsageError("No terminal for questions. Pass --org-id, --key-command and --admin-email.")


def _ask(question: str) -> str:
    if sys.stdin is None:
        raise _no_terminal()
    print(f"{question}: ", end="", flush=True)
    answer = sys.stdin.readline().strip()
    if not answer:
        raise UsageError("No answer, so nothing was written. Start again with: tokendesk init")
    return answer


def _ask_for_key(name: str) -> str:
    """Return a command that prints the key; empty if the keyring or the environment has it."""
    print("Where is the organization API key? tokendesk never writes it to a file.")
    print("  - a command that prints it, such as: op read op://vault/atlassian/key")
    if has_keyring():
        print("  - the word keyring, to store it in the system keyring now")
    answer = _ask("Command" + (", or keyring" if has_keyring() else ""))
    if answer != "keyring":
        return answer
    if not has_keyring():
        added = "" if find_spec("keyring") else f" To add one: {how_to_add('keyring')}"
        raise UsageError(f"No keyring is available. Use a command, or set TOKENDESK_API_KEY.{added}")
    import keyring

    keyring.set_password(SERVICE, name, getpass("Key (not shown): ").strip())
    return ""


async def _test(settings: Settings, protected: list[str]) -> tuple[list[Capability], list[str]]:
    """Return what the key can do, and which protected addresses do not exist."""
    async with open_client(settings.api_url, reading_key(settings)) as client:
        found = await check_key(client, str(settings.org_id), None, int(time.time()))
        addresses = [address for address in protected if "@" in address]
        try:
            there = await calls.existing_emails(client, str(settings.org_id), addresses)
        except TokendeskError:
            there = None
        if there is None:
            return found, []  # unknown now; the first pull will tell
        return found, [address for address in addresses if address.casefold() not in there]


def _toml(value: str | list[str]) -> str:
    """JSON strings and lists of strings are valid TOML, except for lone surrogates. A quoted dot separates nothing."""
    return json.dumps(value, ensure_ascii=False)


def _append(path: Path, name: str, profile: dict[str, str], emails: list[str]) -> None:
    lines = [f"[profiles.{_toml(name)}]", *(f"{key} = {_toml(value)}" for key, value in profile.items())]
    lines += [f"admin_emails = {_toml(emails)}", "allow_writes = false", ""]
    make_folder(path.parent)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "a", encoding="utf-8") as file:
            file.write("\n".join(["", *lines]))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}. Make it writable.") from error
