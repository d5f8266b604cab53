"""Payloads of other desks whose values have odd types stop neither an import nor a rebuild."""

from pathlib import Path

import pytest

from tests.desk.own_entries import PLAN, ROW, opened
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.entry import id_of
from tokendesk.desk.folding import rebuild
from tokendesk.desk.lines import InvalidLine, entry_line, head_line, read_lines
from tokendesk.desk.merging import merge
from tokendesk.desk.notes import write_note

FAR = "f" * 32


def entry(sequence: int, kind: str, **payload: object) -> Entry:
    return Entry(FAR, sequence, f"2026-11-22T09:00:{sequence:02d}.000000Z", "eve", kind, payload)


def is_readable(desk: Desk) -> bool:
    with desk.transaction(commit=True):
        rebuild(desk._db)
    write_note(desk, "token", ["t"], {"purpose": "CI"})
    return desk.fields("token", "t")["purpose"].value == "CI"


@pytest.mark.parametrize(("token_id", "stored"), [(5, "5"), (5.0, "5.0"), (True, "1")])
def test_a_run_whose_tokens_are_numbers_and_texts_is_imported(tmp_path: Path, token_id: object, stored: str) -> None:
    rows = [{**ROW, "to_id": None, "tokens": [{"token_id": each, "label": "job"}]} for each in (token_id, "tok-1")]
    begun = entry(1, "run-begun", plan={**PLAN, "kind": "revoke", "rows": rows}, digest="d")
    steps = [
        entry(2, "run-intended", run=begun.entry_id, batch=1, to=None, rows={stored: "x", "tok-1": "y"}),
        entry(3, "run-outcomes", run=begun.entry_id, rows={stored: ["revoked", None, None]}),
    ]
    with opened(tmp_path / "desk.sqlite", "ada") as desk:
        assert merge(desk, [begun, *steps], keep=True).new == 3
        assert desk.rows("SELECT token_id FROM revoked") == [(stored,)]
        assert is_readable(desk)
        assert desk.rows("SELECT token_id FROM revoked") == [(stored,)]


@pytest.mark.parametrize("first", [-(10**30), 10**30, 0, True, None, "1"])
def test_a_clock_entry_whose_first_entry_cannot_be_is_ignored(tmp_path: Path, first: object) -> None:
    said = entry(1, "clock", desk=FAR, first=first, since="2026-11-22T09:00:00.000000Z", ahead=5.0)
    with opened(tmp_path / "desk.sqlite", "ada") as desk:
        assert merge(desk, [said], keep=True).new == 1
        assert not desk.clocks
        assert is_readable(desk)


@pytest.mark.parametrize("levels", [65, 900, 991, 5_000])
def test_an_entry_that_is_nested_too_deep_is_left_out_with_a_reason(tmp_path: Path, levels: int) -> None:
    deep = f'{{"a":{"[" * (levels - 1)}{"]" * (levels - 1)}}}'
    parts = (FAR, 1, "2026-11-22T09:00:01.000000Z", "eve", "note")
    entry_id = id_of(Entry(*parts, {}), deep)
    line = (
        f'{{"author":"eve","desk":"{FAR}","id":"{entry_id}","kind":"note","payload":{deep},"sequence":1,'
        '"time":"2026-11-22T09:00:01.000000Z"}'
    )
    note = entry(2, "note", about="token", subjects=["t"], fields={"purpose": "CI"})
    lines = [head_line(FAR, "org"), line, entry_line(note)]
    with opened(tmp_path / "desk.sqlite", "ada") as desk:
        read = list(read_lines(lines, "org"))
        assert read[0] == InvalidLine(2, "nested more than 64 deep")
        assert merge(desk, [each for each in read if isinstance(each, Entry)], keep=True).new == 1
        assert is_readable(desk)
