"""An import of more entries than there are takes a quicker way, with the same result."""

from pathlib import Path

import pytest

from tests.desk.own_entries import opened
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.merging import merge

MANY = 10_100
_INDEX = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'entry'"


def note(number: int, desk_id: str = "f" * 32) -> Entry:
    payload = {"about": "token", "subjects": [f"t{number % 50}"], "fields": {"purpose": f"p{number}"}}
    return Entry(
        desk_id, number, f"2026-11-22T09:{number // 60 % 60:02d}:{number % 60:02d}.000000Z", "eve", "note", payload
    )


NOTES = [note(number) for number in range(1, MANY + 1)]


def result(desk: Desk) -> list[object]:
    tables = ("entry", "written", "field", "note")
    return [sorted(map(repr, desk.rows(f"SELECT * FROM {table}"))) for table in tables]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    """What a desk holds that took the entries in parts, which is the usual way."""
    with opened(tmp_path_factory.mktemp("usual") / "desk.sqlite", "ada") as desk:
        for first in range(0, MANY, 5_000):
            merge(desk, NOTES[first : first + 5_000], keep=True)
        return result(desk)


@pytest.mark.parametrize("again", [0, 1, 300])
def test_a_large_import_has_the_same_result(again: int, usual: list[object], tmp_path: Path) -> None:
    with opened(tmp_path / "desk.sqlite", "ada") as desk:
        before = desk.rows(_INDEX)
        report = merge(desk, [*NOTES, *NOTES[:again]], keep=True)
        assert (report.new, report.known, report.refused, len(report.fresh)) == (MANY, 0, 0, 50)
        assert result(desk) == usual
        assert desk.rows(_INDEX) == before


def test_a_large_import_knows_what_is_there_and_refuses_what_is_said_to_be_our_own(
    usual: list[object], tmp_path: Path
) -> None:
    with opened(tmp_path / "desk.sqlite", "ada") as desk:
        merge(desk, NOTES[:10], keep=True)
        before = desk.rows(_INDEX)
        report = merge(desk, [*NOTES, note(1, desk.desk_id)], keep=True)
        assert (report.new, report.known, report.refused) == (MANY - 10, 10, 1)
        report = merge(desk, NOTES, keep=True)
        assert (report.new, report.known, report.refused) == (0, MANY, 0)
        assert result(desk) == usual
        assert desk.rows(_INDEX) == before


def test_a_large_import_that_is_only_looked_at_changes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "desk.sqlite", "ada") as desk:
        before = desk.rows(_INDEX)
        assert merge(desk, NOTES, keep=False).new == MANY
        assert desk.rows("SELECT * FROM entry") == []
        assert desk.rows(_INDEX) == before
