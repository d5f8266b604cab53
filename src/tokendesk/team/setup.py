"""Sets up a team's database: schema and roles."""

from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from tokendesk.errors import UsageError
from tokendesk.team.connection import check_version, connected

if TYPE_CHECKING:
    import psycopg

_SCHEMA = files("tokendesk.team").joinpath("schema.sql")
_ROLES = files("tokendesk.team").joinpath("roles.sql")
READER, WRITER = "tokendesk_reader", "tokendesk_writer"


class Made(NamedTuple):
    """`roles_missing`: the statements for an admin, where the login may not make roles; otherwise empty."""

    database: str
    roles_missing: str


def set_up(url: str) -> Made:
    """Make the schema and the roles, or complete them; entries that are there stay.

    Raises UsageError if the schema is of a newer program or the login may not make one, TeamUnavailable if the
    database cannot be used.
    """
    with connected(url, sharing=False) as db:
        from psycopg.errors import InsufficientPrivilege

        try:
            _make_schema(db)
        except InsufficientPrivilege as error:
            raise UsageError("This login may not make a schema in the database. Use the login of its owner.") from error
        missing = ""
        try:
            with db.transaction():
                db.execute(_ROLES.read_text("utf-8").encode())
        except InsufficientPrivilege:
            missing = _ROLES.read_text("utf-8")
        row = db.execute("SELECT current_database()").fetchone()
        return Made(str(row[0]) if row else "", missing)


def _make_schema(db: "psycopg.Connection[Any]") -> None:
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(hashtext('tokendesk'))")
        exists = db.execute("SELECT to_regclass('tokendesk.meta') IS NOT NULL").fetchone()
        if exists and exists[0]:
            check_version(db)
        db.execute(_SCHEMA.read_text("utf-8").encode())
