"""Entries of several desks fold to the same notes in any order; torn or edited ones are reported."""

import csv
import io
import json
import multiprocessing
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.database import database
from tests.practice import NOW
from tokendesk.desk.chain import check_chain
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.goals import write_goal
from tokendesk.desk.lines import InvalidLine, entry_line, head_line, read_lines
from tokendesk.desk.merging import merge
from tokendesk.desk.notes import undo, write_note
from tokendesk.desk.policies import write_policy
from tokendesk.desk.sharing import exchange
from tokendesk.errors import UsageError
from tokendesk.reporting.spreadsheets import guard, read_table, unguard, without_formulas

TABLES = ("note", "note_tag", "policy_fact", "goal", "field")
Where = Callable[[str], Path]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Where]:
    """Make new paths for desks, as many as an example needs."""
    count = iter(range(1_000_000))
    yield lambda name: tmp_path / f"{next(count)}" / f"{name}.sqlite"


def open_desk(path: Path, author: str = "ada", clock: datetime = NOW) -> Desk:
    desk = Desk(path, author=author, clock=lambda: clock)
    desk.bind_organization("org")
    return desk


def folded(desk: Desk) -> dict[str, list[object]]:
    return {table: sorted(desk.rows(f"SELECT * FROM {table}"), key=repr) for table in TABLES}


ACTION = st.tuples(
    st.integers(0, 2),  # which desk
    st.integers(0, 3),  # minutes that pass
    st.sampled_from(["purpose", "decision", "tag:ci", "undo", "policy", "goal", "look"]),
    st.sampled_from(["t1", "t2"]),
    st.sampled_from(["", "keep", "revoke"]),
    st.integers(0, 30),
)


def act(desks: Sequence[Desk], action: tuple[int, int, str, str, str, int]) -> None:
    number, _, what, subject, value, chosen = action
    desk = desks[number]
    if what == "undo":
        entries = list(desk.entries())
        if entries:
            undo(desk, entries[chosen % len(entries)])
    elif what == "policy":
        write_policy(desk, subject, {"name": value})
    elif what == "goal":
        write_goal(desk, subject if value else None)
    elif what == "look":  # one sees what the others wrote, and may undo it
        merge(desk, [entry for other in desks for entry in other.entries()], keep=True)
    else:
        write_note(desk, "token", [subject], {what: value})


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=st.lists(ACTION, max_size=14), seed=st.integers(0, 2**32))
def test_three_desks_agree_whatever_order_their_entries_come_in(
    place: Where, actions: list[tuple[int, int, str, str, str, int]], seed: int
) -> None:
    clock = [NOW]
    desks = [Desk(place(name), author=name, clock=lambda: clock[0]) for name in ("ada", "bo", "cy")]
    for action in actions:
        clock[0] += timedelta(minutes=action[1])
        act(desks, action)
    entries = list({entry.entry_id: entry for desk in desks for entry in desk.entries()}.values())
    dice = random.Random(seed)
    outcomes = []
    for _ in range(2):
        mixed = entries + dice.choices(entries, k=len(entries)) if entries else []
        dice.shuffle(mixed)
        with open_desk(place("new")) as new:
            while mixed:
                part = dice.randint(1, 4)
                merge(new, mixed[:part], keep=True)
                del mixed[:part]
            outcomes.append(folded(new))
            assert {entry.entry_id for entry in new.entries()} == {entry.entry_id for entry in entries}
    for desk in desks:
        merge(desk, entries, keep=True)
        outcomes.append(folded(desk))
        desk.close()
    assert all(outcome == outcomes[0] for outcome in outcomes)


def lines_of(desk: Desk) -> list[str]:
    return [head_line(desk.desk_id, desk.org_id), *map(entry_line, desk.entries())]


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60) | st.sampled_from(
    ["[/x]", "\x1b[2J", "a\r\nb\n", "x" * 10_000, "עברית \u202e", "👩‍💻", "=1+1", "'quoted", "\x00", "\u2028", " "]
)


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXT, min_size=1, max_size=4))
def test_any_text_goes_out_and_in_unchanged(place: Where, texts: list[str]) -> None:
    with open_desk(place("ada")) as one, open_desk(place("bo")) as other:
        for number, text in enumerate(texts):
            write_note(one, "token", [f"t{number}"], {"purpose": text})
        read = list(read_lines("\n".join(lines_of(one)).split("\n"), "org"))
        merge(other, [entry for entry in read if isinstance(entry, Entry)], keep=True)
        for number, text in enumerate(texts):
            assert other.fields("token", f"t{number}")["purpose"].value == text


