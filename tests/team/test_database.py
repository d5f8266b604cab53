"""The database itself: who may write what, and what becomes of it."""

import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.desk.own_entries import forged, opened
from tests.team.conftest import Database
from tokendesk.desk.lines import entry_line
from tokendesk.desk.notes import write_note
from tokendesk.errors import UsageError
from tokendesk.model.bounds import LINE_BYTES
from tokendesk.team.bounded import BoundedConnection
from tokendesk.team.checking import check_team
from tokendesk.team.connection import TeamUnavailable
from tokendesk.team.log import PostgresLog
from tokendesk.team.setup import READER, WRITER, set_up


@pytest.fixture
def team(database: Database) -> Database:
    set_up(database.url())
    return database


def log_of(team: Database, author: str, folder: Path, group: str = WRITER) -> PostgresLog:
    return PostgresLog(team.login(author, group), folder / f"{author}-team.json")


def test_setting_up_again_keeps_what_is_there(team: Database, tmp_path: Path) -> None:
    log = log_of(team, "ada", tmp_path)
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        write_note(ada, "token", ["t"], {"purpose": "CI"})
        log.exchange(ada)
        set_up(team.url())
        assert team.run("SELECT count(*) FROM tokendesk.entry") == [(1,)]
        assert log.exchange(ada).problems == ()


def test_two_who_set_up_at_once_both_succeed(database: Database) -> None:
    errors: list[BaseException] = []

    def make() -> None:
        try:
            set_up(database.url())
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_an_owner_who_may_not_make_roles_gets_the_statements_for_an_admin(database: Database, tmp_path: Path) -> None:
    owner = database.login("owner")
    database.run(f'ALTER DATABASE {database.name} OWNER TO "{database.name}_owner"')
    missing = set_up(owner).roles_missing
    assert "GRANT tokendesk_reader TO tokendesk_writer" in missing
    database.run(missing)
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        write_note(ada, "token", ["t"], {"purpose": "CI"})
        assert log_of(database, "ada", tmp_path).exchange(ada).sent == 1


def test_a_login_that_may_make_no_schema_is_told_so(database: Database) -> None:
    with pytest.raises(UsageError, match="Use the login of its owner"):
        set_up(database.login("bo"))


def test_a_reader_sees_all_and_adds_nothing(team: Database, tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada, opened(tmp_path / "bo.sqlite", "bo") as bo:
        write_note(ada, "token", ["t"], {"purpose": "CI"})
        log_of(team, "ada", tmp_path).exchange(ada)
        reading = log_of(team, "bo", tmp_path, READER)
        assert reading.exchange(bo).received == 1
        write_note(bo, "token", ["u"], {"purpose": "mine"})
        write_note(ada, "token", ["v"], {"purpose": "report"})
        PostgresLog(team.url("ada"), tmp_path / "ada-team.json").exchange(ada)
        found = reading.exchange(bo)
        assert found.received == 1
        assert "may not write" in found.problems[0]
        assert team.run("SELECT DISTINCT desk FROM tokendesk.entry") == [(ada.desk_id,)]
        team.run(f'GRANT {WRITER} TO "{team.name}_bo"')
        assert reading.exchange(bo).sent == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tokendesk.entry SET body = 'x'",
        "DELETE FROM tokendesk.entry",
        "TRUNCATE tokendesk.entry",
        "UPDATE tokendesk.desk SET written_by = session_user",
        "DELETE FROM tokendesk.desk",
        "INSERT INTO tokendesk.desk VALUES ('org', 'x', session_user)",
        "UPDATE tokendesk.meta SET version = 0",
        "DROP TABLE tokendesk.entry",
        "ALTER TABLE tokendesk.entry DISABLE TRIGGER ALL",
        "INSERT INTO tokendesk.entry (organization, id, desk, seq, body, written_by) "
        "VALUES ('org', repeat('a', 64), 'x', 1, '{}', 'ada')",
    ],
)
def test_a_writer_changes_nothing_that_is_there(team: Database, tmp_path: Path, statement: str) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        write_note(ada, "token", ["t"], {"purpose": "CI"})
        log_of(team, "ada", tmp_path).exchange(ada)
    before = team.run("SELECT * FROM tokendesk.entry")
    bo = team.login("bo", WRITER)
    with (
        closing(psycopg.connect(bo, autocommit=True)) as db,
        pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.RaiseException, psycopg.DatabaseError)),
    ):
        db.execute(statement)
    assert team.run("SELECT * FROM tokendesk.entry") == before


