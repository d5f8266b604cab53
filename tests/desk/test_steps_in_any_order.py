"""Steps of a run in any order, even two for one batch from a copied desk, give the same tables."""

from itertools import permutations
from pathlib import Path

from tests.desk.own_entries import PLAN
from tokendesk.desk.entries import Desk, Entry

DESK = "d" * 32
TABLES = ("run", "run_row", "run_batch", "moved")


def step(second: int, sequence: int, kind: str, **payload: object) -> Entry:
    return Entry(DESK, sequence, f"2026-11-23T09:00:{second:02d}.000000Z", "ada", kind, payload)


BEGUN = step(1, 1, "run-begun", plan=PLAN, digest="d")
RUN = BEGUN.entry_id
STEPS = (
    BEGUN,
    step(2, 2, "run-intended", run=RUN, batch=1, to="P1", rows={"a": "P0"}),
    step(3, 2, "run-intended", run=RUN, batch=1, to="P3", rows={"a": "P9"}),
    step(3, 2, "run-intended", run=RUN, batch=2, to="P2", rows={"a": "P8"}),
    step(4, 3, "run-accepted", run=RUN, batch=1, task="t1"),
    step(5, 3, "run-accepted", run=RUN, batch=1, task="t2"),
)


def folded(path: Path, steps: tuple[Entry, ...]) -> list[object]:
    with Desk(path) as desk:
        for each in steps:
            with desk.transaction(commit=True):
                desk.import_entries([each])
        return [desk.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES]


def test_steps_of_a_desk_that_was_copied_are_folded_alike_in_any_order(tmp_path: Path) -> None:
    orders = list(permutations(STEPS))[::29]
    found = [folded(tmp_path / f"{number}.sqlite", order) for number, order in enumerate(orders)]
    assert [one for one in found if one != found[0]] == []
    with Desk(tmp_path / "0.sqlite") as desk:
        assert desk.rows("SELECT task_id FROM run_batch WHERE batch = 1") == [("t2",)]