@hypothesis_settings(max_examples=100, deadline=None)
@given(cells=st.lists(TEXT | st.text("=+-@\uff1d\uff20\t\r\n'\",; a"), min_size=1, max_size=3))
def test_any_cell_comes_back_from_a_spreadsheet_and_none_is_a_formula(cells: list[str]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["id", *(f"c{number}" for number, _ in enumerate(cells))])
    written = [guard(cell) for cell in cells]
    writer.writerow(["x", *written])
    assert not any(cell.startswith(RUN) for cell in written)
    (row,) = read_table(out.getvalue().encode(), "it")
    assert [unguard(cell) for cell in row.values()] == ["x", *cells]


@hypothesis_settings(max_examples=100, deadline=None)
@given(cell=st.text("=+-@\uff1d\uff20\t\r\n'\",; a"), separator=st.sampled_from(";\t"))
def test_no_part_of_a_cell_is_a_formula_where_another_separator_is_taken(cell: str, separator: str) -> None:
    for guarded in (guard(cell), without_formulas(cell)):
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\r\n").writerow(["id", guarded, "z"])
        text = io.StringIO(out.getvalue(), newline="")
        # Quotes within a cell are not special, as elsewhere: a line of it is a row.
        cells = [each for row in csv.reader(text, delimiter=separator) for each in row]
        assert not any(each.startswith(RUN) for each in cells)


def test_paragraphs_of_a_cell_stay_as_they_are() -> None:
    text = "Used by the nightly job.\r\n\r\nAsk Ada;\n\nthen Bo."
    assert guard(text) == without_formulas(text) == text


RUN = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def spoiled(line: str, **changes: object) -> str:
    return json.dumps({**json.loads(line), **changes})


@pytest.mark.parametrize(
    "changes",
    [{"author": "eve"}, {"sequence": 2}, {"sequence": True}, {"sequence": 2**70}, {"time": "now"}, {"payload": []},
     {"payload": {"x": float("nan")}}, {"kind": 3}, {"more": 1}, {"author": "\ud800"}, {"desk": ""}],
)  # fmt: skip
def test_an_edited_entry_is_refused_and_named_and_the_others_come_in(place: Where, changes: dict[str, object]) -> None:
    with open_desk(place("ada")) as desk:
        write_note(desk, "token", ["t"], {"purpose": "one"})
        write_note(desk, "token", ["t"], {"purpose": "two"})
        head, first, second = lines_of(desk)
        read = list(read_lines([head, spoiled(first, **changes), "{", "[" * 100_000, "", second], "org"))
    assert [line.where for line in read if isinstance(line, InvalidLine)] == [2, 3, 4]
    assert [entry.sequence for entry in read if isinstance(entry, Entry)] == [2]


def test_entries_of_another_organization_or_of_nothing_are_refused(place: Where) -> None:
    with open_desk(place("ada")) as desk:
        lines = lines_of(desk)
    for before in ((), ("", "  ")):
        with pytest.raises(UsageError, match="has entries of organization"):
            list(read_lines([*before, *lines], "elsewhere"))
    for first in ("name,mail", "[" * 100_000, "x" * 100):
        with pytest.raises(UsageError, match="not a file of"):
            list(read_lines([first, *lines], "org"))


def test_an_entry_of_a_shape_nobody_knows_is_kept_and_stands_in_nobodys_way(place: Where) -> None:
    with open_desk(place("new")) as desk:
        shapes: list[tuple[str, dict[str, object]]] = [
            ("note", {}), ("note", {"about": "token", "subjects": 3, "fields": {}}), ("policy", {"policy": {}}),
            ("goal", {}), ("undo", {"entry": ["x"]}), ("run-begun", {"plan": 3}), ("brand-new", {"a": 1}),
            ("note", {"about": "token", "subjects": [["t"]], "fields": {"purpose": "x"}}),
        ]  # fmt: skip
        odd = [
            Entry("far", number, "2026-11-23T09:00:00.000000Z", "eve", kind, payload)
            for number, (kind, payload) in enumerate(shapes, 1)
        ]
        good = Entry(
            "far", 99, "2026-11-23T09:00:00.000000Z", "bo", "note",
            {"about": "token", "subjects": ["t"], "fields": {"purpose": "CI"}},
        )  # fmt: skip
        assert merge(desk, [*odd, good], keep=True).new == len(odd) + 1
        assert desk.fields("token", "t")["purpose"].value == "CI"
        write_note(desk, "token", ["t"], {"decision": "keep"})
        assert desk.fields("token", "t")["decision"].value == "keep"


