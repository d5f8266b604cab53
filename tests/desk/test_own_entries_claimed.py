"""Entries with a desk's own id that it does not have: only an admin can claim them."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.desk.own_entries import PLAN, forged, opened
from tests.desk.pulled import Command
from tests.practice import NOW
from tokendesk.desk.arriving import Own
from tokendesk.desk.clocks import as_time
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.lines import entry_line, head_line
from tokendesk.desk.merging import merge
from tokendesk.desk.notes import write_note
from tokendesk.desk.sharing import exchange
from tokendesk.desk.telling import describe_wrong_clocks
from tokendesk.errors import Refused
from tokendesk.running.recover import give_up, refuse_touched, unfinished_runs


def begun(desk: Desk) -> str:
    run_id = desk.append("run-begun", {"plan": PLAN, "digest": "d"}).entry_id
    desk.append("run-intended", {"run": run_id, "batch": 1, "to": "P1", "rows": {"a": "P0"}})
    return run_id


def end_of(desk: Desk, run_id: str) -> list[Entry]:
    """Return entries that end a run, as they would follow those of its desk."""
    steps: tuple[tuple[str, dict[str, object]], ...] = (
        ("run-outcomes", {"rows": {"a": ["failed", "no", None]}}),
        ("run-ended", {"state": "done"}),
    )
    time = as_time(NOW + timedelta(minutes=1))
    first = desk.sequence + 1
    return [
        Entry(desk.desk_id, first + number, time, "ada", kind, {"run": run_id, **said})
        for number, (kind, said) in enumerate(steps)
    ]


@pytest.mark.parametrize("own", [Own.REFUSED, Own.CLAIMED])
def test_what_came_from_outside_settles_no_run_of_ours(tmp_path: Path, own: Own) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        run_id = begun(ada)
        merge(ada, end_of(ada, run_id), keep=True, own=own)
        assert [(run.run_id, run.is_ours) for run in unfinished_runs(ada)] == [(run_id, True)]
        assert ada.rows("SELECT outcome FROM run_row") == [(None,)]


def test_a_run_that_came_back_whole_is_as_it_ended(tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        with opened(tmp_path / "later.sqlite", "ada") as later:
            later._db.execute("UPDATE desk SET desk_id = ?", (ada.desk_id,))
        with opened(tmp_path / "later.sqlite", "ada") as later:
            run_id = begun(later)
            lost = [*later.own_entries(), *end_of(later, run_id)]
        assert merge(ada, lost, keep=True, own=Own.CLAIMED).new == 4
        assert ada.rows("SELECT outcome FROM run_row") == [("failed",)]


def test_a_run_that_came_back_unfinished_is_ours_to_settle_and_to_give_up(tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        with opened(tmp_path / "later.sqlite", "ada") as later:
            later._db.execute("UPDATE desk SET desk_id = ?", (ada.desk_id,))
        with opened(tmp_path / "later.sqlite", "ada") as later:
            run_id = begun(later)
            lost = list(later.own_entries())
        merge(ada, lost, keep=True, own=Own.CLAIMED)
        assert [(run.run_id, run.is_ours) for run in unfinished_runs(ada)] == [(run_id, True)]
        with pytest.raises(Refused, match="settle --give-up"):
            refuse_touched(ada, {"a"})
        give_up(ada, run_id, "looked in the console")
        refuse_touched(ada, {"a"})


def test_the_first_exchange_takes_nothing_from_a_file_under_our_name(tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        write_note(ada, "token", ["t"], {"decision": "keep"})
        file = folder / f"{ada.desk_id}.jsonl"
        file.write_text(f"{head_line(ada.desk_id, 'org')}\n{entry_line(forged(ada, 2))}\n", "utf-8")
        for _ in range(2):
            exchanged = exchange(ada, folder, tmp_path / "shared.json")
            assert (exchanged.received, exchanged.sent) == (0, 0)
            assert "1 entry that this desk does not have" in exchanged.problems[0]
        assert ada.fields("token", "t")["decision"].value == "keep"


def test_a_desk_that_wrote_on_after_it_was_restored_keeps_both(tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        write_note(ada, "token", ["t"], {"decision": "keep"})
        write_note(ada, "token", ["u"], {"decision": "keep"})
        merged = merge(ada, [forged(ada, 2), forged(ada, 3)], keep=True, own=Own.CLAIMED)
        assert (merged.new, merged.refused) == (2, 0)
        assert merge(ada, [forged(ada, 500_000_000)], keep=True, own=Own.CLAIMED).refused == 1


def test_own_entries_of_the_future_are_told(tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        ada.measure_clock(0.0)
        future = forged(ada, 1)._replace(time="2899-12-31T23:59:59.999999Z")
        merge(ada, [future], keep=True, own=Own.CLAIMED)
        (words,) = describe_wrong_clocks(ada)
        assert words.startswith("the clock of this desk was 873 years ahead from its entry 1 on, says ada")
        write_note(ada, "token", ["t"], {"decision": "keep"})
        assert ada.fields("token", "t")["decision"].value == "keep"


def test_mine_goes_with_an_import_only(command: Command, tmp_path: Path) -> None:
    command("desk", "export", str(tmp_path / "desk.jsonl"), "--mine", code=2)
