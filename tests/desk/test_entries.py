"""The list of entries: nothing is lost or changed, and any order folds to the same notes."""

import errno
import hashlib
import json
import multiprocessing
import shutil
import signal
import sqlite3
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.database import database
from tests.needs import needs_modes
from tokendesk.desk.entries import Desk
from tokendesk.desk.file import desk_script
from tokendesk.desk.folding import rebuild
from tokendesk.desk.notes import undo, write_note
from tokendesk.desk.policies import write_policy
from tokendesk.errors import Refused, UsageError


def note(path: Path, subject: str) -> tuple[object, ...] | None:
    with database(path) as db:
        row: tuple[object, ...] | None = db.execute(
            "SELECT purpose, decision, tags FROM note WHERE subject = ?", (subject,)
        ).fetchone()
    db.close()
    return row


def test_a_note_is_folded_from_its_entries(tmp_path: Path) -> None:
    path = tmp_path / "desk.sqlite"
    with Desk(path, author="ada") as desk:
        write_note(desk, "token", ["t1", "t2"], {"purpose": "CI", "tag:build": True})
        write_note(desk, "token", ["t1"], {"decision": "keep"})
        write_note(desk, "token", ["t2"], {"tag:build": False})
    assert note(path, "t1") == ("CI", "keep", "build")
    assert note(path, "t2") == ("CI", None, None)


def test_an_undo_is_an_entry_and_can_be_undone(tmp_path: Path) -> None:
    path = tmp_path / "desk.sqlite"
    with Desk(path) as desk:
        write_note(desk, "token", ["t1"], {"purpose": "first"})
        second = write_note(desk, "token", ["t1"], {"purpose": "second"})
        taken_back = undo(desk, second)
        assert note(path, "t1") == ("first", None, None)
        undo(desk, taken_back)
        assert note(path, "t1") == ("second", None, None)
        assert len(list(desk.entries())) == 4


def test_an_id_is_the_hash_of_the_canonical_form(tmp_path: Path) -> None:
    with Desk(tmp_path / "desk.sqlite", author="ünal", clock=lambda: datetime(2026, 11, 23, 9, tzinfo=UTC)) as desk:
        entry = write_policy(desk, "p1", {"tokens": "blocked", "name": "Default"})
        canonical = (
            f'["{desk.desk_id}",1,"2026-11-23T09:00:00.000000Z","ünal","policy",'
            '{"fields":{"name":"Default","tokens":"blocked"},"policy":"p1"}]'
        )
        assert entry.entry_id == hashlib.sha256(canonical.encode()).hexdigest()


def test_what_cannot_be_decided_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with Desk(tmp_path / "desk.sqlite") as desk:
        with pytest.raises(UsageError, match="not a decision"):
            write_note(desk, "token", ["t"], {"decision": "maybe"})
        with pytest.raises(UsageError, match="10,001"):
            write_note(desk, "token", ["t"], {"purpose": "x" * 10_001})
        assert list(desk.entries()) == []


@pytest.mark.parametrize(
    "text", ["[/x]", "\x1b[2J", "two\nlines", "x" * 10_000, "עברית", "👩‍💻", "=1+1", "'; --", "\u202efdp"]
)
def test_any_text_comes_back_unchanged(tmp_path: Path, text: str) -> None:
    path = tmp_path / "desk.sqlite"
    with Desk(path) as desk:
        write_note(desk, "token", ["t"], {"purpose": text})
        assert note(path, "t") == (text, None, None)
        assert [entry.payload["fields"]["purpose"] for entry in desk.entries()] == [text]


def test_a_desk_of_another_organization_is_refused(tmp_path: Path) -> None:
    with Desk(tmp_path / "desk.sqlite") as desk:
        desk.bind_organization("one")
        desk.bind_organization("one")
        with pytest.raises(Refused, match="organization one"):
            desk.bind_organization("two")


@pytest.mark.parametrize("content", [b"not a database at all", b""])
def test_a_foreign_file_is_never_taken_for_a_desk(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "desk.sqlite"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="desk"):
        Desk(path)
    assert path.read_bytes() == content


