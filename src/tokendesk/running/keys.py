"""Where a key comes from: the environment, the profile's command, the system's keyring. Never a file of ours."""

import shlex
from subprocess import TimeoutExpired

from tokendesk.config import Settings
from tokendesk.errors import UsageError
from tokendesk.model.secret import Secret
from tokendesk.running.children import output_of

SERVICE = "tokendesk"
_PATIENCE = 60.0
"""Seconds a key command may take: it may ask for a fingerprint."""


def reading_key(settings: Settings) -> Secret:
    """Return the key to read with. Raises UsageError that says how to give one."""
    found = settings.key or _by_command(settings.key_command, "key_command") or _from_keyring(settings.profile)
    if found is None:
        raise UsageError(
            "There is no API key. Set TOKENDESK_API_KEY to an organization API key "
            "(admin.atlassian.com > Settings > API keys), or run: tokendesk init"
        )
    return found


def revoking_key(settings: Settings) -> Secret | None:
    """Return the key without scopes that revoking needs; None where only the reading key is there."""
    return (
        settings.revoke_key
        or _by_command(settings.revoke_key_command, "revoke_key_command")
        or _from_keyring(f"{settings.profile}.revoke")
    )


def _by_command(command: str | None, setting: str) -> Secret | None:
    if not command:
        return None
    try:
        code, said = output_of(shlex.split(command), _PATIENCE)
    except (OSError, ValueError, IndexError, TimeoutExpired) as error:
        raise UsageError(f"The profile's {setting} did not work ({type(error).__name__}). Try it by hand.") from None
    key = said.decode("utf-8", "replace").strip()
    if code != 0 or not key or "\n" in key:
        raise UsageError(f"The profile's {setting} gave no key (exit {code}). Try it by hand.")
    return Secret(key)


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
    """Return whether a key can be kept in the system's keyring here."""
    try:
        import keyring
        from keyring.backends import fail
    except ImportError:
        return False
    return not isinstance(keyring.get_keyring(), fail.Keyring)
