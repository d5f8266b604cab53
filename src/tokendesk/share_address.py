"""Where desks exchange entries: a folder, or the address of a team's database."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tokendesk.errors import UsageError
from tokendesk.paths import expand_home

_SCHEMES = ("postgresql://", "postgres://")
_IS_OTHER = re.compile(r"\w+://|(host|user|dbname|service|password)\s*=", re.IGNORECASE)
_SECRET = ("password", "sslpassword")
UNVERIFIED = (
    "The connection to the team's database would not be verified. Set sslmode=verify-full in its address, service file "
    "or environment (sslrootcert names the certificate authority)."
)


def read_share(text: str | None, where: str) -> Path | str | None:
    """Return the folder, or the address of a database as text. Raises UsageError if that cannot be used.

    `where`: in which part of config.toml it stands.
    """
    if not text:
        return None
    if not is_database(text):
        if _IS_OTHER.match(text):
            raise UsageError(f"In {where}, share must be a folder, or an address that begins with postgresql://.")
        return expand_home(text)
    try:
        return check_address(text)
    except UsageError as error:
        raise UsageError(f"In {where}, share: {error}") from None


def is_database(text: str) -> bool:
    return text.lower().startswith(_SCHEMES)


def check_address(url: str) -> str:
    """Return the address. Raises UsageError if it has a password in it, or cannot be read."""
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        has_password = bool(parts.password) or any(query.get(name) for name in _SECRET)
        is_elsewhere = parts.hostname not in (None, "localhost", "127.0.0.1", "::1")
    except ValueError:
        raise UsageError(
            "The address of the team's database cannot be read. Write it as postgresql://HOST/DATABASE."
        ) from None
    if has_password:
        raise UsageError(
            "The address of the team's database has a password in it. Remove it, and keep the password in PostgreSQL's "
            "password file (~/.pgpass) or a service file."
        )
    if is_elsewhere and query.get("sslmode", ["verify-full"]) != ["verify-full"]:
        raise UsageError(UNVERIFIED)
    return url