def test_a_preview_says_what_would_change_and_keeps_nothing(place: Where) -> None:
    with (
        open_desk(place("ada"), "ada", NOW) as ours,
        open_desk(place("bo"), "bo", NOW + timedelta(hours=1)) as theirs,
        open_desk(place("cy"), "cy", NOW - timedelta(hours=1)) as old,
    ):
        write_note(ours, "token", ["t1", "t2"], {"purpose": "ours"})
        write_note(theirs, "token", ["t1"], {"purpose": "theirs"})
        write_note(theirs, "token", ["t3"], {"purpose": "new"})
        write_note(old, "token", ["t2"], {"purpose": "old"})
        entries = [*theirs.entries(), *old.entries()]
        before = folded(ours)
        found = merge(ours, entries, keep=False)
        assert folded(ours) == before and len(list(ours.entries())) == 1
        assert (found.new, found.known, found.fresh) == (3, 0, (("token", "t3"),))
        assert [(d.place[1], d.ours, d.theirs) for d in found.changed] == [("t1", "ours", "theirs")]
        assert [(d.place[1], d.ours, d.theirs) for d in found.conflicting] == [("t2", "ours", "old")]
        assert merge(ours, entries, keep=True) == found
        assert merge(ours, entries, keep=True).new == 0


def test_two_desks_see_each_other_through_a_folder(place: Where, tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    with open_desk(place("ada"), "ada") as ada, open_desk(place("bo"), "bo", NOW + timedelta(minutes=1)) as bo:
        memory = {desk: desk.path.with_name("shared.json") for desk in (ada, bo)}
        write_note(ada, "token", ["t"], {"purpose": "from ada"})
        assert exchange(ada, folder, memory[ada]).sent == 1
        assert (exchange(bo, folder, memory[bo]).received, exchange(bo, folder, memory[bo]).received) == (1, 0)
        write_note(bo, "token", ["t"], {"purpose": "from bo"})
        written = (folder / f"{ada.desk_id}.jsonl").read_bytes()
        exchange(bo, folder, memory[bo])
        assert exchange(ada, folder, memory[ada]).received == 1
        assert ada.fields("token", "t")["purpose"].value == bo.fields("token", "t")["purpose"].value == "from bo"
        assert (folder / f"{ada.desk_id}.jsonl").read_bytes() == written
        write_note(ada, "token", ["t"], {"purpose": "more"})
        assert [exchange(ada, folder, memory[ada]).sent for _ in range(2)] == [1, 0]
        assert (folder / f"{ada.desk_id}.jsonl").read_bytes().startswith(written)
        assert exchange(bo, folder, memory[bo]).received == 1
        assert sorted(path.suffix for path in folder.iterdir()) == [".jsonl", ".jsonl"]


def test_half_a_line_is_picked_up_later_and_mended_by_its_own_desk(place: Where, tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    with open_desk(place("ada"), "ada") as ada, open_desk(place("bo"), "bo") as bo:
        memory = {desk: desk.path.with_name("shared.json") for desk in (ada, bo)}
        file = folder / f"{ada.desk_id}.jsonl"
        for number in range(3):
            write_note(ada, "token", [f"t{number}"], {"purpose": "écrit"})
        exchange(ada, folder, memory[ada])
        whole = file.read_bytes()
        arrived = 0
        for size in range(0, len(whole) + 1, 37):
            file.write_bytes(whole[:size])
            exchanged = exchange(bo, folder, memory[bo])
            assert exchanged.problems == ()
            arrived += exchanged.received
        file.write_bytes(whole[:-20])
        assert arrived >= 2
        write_note(ada, "token", ["t3"], {"purpose": "last"})
        assert exchange(ada, folder, memory[ada]).sent == 2
        assert file.read_bytes().startswith(whole)
        exchange(bo, folder, memory[bo])
        assert folded(bo) == folded(ada)


def test_a_spoiled_line_in_the_folder_is_named_until_it_is_mended(place: Where, tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    with open_desk(place("ada"), "ada") as ada, open_desk(place("bo"), "bo") as bo:
        memory = {desk: desk.path.with_name("shared.json") for desk in (ada, bo)}
        write_note(ada, "token", ["t"], {"purpose": "honest"})
        exchange(ada, folder, memory[ada])
        file = folder / f"{ada.desk_id}.jsonl"
        whole = file.read_text("utf-8")
        file.write_text(whole.replace("honest", "forged"), "utf-8")
        for _ in range(2):
            exchanged = exchange(bo, folder, memory[bo])
            assert exchanged.received == 0
            assert "was edited" in exchanged.problems[0]
        file.write_text(whole, "utf-8")
        exchanged = exchange(bo, folder, memory[bo])
        assert (exchanged.received, exchanged.problems) == (1, ())
        with pytest.raises(UsageError, match="Mount it"):
            exchange(bo, tmp_path / "elsewhere", memory[bo])


def test_a_link_in_the_folder_is_never_written_through(place: Where, tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    (tmp_path / "precious").write_text("not ours", "utf-8")
    with open_desk(place("ada")) as ada:
        (folder / f"{ada.desk_id}.jsonl").symlink_to(tmp_path / "precious")
        write_note(ada, "token", ["t"], {"purpose": "CI"})
        with pytest.raises(UsageError, match="not a file of this desk"):
            exchange(ada, folder, tmp_path / "shared.json")
    assert (tmp_path / "precious").read_text("utf-8") == "not ours"


def test_a_desk_that_was_lost_comes_back_from_the_folder(place: Where, tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    path = place("ada")
    with open_desk(path, "ada") as ada:
        write_note(ada, "token", ["t"], {"purpose": "one"})
        kept = sqlite3.connect(tmp_path / "copy.sqlite")
        with database(path) as db:
            db.backup(kept)
        kept.close()
        write_note(ada, "token", ["t"], {"purpose": "two"})
        exchange(ada, folder, path.with_name("shared.json"))
    with open_desk(tmp_path / "copy.sqlite", "ada") as restored:
        # Without its memory of the folder it cannot tell who wrote there; with it, the file is as it left it.
        exchanged = exchange(restored, folder, tmp_path / "shared.json")
        assert (exchanged.received, exchanged.sent) == (0, 0)
        assert "--mine --apply" in exchanged.problems[0]
        assert exchange(restored, folder, path.with_name("shared.json")).received == 1
        assert restored.fields("token", "t")["purpose"].value == "two"
        write_note(restored, "token", ["t"], {"purpose": "three"})
        assert check_chain(restored).problems == ()


def test_an_edited_a_missing_and_a_doubled_entry_are_named(place: Where) -> None:
    path = place("ada")
    with open_desk(path, "ada") as desk:
        for number in range(6):
            write_note(desk, "token", ["t"], {"purpose": f"{number}"})
        assert check_chain(desk).problems == ()
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("UPDATE entry SET payload = replace(payload, '\"2\"', '\"two\"') WHERE sequence = 3")
            db.execute("DELETE FROM entry WHERE sequence IN (4, 5)")
            twin = Entry(desk.desk_id, 6, "2026-11-23T10:00:00.000000Z", "ada", "goal", {"policy": None})
            db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", (twin.entry_id, *twin[:5], '{"policy":null}'))
        stranger = Entry("f" * 32, 3, "2026-11-23T10:00:00.000000Z", "bo", "goal", {"policy": None})
        merge(desk, [stranger], keep=True)
        chain = check_chain(desk)
    assert [problem.split(" (")[0] for problem in chain.problems] == [
        "entry 3 of this desk",
        "this desk was copied and used twice: see entry 6. Nothing is lost; delete one copy",
        "of this desk entries 4 to 5 are missing",
    ]
    assert chain.remarks == (f"of desk {'f' * 32} entries 1 to 2 are not here: only a part was imported",)


def test_what_was_written_later_wins_though_the_clock_was_set_back(place: Where) -> None:
    path = place("ada")
    with open_desk(path, clock=NOW) as desk:
        write_note(desk, "token", ["t"], {"purpose": "first"})
    with open_desk(path, clock=datetime(2020, 1, 1, tzinfo=UTC)) as desk:
        write_note(desk, "token", ["t"], {"purpose": "second"})
        assert desk.fields("token", "t")["purpose"].value == "second"


def write_until_killed(path: Path, folder: Path, said: "Connection[int, int]") -> None:
    with Desk(path, author="ada") as desk:
        for number in range(100_000):
            write_note(desk, "token", [f"t{number % 7}"], {"purpose": f"{number}"})
            said.send(number + 1)
            if number % 5 == 0:
                exchange(desk, folder, path.with_name("shared.json"))


@pytest.mark.parametrize("after", [6, 17])
def test_kill_9_loses_nothing_that_was_written(place: Where, tmp_path: Path, after: int) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    path = place("ada")
    open_desk(path).close()
    context = multiprocessing.get_context("spawn")
    heard, said = context.Pipe(duplex=False)
    child = context.Process(target=write_until_killed, args=(path, folder, said))
    child.start()
    said.close()
    written = 0
    while written < after:
        written = heard.recv()
    child.kill()
    child.join()
    while heard.poll():
        try:
            written = heard.recv()
        except EOFError:
            break
    heard.close()
    with open_desk(path) as desk, open_desk(place("bo")) as other:
        assert written <= len(list(desk.entries())) <= written + 1
        assert check_chain(desk).problems == ()
        before = folded(desk)
        exchange(desk, folder, path.with_name("shared.json"))
        exchange(other, folder, other.path.with_name("shared.json"))
        assert folded(desk) == before == folded(other)
