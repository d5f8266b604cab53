"""What holds for each way of exchanging entries: a folder, and a database."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.desk.own_entries import opened
from tests.team.conftest import Database
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.desk.shared_log import SharedLog
from tokendesk.desk.sharing import FolderLog
from tokendesk.errors import TokendeskError
from tokendesk.team.log import PostgresLog
from tokendesk.team.setup import WRITER, set_up

Way = Callable[[str], SharedLog]
"""Returns where the desk of an author exchanges entries; each author has a login of their own."""


def folder_way(folder: Path) -> Way:
    folder.mkdir()
    return lambda author: FolderLog(folder, folder.parent / f"{author}-folder.json")


def database_way(database: Database, folder: Path) -> Way:
    set_up(database.url())
    urls: dict[str, str] = {}

    def log(author: str) -> SharedLog:
        if author not in urls:
            urls[author] = database.login(author, WRITER)
        return PostgresLog(urls[author], folder / f"{author}-team.json")

    return log


@pytest.fixture(params=["folder", "database"])
def way(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Way:
    return folder_way(tmp_path / "share") if request.param == "folder" else database_way(database, tmp_path)


def purpose(desk: Desk, subject: str = "t") -> str | None:
    found = desk.fields("token", subject).get("purpose")
    return found.value if found else None


def ids(desk: Desk) -> set[str]:
    return {entry.entry_id for entry in desk.entries()}


def test_what_one_desk_writes_comes_to_the_others_once(way: Way, tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada, opened(tmp_path / "bo.sqlite", "bo") as bo:
        write_note(ada, "token", ["t"], {"purpose": "CI", "tag:ci": True})
        assert way("ada").exchange(ada).sent == 1
        first = way("bo").exchange(bo)
        assert (first.sent, first.received, first.problems) == (0, 1, ())
        assert purpose(bo) == "CI"
        write_note(bo, "token", ["u"], {"purpose": "backup"})
        write_note(bo, "token", ["v"], {"purpose": "report"})
        assert way("bo").exchange(bo).sent == 2
        assert way("ada").exchange(ada).received == 2
        for author, desk in (("ada", ada), ("bo", bo)):
            again = way(author).exchange(desk)
            assert (again.sent, again.received, again.problems) == (0, 0, ())
        assert ids(ada) == ids(bo)


def test_a_desk_that_was_restored_from_a_copy_gets_its_own_entries_back(way: Way, tmp_path: Path) -> None:
    path = tmp_path / "ada.sqlite"
    with opened(path, "ada") as ada:
        write_note(ada, "token", ["t"], {"purpose": "old"})
        way("ada").exchange(ada)
    copy = path.read_bytes()
    with opened(path, "ada") as ada:
        write_note(ada, "token", ["t"], {"purpose": "new"})
        way("ada").exchange(ada)
    for part in path.parent.glob("ada.sqlite*"):
        part.unlink()
    path.write_bytes(copy)
    with opened(path, "ada") as ada:
        assert way("ada").exchange(ada).received == 1
        assert purpose(ada) == "new"
        write_note(ada, "token", ["t"], {"purpose": "newer"})
        assert way("ada").exchange(ada).sent == 1
        assert [entry.sequence for entry in ada.own_entries()] == [1, 2, 3]


def test_before_its_first_pull_a_desk_exchanges_nothing(way: Way, tmp_path: Path) -> None:
    with Desk(tmp_path / "new.sqlite", author="ada") as desk:
        assert way("ada").exchange(desk).received == 0


def test_desks_of_another_organization_stay_apart(way: Way, tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada, Desk(tmp_path / "bo.sqlite", author="bo") as bo:
        bo.bind_organization("another")
        write_note(ada, "token", ["t"], {"purpose": "CI"})
        way("ada").exchange(ada)
        assert way("bo").exchange(bo).received == 0
        assert ids(bo) == set()


def test_desks_go_from_the_folder_to_the_database_and_back(database: Database, tmp_path: Path) -> None:
    folder, team = folder_way(tmp_path / "share"), database_way(database, tmp_path)
    with opened(tmp_path / "ada.sqlite", "ada") as ada, opened(tmp_path / "bo.sqlite", "bo") as bo:
        for number, way in enumerate((folder, team, folder, team)):
            write_note(ada, "token", ["t"], {"purpose": f"ada {number}"})
            write_note(bo, "token", ["u"], {"purpose": f"bo {number}"})
            for author, desk in (("ada", ada), ("bo", bo), ("ada", ada)):
                assert way(author).exchange(desk).problems == ()
            assert ids(ada) == ids(bo)
            assert purpose(bo) == f"ada {number}"
            assert purpose(ada, "u") == f"bo {number}"


def test_a_place_that_is_not_there_is_said_and_what_was_written_is_sent_later(way: Way, tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada, opened(tmp_path / "bo.sqlite", "bo") as bo:
        write_note(ada, "token", ["t"], {"purpose": "CI"})
        log = way("ada")
        gone = (
            FolderLog(tmp_path / "unmounted", log.memory)
            if isinstance(log, FolderLog)
            else PostgresLog(f"postgresql://ada@/x?host={tmp_path}/nowhere", tmp_path / "ada-team.json")
        )
        with pytest.raises(TokendeskError, match=r"not there|cannot be used"):
            gone.exchange(ada)
        assert log.exchange(ada).sent == 1
        assert way("bo").exchange(bo).received == 1
