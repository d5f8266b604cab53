"""Connects to a team's database: verified TLS, bounded in time, errors in one sentence."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokendesk.errors import TokendeskError, UsageError
from tokendesk.extras import how_to_add
from tokendesk.model.text import printable, shorten
from tokendesk.share_address import UNVERIFIED, check_address

if TYPE_CHECKING:
    import psycopg

VERSION = 1
"""Of the schema."""
_THIS_COMPUTER = ("", "localhost", "127.0.0.1", "::1")
_CONNECT_SECONDS = 10
_STATEMENT_SECONDS = 30
_FOREIGN_DESK, _INSUFFICIENT, _NO_SCHEMA, _NO_TABLE = "TD001", "42501", "3F000", "42P01"


class TeamUnavailable(TokendeskError):
    """The team's database cannot be used now."""

    exit_code = 4


@contextmanager
def connected(url: str, *, sharing: bool = True) -> "Iterator[psycopg.Connection[Any]]":
    """Connect for a few statements, each of which commits. Raises UsageError or TeamUnavailable.

    `sharing`: say in errors what becomes of the notes.
    """
    if find_spec("psycopg") is None:
        raise UsageError(f"A team's database needs the package psycopg. Add it with: {how_to_add('team')}")
    import psycopg

    from tokendesk.team.bounded import BoundedConnection

    try:
        with BoundedConnection.connect(**connection_parameters(check_address(url)), autocommit=True) as db:
            _check_tls(db)
            yield db
    except psycopg.Error as error:
        raise describe(error, sharing=sharing) from error


def describe(error: "psycopg.Error", *, sharing: bool) -> TokendeskError:
    """Return the error in sentences with the next step."""
    match error.sqlstate:
        case str(state) if state == _FOREIGN_DESK:
            return foreign_desk(error.diag.message_primary or "")
        case str(state) if state == _INSUFFICIENT and sharing:
            return UsageError(
                "Your role may not write to the team's database, so your notes are kept on this desk only. Ask its "
                "admin for: GRANT tokendesk_writer."
            )
        case str(state) if state in (_NO_SCHEMA, _NO_TABLE):
            return UsageError("The team's database is not set up. Do it with: tokendesk team init ADDRESS")
    words = printable((" ".join(str(error).split()) or type(error).__name__)[:300]).rstrip(".? ")
    kept = " Your notes are kept on this desk, and shared the next time." if sharing else ""
    return TeamUnavailable(f"The team's database cannot be used: {words}.{kept}")


def foreign_desk(owner: str) -> UsageError:
    """`owner`: the role that wrote first under this desk's id."""
    return UsageError(
        f"In the team's database this desk belongs to the role {printable(shorten(owner))}, so your notes are kept on "
        "this desk only. If that is a login of yours, use it in share. If not, tell the database's admin."
    )


def connection_parameters(url: str) -> dict[str, Any]:
    """Return what to connect with: what the address says, and our bounds and TLS where it says nothing."""
    from psycopg.conninfo import conninfo_to_dict

    given = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    given["client_encoding"] = "utf8"
    bounds = f"-c statement_timeout={_STATEMENT_SECONDS}s"
    given["options"] = f"{given.get('options', '')} {bounds}".strip()
    usual = {
        "connect_timeout": str(_CONNECT_SECONDS),
        "tcp_user_timeout": str(_STATEMENT_SECONDS * 1_000),
        "application_name": "tokendesk",
        "keepalives_idle": "10",
        "keepalives_interval": "5",
        "keepalives_count": "3",
    }
    # Where a service leads is not known before the connection, and then a password may have been sent.
    if "service" in given or "PGSERVICE" in os.environ or not _is_this_computer({**_of_environment(), **given}):
        usual["sslmode"] = "verify-full"
        _require_verified(given.get("sslmode", "verify-full"))
        if "PGSSLROOTCERT" not in os.environ and not (Path.home() / ".postgresql" / "root.crt").exists():
            usual["sslrootcert"] = "system"
    return {**usual, **given}


def _of_environment() -> dict[str, str]:
    names = {"host": "PGHOST", "hostaddr": "PGHOSTADDR"}
    return {name: os.environ[variable] for name, variable in names.items() if variable in os.environ}


def _is_this_computer(parameters: Mapping[str, str]) -> bool:
    """Return whether every host that may be tried is this computer; where one has no address, its name counts."""
    names, addresses = (parameters.get(name, "").split(",") for name in ("host", "hostaddr"))
    hosts = [address or name for name, address in zip_longest(names, addresses, fillvalue="")]
    return all(host in _THIS_COMPUTER or host.startswith(("/", "@")) for host in hosts)


def _check_tls(db: "psycopg.Connection[Any]") -> None:
    """Refuse a connection whose TLS is not verified, wherever that was set: a service file, the environment."""
    found = db.info.get_parameters()
    if not _is_this_computer(found):
        _require_verified(found.get("sslmode", ""))


def _require_verified(mode: str) -> None:
    if mode != "verify-full":
        raise UsageError(UNVERIFIED)


def check_version(db: "psycopg.Connection[Any]") -> None:
    """Raise UsageError if the schema is newer than this program."""
    row = db.execute("SELECT version FROM tokendesk.meta").fetchone()
    version = row[0] if row else 0
    if type(version) is not int or version > VERSION:
        told = printable(str(version)[:40])
        raise UsageError(
            f"The team's database has format {told}, and this tokendesk knows {VERSION}. Update tokendesk; your notes "
            "are kept on this desk."
        )
