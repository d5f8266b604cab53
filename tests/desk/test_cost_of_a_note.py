"""The cost of a write does not depend on the size of the desk, counted in SQLite's steps, not in time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import undo, write_note
from tokendesk.desk.undoing import latest


def steps(desk: Desk, work: Callable[[Desk], object]) -> int:
    """Return how many hundreds of steps the questions of `work` take."""
    count = 0

    def look() -> bool:
        nonlocal count
        count += 1
        return False

    desk._db.set_progress_handler(look, 100)
    work(desk)
    desk._db.set_progress_handler(None, 0)
    return count


def a_note(desk: Desk) -> None:
    write_note(desk, "token", ["token-3"], {"purpose": "a build", "tag:ci": True})


def an_undo(desk: Desk) -> None:
    if entry := latest(desk):
        undo(desk, entry)


def a_step(desk: Desk) -> None:
    desk.append("run-intended", {"run": "r", "batch": 1, "to": "p2", "rows": {"account": "p1"}})


@pytest.mark.parametrize("work", [a_note, an_undo, a_step])
def test_no_write_looks_at_all_that_is_there(work: Callable[[Desk], object], tmp_path: Path) -> None:
    with Desk(tmp_path / "desk.sqlite") as desk:
        write_note(desk, "token", [f"token-{number}" for number in range(10)], {"purpose": "a job"})
        few = steps(desk, work)
        write_note(desk, "token", [f"more-{number}" for number in range(5_000)], {"purpose": "a job", "tag:ci": True})
        write_note(desk, "token", ["token-1"], {"purpose": "the latest"})
        assert steps(desk, work) <= few + 10
