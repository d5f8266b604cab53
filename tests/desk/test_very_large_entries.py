"""The largest run of the largest organization is one entry, which other desks accept."""

from io import BytesIO
from pathlib import Path

from tokendesk.desk.bounds import MOST_MEMBERS
from tokendesk.desk.entries import Desk
from tokendesk.desk.entry import read_entry
from tokendesk.desk.lines import InvalidLine, entry_line, file_lines, head_line, read_lines
from tokendesk.model.bounds import MIB


def test_an_entry_of_more_than_64_mib_is_handed_on(tmp_path: Path) -> None:
    payload = {"plan": {"kind": "move", "rows": [], "words": "x" * (64 * MIB)}, "digest": "q"}
    entry = read_entry("a-desk", 1, "2026-11-23T09:00:00.000000Z", "ada", "run-begun", payload)
    handed_on = tmp_path / "entries.jsonl"
    with handed_on.open("w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in (head_line("a-desk", "org"), entry_line(entry)))
    with handed_on.open("rb") as file, Desk(tmp_path / "desk.sqlite") as desk, desk.transaction(commit=False):
        read = [each for each in read_lines(file_lines(file), "org") if not isinstance(each, InvalidLine)]
        assert desk.arrive(read).new == 1


def test_the_payload_of_an_entry_that_was_added_is_its_canonical_form(tmp_path: Path) -> None:
    with Desk(tmp_path / "desk.sqlite", author="ünal") as desk:
        added = desk.append("goal", {"z": 1, "a": ("ü", 2)})
        (kept,) = desk.entries()
        assert kept.entry_id == added.entry_id
        assert desk.rows("SELECT entry_id, payload FROM entry") == [(kept.entry_id, '{"a":["ü",2],"z":1}')]


def test_a_line_with_more_members_than_any_entry_is_cut_before_it_is_decoded() -> None:
    objects = b'{"a":[' + b"{}," * MOST_MEMBERS + b"{}]}\n"
    assert [len(line) for line in file_lines(BytesIO(objects + b"next\n"))] == [1, 4]
