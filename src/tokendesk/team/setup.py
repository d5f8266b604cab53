"""Sets up a team's database: schema and roles."""

from importlib.resources import files
from typing import NamedTuple

from tokendesk.team.connection import check_version, connected

_SCHEMA = files("tokendesk.team").joinpath("schema.sql")
_ROLES = files("tokendesk.team").joinpath("roles.sql")
READER, WRITER = "tokendesk_reader", "tokendesk_writer"


class Made(NamedTuple):
    """`role`: who it belongs to now."""

    database: str
    role: str


def set_up(url: str) -> Made:
    """Make the schema and the roles, or complete them; entries that are there stay.

    Raises UsageError if the schema is of a newer program, TeamUnavailable if the database cannot be used.
    """
    with connected(url) as db:
        with db.transaction():
            db.execute("SELECT pg_advisory_xact_lock(hashtext('tokendesk'))")
            exists = db.execute("SELECT to_regclass('tokendesk.meta') IS NOT NULL").fetchone()
            if exists and exists[0]:
                check_version(db)
            for script in (_SCHEMA, _ROLES):
                db.execute(script.read_text("utf-8").encode())
        return Made(*map(str, db.execute("SELECT current_database(), session_user").fetchone() or ("", "")))
