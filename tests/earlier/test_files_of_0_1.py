"""Files of 0.1 in the present form: notes say what they said, and a saved snapshot opens.

`saved-0.1.sqlite.xz` was saved out of `home-0.1.tar.xz`, with notes, by a program of its formats.
"""

import lzma
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.earlier.tables import contents
from tokendesk.config import load_settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.folding import rebuild
from tokendesk.views.notes import note_history
from tokendesk.views.reader import Reader
from tokendesk.views.saved_snapshot import open_saved_snapshot

HERE = Path(__file__).parent


def test_a_desk_of_0_1_says_the_same_after_it_was_brought_to_this_format(home: Path) -> None:
    path = home / "default" / "desk.sqlite"
    before = contents(path)
    assert before["note"] and before["goal"] and before["run_row"]
    with Desk(path) as desk:
        assert contents(path) == before
        assert desk.clocks.wrong == []
        rebuild(desk._db)
    assert contents(path) == before
    assert (home / "default" / "desk.sqlite.format-2").exists()


def test_a_snapshot_saved_by_0_1_opens_with_its_notes_and_runs(home: Path) -> None:
    file = home / "saved.sqlite"
    file.write_bytes(lzma.decompress((HERE / "saved-0.1.sqlite.xz").read_bytes()))
    content = file.read_bytes()
    with Reader(open_saved_snapshot(load_settings().paths, file), load_settings().thresholds) as reader:
        noted = [row[0] for row in reader.db.execute("SELECT subject FROM desk.note WHERE about = 'token'")]
        assert len(noted) == 5
        assert all(note_history(reader, "token", token) for token in noted)
        (run,) = reader.db.execute("SELECT * FROM journal_row").fetchall()
        assert run["state"] == "done"
    assert file.read_bytes() == content


def test_a_file_of_0_1_that_is_replaced_while_it_is_open_is_read_anew(home: Path) -> None:
    file = home / "saved.sqlite"
    file.write_bytes(lzma.decompress((HERE / "saved-0.1.sqlite.xz").read_bytes()))
    places, thresholds = open_saved_snapshot(load_settings().paths, file), load_settings().thresholds
    count = "SELECT count(*) FROM desk.note"
    with Reader(places, thresholds) as one, Reader(places, thresholds) as other:
        before = one.db.execute(count).fetchone()[0]
        assert other.db.execute(count).fetchone()[0] == before > 0
    other_file = home / "other.sqlite"
    other_file.write_bytes(file.read_bytes())
    with closing(sqlite3.connect(other_file)) as db, db:
        db.execute("DELETE FROM entry WHERE kind = 'note'")
    other_file.replace(file)
    with Reader(places, thresholds) as reader:
        assert reader.db.execute(count).fetchone()[0] == 0
