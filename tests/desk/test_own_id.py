"""Imported entries with this desk's own id: accepted if the desk wrote them, otherwise left out and reported."""

import json
import shutil
from pathlib import Path

import pytest

from tests.desk.own_entries import forged, opened
from tests.desk.pulled import Command, Office
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.lines import entry_line, head_line, read_lines
from tokendesk.desk.merging import merge
from tokendesk.desk.notes import write_note
from tokendesk.desk.runs import BEGUN
from tokendesk.desk.sharing import exchange
from tokendesk.running.recover import unfinished_runs


@pytest.mark.parametrize("sequence", [1, 3, 500_000_000])
def test_an_entry_at_a_place_that_is_taken_or_far_ahead_is_left_out(tmp_path: Path, sequence: int) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        write_note(ada, "token", ["t"], {"decision": "keep"})
        merged = merge(ada, [forged(ada, sequence)], keep=True)
        assert (merged.new, merged.refused) == (0, 1)
        assert ada.fields("token", "t")["decision"].value == "keep"
        assert write_note(ada, "token", ["u"], {"decision": "keep"}).sequence == 2


def test_a_run_that_came_from_outside_under_our_id_is_left_out(tmp_path: Path) -> None:
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        merge(ada, [forged(ada, 1, BEGUN)], keep=True)
        assert unfinished_runs(ada) == []


def test_what_somebody_adds_to_a_desks_own_shared_file_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    memory = tmp_path / "shared.json"
    with opened(tmp_path / "ada.sqlite", "ada") as ada:
        write_note(ada, "token", ["t"], {"decision": "keep"})
        exchange(ada, folder, memory)
        file = folder / f"{ada.desk_id}.jsonl"
        honest = file.read_bytes()
        file.write_bytes(honest + entry_line(forged(ada, 2)).encode() + b"\n")
        for _ in range(2):
            exchanged = exchange(ada, folder, memory)
            assert (exchanged.received, exchanged.sent) == (0, 0)
            assert "1 entry that this desk does not have" in exchanged.problems[0]
            assert f"desk import {file.name} --mine --apply" in exchanged.problems[0]
        assert ada.fields("token", "t")["decision"].value == "keep"
        file.unlink()
        write_note(ada, "token", ["u"], {"decision": "keep"})
        exchanged = exchange(ada, folder, memory)
        assert (exchanged.sent, exchanged.problems) == (2, ())
        assert file.read_bytes().startswith(honest)
        assert [line for line in file.read_text("utf-8").splitlines() if '"eve"' in line] == []


def test_a_file_in_the_folder_speaks_for_its_own_desk_only(tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    with opened(tmp_path / "ada.sqlite", "ada") as ada, opened(tmp_path / "bo.sqlite", "bo") as bo:
        write_note(bo, "token", ["t"], {"decision": "keep"})
        lines = [head_line(bo.desk_id, "org"), *map(entry_line, [*bo.entries(), forged(ada, 1)])]
        (folder / f"{bo.desk_id}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        exchanged = exchange(ada, folder, tmp_path / "shared.json")
        assert exchanged.received == 1
        assert "is from another desk than this file" in exchanged.problems[0]
        assert ada.fields("token", "t")["decision"].value == "keep"


def test_a_file_that_has_grown_is_read_on_from_where_it_was_read_to(tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    memory = {name: tmp_path / f"{name}.json" for name in ("ada", "bo")}
    with opened(tmp_path / "ada.sqlite", "ada") as ada, opened(tmp_path / "bo.sqlite", "bo") as bo:
        for number in range(3):
            write_note(bo, "token", [f"t{number}"], {"decision": "keep"})
            exchange(bo, folder, memory["bo"])
            exchanged = exchange(ada, folder, memory["ada"])
            assert (exchanged.received, exchanged.problems) == (1, ())
        file = folder / f"{bo.desk_id}.jsonl"
        # Written again by another program: all of it is read, and what is wrong in it is said.
        file.write_text(file.read_text("utf-8").replace("keep", "revoke") + " " * 400 + "\n", "utf-8")
        assert len(exchange(ada, folder, memory["ada"]).problems) == 3


def test_a_restored_desk_takes_its_own_export(office: Office, command: Command, tmp_path: Path) -> None:
    with office.desk("ada") as desk:
        write_note(desk, "token", ["t1"], {"purpose": "one"})
    backup = tmp_path / "backup"
    shutil.copytree(office.home, backup)
    with office.desk("ada", later=60) as desk:
        write_note(desk, "token", ["t1"], {"purpose": "two"})
        write_note(desk, "token", ["t2"], {"purpose": "three"})
        before = [entry.entry_id for entry in desk.entries()]
    file = tmp_path / "all.jsonl"
    command("desk", "export", str(file))
    said = command("desk", "import", str(file), "--apply", home=backup, code=1, both=True)
    assert "2 entries under this desk's own id that it does not have: left out" in said
    assert "tokendesk desk import FILE --mine" in said
    assert "Imported 2 entries" in command("desk", "import", str(file), "--mine", "--apply", home=backup)
    with Desk(backup / "demo" / "desk.sqlite") as desk:
        assert [entry.entry_id for entry in desk.entries()] == before


@pytest.mark.parametrize(
    "changes",
    [{"sequence": 2_000_000_000}, {"time": "9999-12-31T23:59:59.999999Z"}, {"time": "2026-13-45T99:00:00.000000Z"},
     {"author": "x" * 201}, {"kind": "x" * 201}, {"desk": "x" * 201},
     {"payload": {"about": "token", "subjects": ["t"], "fields": {"purpose": "x" * 10_001}}}],
)  # fmt: skip
def test_an_entry_beyond_the_bounds_is_left_out(changes: dict[str, object]) -> None:
    parts = {
        "desk": "d", "sequence": 1, "time": "2026-11-23T09:30:00.000000Z", "author": "eve", "kind": "note",
        "payload": {"about": "token", "subjects": ["t"], "fields": {"purpose": "x"}},
    } | changes  # fmt: skip
    entry = Entry(*parts.values())  # type: ignore[arg-type]
    line = entry_line(entry)
    assert json.loads(line)["id"] == entry.entry_id
    (read,) = read_lines([head_line("d", "org"), line], "org")
    assert not isinstance(read, Entry)
