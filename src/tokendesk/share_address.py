"""Where desks exchange entries: a folder, or the address of a team's database."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tokendesk.errors import UsageError
from tokendesk.paths import expand_home

_SCHEMES = ("postgresql://", "postgres://")
_SECRET = ("password", "sslpassword")


def read_share(text: str | None) -> Path | str | None:
    """Return the folder, or the address of a database as text. Raises UsageError if that cannot be used."""
    if not text:
        return None
    return check_address(text) if is_database(text) else expand_home(text)


def is_database(text: str) -> bool:
    return text.startswith(_SCHEMES)


def check_address(url: str) -> str:
    """Return the address. Raises UsageError if it has a password in it, or cannot be read."""
    try:
        parts = urlsplit(url)
        has_password = bool(parts.password) or any(parse_qs(parts.query).get(name) for name in _SECRET)
    except ValueError:
        raise UsageError(
            "The address of the team's database cannot be read. Write it as postgresql://HOST/DATABASE."
        ) from None
    if has_password:
        raise UsageError(
            "The address of the team's database has a password in it. Remove it, and keep the password in PostgreSQL's "
            "password file (~/.pgpass) or a service file."
        )
    return url
