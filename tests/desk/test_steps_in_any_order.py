"""Steps of a run in any order, even two for one batch from a copied desk, give the same tables."""

import tempfile
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.desk.own_entries import PLAN, ROW
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.folding import rebuild

DESK = "d" * 32
TABLES = ("run", "run_row", "run_batch", "moved")


def step(second: int, sequence: int, kind: str, desk_id: str = DESK, **payload: object) -> Entry:
    return Entry(desk_id, sequence, f"2026-11-23T09:00:{second:02d}.000000Z", "ada", kind, payload)


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


ODD: tuple[object, ...] = (None, 5, 5.0, True, "", [], [1], {"a": 1}, 10**30)
"""Values that a field of a run's first entry cannot have."""
FIELDS = ("undoes", "quarantine_until", "digest", "key", "kind", "account_id", "name", "reason", "to_id", "outcome")


def run(odd: dict[str, object]) -> list[Entry]:
    """Return a run that revokes a token, with `odd` values in its first entry, and its steps."""
    row: dict[str, Any] = {**ROW, "to_id": None, "tokens": [{"token_id": "t", "label": "job"}]}
    plan: dict[str, Any] = {**PLAN, "kind": "revoke", "rows": [row]}
    begun: dict[str, Any] = {"plan": plan, "digest": "d", "key": None}
    for name, value in odd.items():
        next(part for part in (row, plan, begun) if name in part)[name] = value
    first = step(1, 1, "run-begun", **begun)
    run_id = first.entry_id
    ended = step(6, 2, "quarantine-ended", "e" * 32, run=run_id, how="keep")
    return [
        first,
        step(2, 2, "run-intended", run=run_id, batch=1, to=None, rows={"t": "x"}),
        step(3, 3, "run-outcomes", run=run_id, rows={"t": ["revoked", None, None]}),
        step(4, 4, "run-outcomes", run=run_id, rows={"t": ["gone", None, None]}),
        step(5, 3, "run-outcomes", "e" * 32, run=run_id, rows={"t": ["failed", None, None]}),
        ended,
        step(7, 5, "run-ended", run=run_id, state="done"),
        step(8, 3, "undo", "e" * 32, entry=ended.entry_id),
    ]


def tables(desk: Desk) -> list[object]:
    return [sorted(map(repr, desk.rows(f"SELECT * FROM {table}"))) for table in (*TABLES, "revoked", "run_aside")]


def imported(entries: Sequence[Entry], together: int, *, rebuilt: bool = False) -> list[object]:
    with tempfile.TemporaryDirectory() as folder, Desk(Path(folder) / "desk.sqlite") as desk:
        for first in range(0, len(entries), together):
            with desk.transaction(commit=True):
                desk.import_entries(entries[first : first + together])
        if rebuilt:
            with desk.transaction(commit=True):
                rebuild(desk._db)
        return tables(desk)


@settings(max_examples=20)
@given(st.data())
def test_a_run_of_which_entries_are_missing_or_odd_is_folded_alike_in_any_order(data: st.DataObject) -> None:
    odd = data.draw(st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(ODD), max_size=2))
    all_of_it = run(odd)
    kept = data.draw(st.lists(st.sampled_from(all_of_it), min_size=1, unique_by=lambda each: each.entry_id))
    other = data.draw(st.permutations(kept))
    found = imported(kept, 1)
    assert imported(other, data.draw(st.integers(1, 8))) == found
    assert imported(kept, len(kept), rebuilt=True) == found


def test_a_run_whose_plan_is_not_here_revokes_nothing_in_any_order() -> None:
    steps = run({})[1:4]
    found = [imported(order, 1) for order in permutations(steps)]
    assert [one for one in found if one != found[0]] == []
    assert "'t'" not in repr(found[0][-2])
