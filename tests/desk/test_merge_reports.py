"""A report of an import is complete, whatever the import writes itself."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.practice import NOW
from tokendesk.desk.entries import Desk
from tokendesk.desk.merging import merge
from tokendesk.desk.notes import write_note


@pytest.mark.parametrize("keep", [False, True])
def test_entries_of_a_clock_that_is_ahead_are_reported_in_full(tmp_path: Path, keep: bool) -> None:
    with (
        Desk(tmp_path / "ada.sqlite", author="ada", clock=lambda: NOW) as ours,
        Desk(tmp_path / "bo.sqlite", author="bo", clock=lambda: NOW + timedelta(days=3)) as ahead,
    ):
        ours.measure_clock(0.0)
        write_note(ahead, "token", ["t1", "t2"], {"purpose": "theirs"})
        write_note(ours, "token", ["t2"], {"purpose": "ours"})
        found = merge(ours, list(ahead.entries()), keep=keep)
        assert (found.new, found.fresh) == (1, (("token", "t1"),))
        assert found.subjects == (("token", "t1"), ("token", "t2"))
        assert found.changed == ()
        assert [(each.place[1], each.ours, each.theirs) for each in found.conflicting] == [("t2", "ours", "theirs")]
        assert ([entry.kind for entry in ours.entries()].count("clock"), bool(ours.clocks)) == (keep, keep)


def test_a_report_has_no_rows_of_the_import_before_it(tmp_path: Path) -> None:
    with (
        Desk(tmp_path / "ada.sqlite", author="ada", clock=lambda: NOW) as ours,
        Desk(tmp_path / "bo.sqlite", author="bo", clock=lambda: NOW) as theirs,
    ):
        for token in ("t1", "t2"):
            write_note(theirs, "token", [token], {"purpose": "theirs"})
            found = merge(ours, list(theirs.entries()), keep=True)
            assert (found.fresh, found.subjects) == ((("token", token),), (("token", token),))