@pytest.mark.parametrize("statement", ["UPDATE tokendesk.entry SET body = 'x'", "DELETE FROM tokendesk.entry"])
def test_the_owner_of_the_tables_changes_nothing_either(team: Database, statement: str) -> None:
    with pytest.raises(psycopg.DatabaseError, match="only appended"):
        team.run(statement)


def test_the_id_of_a_desk_belongs_to_the_role_that_wrote_it_first(team: Database, tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        write_note(ada, "token", ["t"], {"purpose": "CI"})
        log_of(team, "ada", tmp_path).exchange(ada)
        write_note(ada, "token", ["t"], {"purpose": "CI 2"})
        thief = PostgresLog(team.login("eve", WRITER), tmp_path / "eve-team.json")
        with pytest.raises(UsageError, match=f"{team.name}_ada"):
            thief.exchange(ada)
    assert team.run("SELECT DISTINCT written_by FROM tokendesk.entry") == [(f"{team.name}_ada",)]


def test_a_stranger_who_takes_an_id_first_gives_its_desk_nothing(team: Database, tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        write_note(ada, "token", ["t"], {"purpose": "CI"})
        stolen = forged(ada, 1)
        with closing(psycopg.connect(team.login("eve", WRITER), autocommit=True)) as db:
            db.execute(
                "INSERT INTO tokendesk.entry (organization, id, desk, seq, body) VALUES ('org', %s, %s, 1, %s)",
                (stolen.entry_id, ada.desk_id, entry_line(stolen)),
            )
        log = log_of(team, "ada", tmp_path)
        with pytest.raises(UsageError, match=f"{team.name}_eve.*tell the database's admin"):
            log.exchange(ada)
        assert "decision" not in ada.fields("token", "t")


def test_a_damaged_memory_is_read_as_none(team: Database, tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada, opened(tmp_path / "bo.sqlite", "bo") as bo:
        write_note(ada, "token", ["t"], {"purpose": "CI"})
        log_of(team, "ada", tmp_path).exchange(ada)
        log = log_of(team, "bo", tmp_path)
        for kept in ("", "[]", '[1, 1, "\\ud800", []]', '[1, 1, "x", {}]', '["1", null]', "7"):
            files = f'{{"{ada.desk_id}": {kept or "null"}}}'
            log.memory.write_text(f'{{"desk": "{bo.desk_id}", "files": {files}}}', "utf-8")
            assert log.exchange(bo).problems == ()
        assert len(list(bo.entries())) == 1


def test_what_an_admin_of_the_database_edited_is_named_and_not_taken_in(team: Database, tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada, opened(tmp_path / "bo.sqlite", "bo") as bo:
        for token in ("t", "u", "v"):
            write_note(ada, "token", [token], {"purpose": "CI"})
        log_of(team, "ada", tmp_path).exchange(ada)
        team.run("ALTER TABLE tokendesk.entry DISABLE TRIGGER USER")
        team.run("UPDATE tokendesk.entry SET body = replace(body, 'CI', 'CD') WHERE seq = 2")
        team.run("UPDATE tokendesk.entry SET body = E'\\x1b[2J' WHERE seq = 3")
        log = log_of(team, "bo", tmp_path)
        for received in (1, 0):
            found = log.exchange(bo)
            assert found.received == received
            assert found.problems == (f"2 entries of desk {ada.desk_id} cannot be read: see tokendesk check",)
        said = check_team(team.url(), "org").problems
        assert "does not match its id" in said[0]
        assert said[1].endswith("not an entry")
        assert "\x1b" not in "".join(said)
        team.run("UPDATE tokendesk.entry SET body = repeat('x', 1000) WHERE seq = 2")  # not read again
        team.run("ALTER TABLE tokendesk.entry ENABLE TRIGGER USER")
        write_note(ada, "token", ["w"], {"purpose": "CI"})
        PostgresLog(team.url("ada"), tmp_path / "ada-team.json").exchange(ada)
        found = log.exchange(bo)
        assert (found.received, len(found.problems)) == (1, 1)


def test_a_check_names_what_does_not_agree(team: Database, tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada, opened(tmp_path / "bo.sqlite", "bo") as bo:
        for desk, author in ((ada, "ada"), (bo, "bo")):
            ada_or_bo = log_of(team, author, tmp_path)
            for token in ("t", "u", "v"):
                write_note(desk, "token", [token], {"purpose": author})
            ada_or_bo.exchange(desk)
        assert check_team(team.url(), "org") == (6, 2, ())
        team.run("ALTER TABLE tokendesk.entry DISABLE TRIGGER USER")
        team.run("DELETE FROM tokendesk.entry WHERE seq = 3 AND desk = %s", ada.desk_id)
        team.run("UPDATE tokendesk.entry SET written_by = 'eve' WHERE seq = 1 AND desk = %s", bo.desk_id)
        team.run("UPDATE tokendesk.entry SET body = replace(body, '\"t\"', '\"x\"') WHERE desk = %s", ada.desk_id)
        assert set(check_team(team.url(), "org").problems) == {
            f"of desk {ada.desk_id} 1 entry is missing",
            f"desk {bo.desk_id} belongs to {team.name}_bo, and has entries of eve",
            f"entry 1 of desk {ada.desk_id}: entry 1 of desk {ada.desk_id} was edited: it does not match its id",
        }
        assert check_team(team.url(), "another") == (0, 0, ())


def test_a_copied_desk_that_is_used_twice_loses_nothing(team: Database, tmp_path: Path) -> None:
    first, second = tmp_path / "ada.sqlite", tmp_path / "ada-too.sqlite"
    with opened(first, "ada") as ada:
        write_note(ada, "token", ["t"], {"purpose": "before"})
    second.write_bytes(first.read_bytes())
    log = log_of(team, "ada", tmp_path)
    other, reading = PostgresLog(log.url, tmp_path / "too-team.json"), log_of(team, "bo", tmp_path)
    with opened(first, "ada") as ada, opened(second, "ada") as too, opened(tmp_path / "bo.sqlite", "bo") as bo:
        for number in range(4):
            write_note(ada, "token", [f"one {number}"], {"purpose": "one"})
            write_note(too, "token", [f"two {number}"], {"purpose": "two"})
            for each, desk in ((log, ada), (reading, bo), (other, too), (reading, bo), (log, ada)):
                assert each.exchange(desk).problems == ()
            ids = [{entry.entry_id for entry in desk.entries()} for desk in (ada, too, bo)]
            assert ids[0] == ids[1] == ids[2]
            assert len(ids[0]) == 3 + 2 * number


def test_a_gap_is_filled_when_the_entry_comes(team: Database, tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada, opened(tmp_path / "bo.sqlite", "bo") as bo:
        writer = log_of(team, "ada", tmp_path)
        for token in ("t", "u", "v"):
            write_note(ada, "token", [token], {"purpose": token})
        first, second, third = ada.own_entries()
        with closing(psycopg.connect(writer.url, autocommit=True)) as db:
            for entry in (first, third):
                db.execute(
                    "INSERT INTO tokendesk.entry (organization, id, desk, seq, body) VALUES ('org', %s, %s, %s, %s)",
                    (entry.entry_id, entry.desk_id, entry.sequence, entry_line(entry)),
                )
        log = log_of(team, "bo", tmp_path)
        assert log.exchange(bo).received == 2
        assert writer.exchange(ada).sent == 1
        assert log.exchange(bo).received == 1
        assert {entry.entry_id for entry in bo.entries()} == {each.entry_id for each in (first, second, third)}


def test_more_entries_than_fit_into_one_answer_arrive_all(team: Database, tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada, opened(tmp_path / "bo.sqlite", "bo") as bo:
        note = {"about": "token", "subjects": ["t"], "fields": {"purpose": "x" * 900}}
        ada.append_all([("note", note)] * 1_500)
        ada.append_all([("plan", {"large": "y" * 5_000_000})] * 3)
        assert log_of(team, "ada", tmp_path).exchange(ada).sent == 1_503
        assert log_of(team, "bo", tmp_path).exchange(bo).received == 1_503


def test_a_schema_of_a_newer_program_is_refused_and_left_alone(team: Database, tmp_path: Path) -> None:
    log = log_of(team, "ada", tmp_path)
    team.run("UPDATE tokendesk.meta SET version = 2")
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        write_note(ada, "token", ["t"], {"purpose": "CI"})
        with pytest.raises(UsageError, match="Update tokendesk"):
            log.exchange(ada)
    with pytest.raises(UsageError, match="Update tokendesk"):
        set_up(team.url())
    assert team.run("SELECT count(*) FROM tokendesk.entry") == [(0,)]


@pytest.mark.parametrize("kind", ["integer", "text"])
def test_a_version_that_is_none_is_refused(team: Database, tmp_path: Path, kind: str) -> None:
    team.run(f"ALTER TABLE tokendesk.meta ALTER version DROP NOT NULL, ALTER version TYPE {kind}")
    team.run("UPDATE tokendesk.meta SET version = NULL")
    with opened(tmp_path / "ada.sqlite", "ada") as ada, pytest.raises(UsageError, match="Update tokendesk"):
        log_of(team, "ada", tmp_path).exchange(ada)


def test_the_encoding_of_the_environment_does_not_count(
    team: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    with opened(tmp_path / "ada.sqlite", "ada") as ada, opened(tmp_path / "bo.sqlite", "bo") as bo:
        write_note(ada, "token", ["t"], {"purpose": "Übergang 移行"})
        log_of(team, "ada", tmp_path).exchange(ada)
        assert log_of(team, "bo", tmp_path).exchange(bo).received == 1
        assert bo.fields("token", "t")["purpose"].value == "Übergang 移行"


def test_a_database_without_our_schema_says_how_to_set_it_up(database: Database, tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada, pytest.raises(UsageError, match="tokendesk team init"):
        PostgresLog(database.url(), tmp_path / "team.json").exchange(ada)


def test_a_cut_connection_is_said_and_the_next_exchange_goes_on(team: Database, tmp_path: Path) -> None:
    log = log_of(team, "ada", tmp_path)
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        ada.append_all([("note", {"about": "token", "subjects": ["t"], "fields": {"purpose": "x"}})] * 2_500)
        # The connection is cut by what the second part of the entries sets off.
        team.run(
            "CREATE FUNCTION public.cut() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
            " PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
        )
        team.run(
            "CREATE TRIGGER cut AFTER INSERT ON tokendesk.entry FOR EACH ROW WHEN (NEW.seq = 1500)"
            " EXECUTE FUNCTION public.cut()"
        )
        with pytest.raises(TeamUnavailable, match="kept on this desk"):
            log.exchange(ada)
        assert team.run("SELECT count(*) FROM tokendesk.entry") == [(1_000,)]
        team.run("DROP TRIGGER cut ON tokendesk.entry")
        assert log.exchange(ada).sent == 1_500
        assert team.run("SELECT count(*), count(DISTINCT seq), max(seq) FROM tokendesk.entry") == [
            (2_500, 2_500, 2_500)
        ]


def test_a_server_that_falls_silent_is_left(team: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The statement waits for a lock that is never let go, and the server's own bound is off."""
    monkeypatch.setattr(BoundedConnection, "silence", 0.5)
    log = log_of(team, "ada", tmp_path)
    log = PostgresLog(f"{log.url}{'&' if '?' in log.url else '?'}options=-c%20lock_timeout%3D0", log.memory)
    with (
        opened(tmp_path / "ada.sqlite", "ada") as ada,
        closing(psycopg.connect(team.url())) as holding,
    ):
        write_note(ada, "token", ["t"], {"purpose": "CI"})
        holding.execute("LOCK TABLE tokendesk.entry IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(TeamUnavailable, match="kept on this desk"):
            log.exchange(ada)
        holding.rollback()
        monkeypatch.undo()
        assert log.exchange(ada).problems == ()
        assert team.run("SELECT count(*) FROM tokendesk.entry") == [(1,)]


def test_a_memory_that_cannot_be_written_is_one_sentence(team: Database, tmp_path: Path) -> None:
    log = log_of(team, "ada", tmp_path)
    log.memory.mkdir()
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        write_note(ada, "token", ["t"], {"purpose": "CI"})
        with pytest.raises(UsageError, match=r"ada-team\.json.*kept on this desk"):
            log.exchange(ada)


def test_desks_that_write_at_once_agree_in_the_end(team: Database, tmp_path: Path) -> None:
    writing = """
import sys
from pathlib import Path
from tests.desk.own_entries import forged, opened
from tokendesk.desk.notes import write_note
from tokendesk.team.log import PostgresLog
author, url, folder = sys.argv[1:]
log = PostgresLog(url, Path(folder) / f"{author}.json")
with opened(Path(folder) / f"{author}.sqlite", author) as desk:
    for number in range(30):
        write_note(desk, "token", [f"t{number}"], {"purpose": f"{author} {number}"})
        log.exchange(desk)
"""
    authors = {name: team.login(name, WRITER) for name in ("ada", "bo", "cy", "dee")}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", writing, name, url, str(tmp_path)], env={"PYTHONPATH": ":".join(sys.path)}
        )
        for name, url in authors.items()
    ]
    assert [each.wait() for each in running] == [0] * 4
    found = set()
    for name, url in authors.items():
        with opened(tmp_path / f"{name}.sqlite", name) as desk:
            assert PostgresLog(url, tmp_path / f"{name}.json").exchange(desk).problems == ()
            found.add(frozenset(entry.entry_id for entry in desk.entries()))
    assert [len(ids) for ids in found] == [120]


def test_an_entry_as_long_as_any_fits(team: Database) -> None:
    (check,) = team.run(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'tokendesk.entry'::regclass"
        " AND pg_get_constraintdef(oid) LIKE '%%octet_length%%'"
    )
    assert f"<= {LINE_BYTES})" in check[0]
