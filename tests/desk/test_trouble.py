"""No note is lost by a full disk, an old copy, or broken files in a shared folder."""

import shutil
import signal
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.practice import NOW
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.lines import entry_line, head_line
from tokendesk.desk.merging import merge
from tokendesk.desk.notes import undo, write_note
from tokendesk.desk.sharing import exchange
from tokendesk.errors import TokendeskError
from tokendesk.running.sharing import describe_exchange


def open_desk(path: Path, author: str, minutes: int = 0) -> Desk:
    desk = Desk(path, author=author, clock=lambda: NOW + timedelta(minutes=minutes))
    desk.bind_organization("org")
    return desk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "share"
    made.mkdir()
    return made


def copy_of(desk: Path, target: Path) -> None:
    with closing(sqlite3.connect(desk)) as db, closing(sqlite3.connect(target)) as kept:
        db.backup(kept)


def purposes(desk: Desk) -> dict[str, str]:
    return dict(tuple(row) for row in desk.rows("SELECT subject, purpose FROM note"))


def test_a_desk_put_back_from_an_older_copy_gets_back_what_it_and_others_wrote_since(
    tmp_path: Path, folder: Path
) -> None:
    path, memory = tmp_path / "ada.sqlite", tmp_path / "shared.json"
    with open_desk(tmp_path / "bo.sqlite", "bo") as bo:
        with open_desk(path, "ada") as ada:
            write_note(ada, "token", ["t1"], {"purpose": "before"})
            exchange(ada, folder, memory)
            copy_of(path, tmp_path / "copy.sqlite")
            write_note(ada, "token", ["t2"], {"purpose": "ada's"})
            write_note(bo, "token", ["t3"], {"purpose": "bo's"})
            exchange(bo, folder, tmp_path / "bo.json")
            exchange(ada, folder, memory)
        for leftover in tmp_path.glob("ada.sqlite*"):
            leftover.unlink()
        shutil.copy(tmp_path / "copy.sqlite", path)
        with open_desk(path, "ada", minutes=1) as ada:
            # As many new ones as were lost: numbers alone do not tell the copy from what it was a copy of.
            write_note(ada, "token", ["t4"], {"purpose": "after"})
            write_note(ada, "token", ["t5"], {"purpose": "after"})
            exchange(ada, folder, memory)
            assert purposes(ada) == {"t1": "before", "t2": "ada's", "t3": "bo's", "t4": "after", "t5": "after"}
        exchange(bo, folder, tmp_path / "bo.json")
        assert purposes(bo) == {"t1": "before", "t2": "ada's", "t3": "bo's", "t4": "after", "t5": "after"}


@pytest.mark.parametrize("damage", [b"\0" * 4096, b"<<<<<<< mine\n", b""])
def test_a_file_of_ours_that_lost_its_first_line_is_written_anew_once(
    tmp_path: Path, folder: Path, damage: bytes
) -> None:
    with open_desk(tmp_path / "ada.sqlite", "ada") as ada, open_desk(tmp_path / "bo.sqlite", "bo") as bo:
        write_note(ada, "token", ["t1"], {"purpose": "one"})
        write_note(ada, "token", ["t2"], {"purpose": "two"})
        exchange(ada, folder, tmp_path / "ada.json")
        mine = folder / f"{ada.desk_id}.jsonl"
        whole = mine.read_bytes()
        mine.write_bytes(damage + whole.partition(b"\n")[2])
        for _ in range(3):
            exchange(ada, folder, tmp_path / "ada.json")
        assert mine.read_bytes() == whole
        exchange(bo, folder, tmp_path / "bo.json")
        assert purposes(bo) == {"t1": "one", "t2": "two"}


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that is there and cannot be read")
def test_a_file_that_cannot_be_read_is_named_and_stops_nobody_else(tmp_path: Path, folder: Path) -> None:
    with open_desk(tmp_path / "ada.sqlite", "ada") as ada, open_desk(tmp_path / "bo.sqlite", "bo") as bo:
        (folder / "0000.jsonl").symlink_to("/proc/self/mem")
        write_note(ada, "token", ["t1"], {"purpose": "one"})
        assert exchange(ada, folder, tmp_path / "ada.json").sent == 1
        exchanged = exchange(bo, folder, tmp_path / "bo.json")
        assert exchanged.received == 1
        assert exchanged.problems[0].startswith("0000.jsonl: cannot be read")


def test_what_a_broken_file_says_reaches_no_terminal_as_an_escape(tmp_path: Path, folder: Path) -> None:
    entry = Entry("\x1b[2J\u202e", 1, "2026-11-23T09:00:00.000000Z", "mallory", "note", {})
    line = entry_line(entry).replace("mallory", "someone")
    (folder / "x\x1b[2J.jsonl").write_text(f"{head_line('x', 'org')}\n{line}\n", "utf-8")
    with open_desk(tmp_path / "ada.sqlite", "ada") as ada:
        words = describe_exchange(exchange(ada, folder, tmp_path / "ada.json"))
    assert "was edited" in words[0]
    assert not any(sign in words[0] for sign in "\x1b\u202e")


def _write_on_a_full_disk(path: Path, said: Path) -> None:
    """In a process of its own, since the limit cannot be taken back. Past it every write fails, as on a full disk."""
    import resource

    with Desk(path, author="ada") as desk:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        try:
            for number in range(2_000):
                write_note(desk, "token", [f"t{number}"], {"purpose": "x" * 1_000})
                said.with_suffix(".count").write_text(str(number + 1), "utf-8")
        except TokendeskError as error:
            said.write_text(str(error), "utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_is_said_in_a_sentence_and_takes_no_note_that_was_written(tmp_path: Path) -> None:
    path, said = tmp_path / "desk.sqlite", tmp_path / "said"
    child = get_context("spawn").Process(target=_write_on_a_full_disk, args=(path, said))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert "free space" in said.read_text("utf-8") and "Nothing was written" in said.read_text("utf-8")
    written = int(said.with_suffix(".count").read_text("utf-8"))
    with Desk(path) as desk:
        assert len(purposes(desk)) == written > 0


def test_an_undo_of_an_undo_may_be_as_long_as_it_likes(tmp_path: Path) -> None:
    with open_desk(tmp_path / "bo.sqlite", "bo") as bo:
        entry = write_note(bo, "token", ["t1"], {"purpose": "one"})
        entries = [entry]
        for number in range(2, 2_002):
            entry = Entry(bo.desk_id, number, entry.time, "bo", "undo", {"entry": entry.entry_id})
            entries.append(entry)
    with open_desk(tmp_path / "ada.sqlite", "ada") as ada:
        assert merge(ada, entries, keep=True).new == 2_001
        assert purposes(ada) == {"t1": "one"}
        undo(ada, entry)
        assert purposes(ada) == {}