def test_a_desk_of_a_newer_format_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "desk.sqlite"
    Desk(path).close()
    with database(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(UsageError, match="newer tokendesk"):
        Desk(path)


@needs_modes
def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    Desk(tmp_path / "in" / "desk.sqlite").close()
    assert (tmp_path / "in" / "desk.sqlite").stat().st_mode & 0o077 == 0
    assert (tmp_path / "in").stat().st_mode & 0o077 == 0


def test_a_desk_that_was_cut_to_nothing_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "desk.sqlite"
    with Desk(path) as desk:
        write_note(desk, "token", ["t"], {"purpose": "backup"})
    path.write_bytes(b"")
    with pytest.raises(UsageError, match=r"cut off.* Put back a backup .* delete it and start again"):
        Desk(path)
    assert path.read_bytes() == b""
    path.unlink()
    Desk(path).close()
    assert [each.name for each in tmp_path.iterdir()] == ["desk.sqlite"]


def refuse_link(path: Path, target: Path) -> None:
    raise OSError(errno.EPERM, "no hard links here")


def make_desk(path: Path, ready: Event, made: "Queue[str]", has_links: bool) -> None:
    if not has_links:
        Path.hardlink_to = refuse_link  # type: ignore[assignment,method-assign]
    ready.wait()
    with Desk(path) as desk:
        made.put(desk.desk_id)


@pytest.mark.parametrize("has_links", [True, False])
def test_processes_that_make_a_desk_at_once_make_one(tmp_path: Path, has_links: bool) -> None:
    context = multiprocessing.get_context("spawn")
    ready, made = context.Event(), context.Queue()
    arguments = (tmp_path / "desk.sqlite", ready, made, has_links)
    makers = [context.Process(target=make_desk, args=arguments) for _ in range(3)]
    for maker in makers:
        maker.start()
    ready.set()
    found = {made.get() for _ in makers}
    for maker in makers:
        maker.join()
    assert len(found) == 1


def make_no_end(path: Path, begun: Event) -> None:
    """Begin a new desk, and never end it."""

    def wait(_: Path, draft: Path) -> None:
        shutil.copy(draft, draft.with_name(f"{draft.name}-wal"))
        begun.set()
        signal.pause()

    Path.hardlink_to = wait  # type: ignore[assignment,method-assign]
    Desk(path)


@pytest.mark.skipif(not hasattr(signal, "pause"), reason="this system cannot lock folders")
def test_what_a_killed_process_left_of_a_new_desk_is_removed(tmp_path: Path) -> None:
    path, others = tmp_path / "desk.sqlite", ["desk.sqlite.format-2.new", "desk.sqlite.mine.new", "other.0123abcd.new"]
    for name in others:
        (tmp_path / name).touch()
    context = multiprocessing.get_context("spawn")
    begun = context.Event()
    maker = context.Process(target=make_no_end, args=(path, begun))
    maker.start()
    begun.wait()
    drafts = set(tmp_path.glob("desk.sqlite.????????.new*")) - {tmp_path / others[0]}
    assert len(drafts) == 2
    for _ in range(2):  # a new desk, and one that is there
        with Desk(path) as desk:
            write_note(desk, "token", ["t"], {"purpose": "backup"})
        assert drafts <= set(tmp_path.iterdir()), "it is being written"
    maker.kill()
    maker.join()
    with Desk(path) as desk:
        assert len(list(desk.entries())) == 2
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(["desk.sqlite", *others])


def write_many(path: Path, name: str) -> None:
    for number in range(25):
        with Desk(path, author=name) as desk:
            write_note(desk, "token", [f"{name}-{number}"], {"purpose": name})


def test_two_processes_lose_no_entry_of_each_other(tmp_path: Path) -> None:
    path = tmp_path / "desk.sqlite"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(path, name)) for name in ("ada", "bo")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with Desk(path) as desk:
        entries = list(desk.entries())
    assert sorted(entry.sequence for entry in entries) == list(range(1, 51))
    assert len({entry.author for entry in entries}) == 2


FIELDS = st.sampled_from(["purpose", "decision", "contact", "tag:ci", "tag:old"])
WRITTEN = st.lists(
    st.tuples(
        st.sampled_from(["desk-a", "desk-b", "desk-c"]),
        st.integers(0, 5),
        st.sampled_from(["t1", "t2"]),
        FIELDS,
        st.sampled_from(["x", "y", "", None]),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(written=WRITTEN, undone=st.lists(st.integers(0, 11), max_size=3), seed=st.randoms())
def test_any_order_of_the_same_entries_folds_to_the_same_notes(
    written: list[tuple[str, int, str, str, str | None]], undone: list[int], seed: object
) -> None:
    rows: list[tuple[str, str, int, str, str, str, str]] = []
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number, (desk, minute, subject, field, value) in enumerate(written):
        payload = {"about": "token", "subjects": [subject], "fields": {field: value}}
        time = (start + timedelta(minutes=minute)).isoformat()
        rows.append((f"e{number}", desk, number, time, "ada", "note", json.dumps(payload)))
    for at, number in enumerate(undone):
        rows.append(
            (f"u{at}", "desk-a", 100 + at, start.isoformat(), "ada", "undo", json.dumps({"entry": f"e{number}"}))
        )

    def folded(order: list[tuple[str, str, int, str, str, str, str]]) -> list[tuple[object, ...]]:
        db = sqlite3.connect(":memory:")
        db.executescript(desk_script())
        db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", order)
        rebuild(db)
        found = db.execute("SELECT * FROM note ORDER BY subject").fetchall()
        tags = db.execute("SELECT * FROM note_tag ORDER BY subject, tag").fetchall()
        db.close()
        return found + tags

    shuffled = list(rows)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    assert folded(shuffled) == folded(rows)


def test_a_desk_of_the_first_format_is_brought_up_to_date_and_a_copy_kept(tmp_path: Path) -> None:
    path = tmp_path / "desk.sqlite"
    with Desk(path, author="ada") as desk:
        write_note(desk, "token", ["t"], {"purpose": "kept"})
        before = list(desk.entries())
    with database(path) as db:
        db.execute("DROP TABLE note")
        db.execute("ALTER TABLE goal RENAME TO note_field")
        db.execute("PRAGMA user_version = 1")
    db.close()
    with Desk(path) as desk:
        assert list(desk.entries()) == before
    assert note(path, "t") == ("kept", None, None)
    with database(tmp_path / "desk.sqlite.format-1") as db:
        assert db.execute("SELECT count(*) FROM entry").fetchone() == (1,)
    db.close()
