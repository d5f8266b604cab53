"""Sources of API keys: the environment, the profile's command, the system keyring. Never a file of ours."""

import shlex
import sys
from subprocess import TimeoutExpired

from tokendesk.config import Settings
from tokendesk.errors import UsageError
from tokendesk.model.secret import Secret
from tokendesk.running.subprocesses import run_for_output

SERVICE = "tokendesk"
_KEY_COMMAND_SECONDS = 60.0
"""Time limit of a key command in seconds: it may ask for a fingerprint."""


def reading_key(settings: Settings) -> Secret:
    """Return the key to read with. Raises UsageError, which says how to provide one."""
    found = settings.key or _from_command(settings.key_command, "key_command") or _from_keyring(settings.profile)
    if found is None:
        raise UsageError(
            "There is no API key. Set TOKENDESK_API_KEY to an organization API key "
            "(admin.atlassian.com > Settings > API keys), or run: tokendesk init"
        )
    return found


def revoking_key(settings: Settings) -> Secret | None:
    """Return the key without scopes that revoking needs; None if there is only the reading key."""
    return (
        settings.revoke_key
        or _from_command(settings.revoke_key_command, "revoke_key_command")
        or _from_keyring(f"{settings.profile}.revoke")
    )


def _from_command(command: str | None, setting: str) -> Secret | None:
    if not command:
        return None
    try:
        code, said = run_for_output(split_command(command), _KEY_COMMAND_SECONDS)
    except (OSError, ValueError, IndexError, TimeoutExpired) as error:
        raise UsageError(f"The profile's {setting} failed ({type(error).__name__}). Run it by hand.") from None
    key = said.decode("utf-8", "replace").strip()
    if code != 0 or not key or "\n" in key:
        raise UsageError(f"The profile's {setting} returned no key (exit code {code}). Run it by hand.")
    return Secret(key)


def split_command(command: str, system: str = sys.platform) -> list[str] | str:
    """Return what starts `command`, without a shell. Raises ValueError for a quote that is not closed.

    On Windows the text itself: a backslash separates folders there, and each program splits its own command line.
    """
    if system == "win32":
        if not command.strip():
            raise ValueError(command)
        return command
    return shlex.split(command)


def _from_keyring(name: str) -> Secret | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        key = keyring.get_password(SERVICE, name)
    except KeyringError:
        return None
    return Secret(key) if key else None


def has_keyring() -> bool:
    """Return whether the system keyring can store a key."""
    try:
        import keyring
        from keyring.backends import fail
    except ImportError:
        return False
    return not isinstance(keyring.get_keyring(), fail.Keyring)
