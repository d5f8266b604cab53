"""A desk after years of use: what a note, a run step, an undo, `check`, an import cost, and how much memory.

    python -m tests.benchmarks.years FOLDER --entries 1000000 --notes 100000

FOLDER gets `desk.sqlite` and `all.jsonl`, which are made once and used again. Each figure is taken in a process of its
own, so that its peak memory is its own.
"""

import argparse
import json
import os
import random
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.big import PROFILE
from tests.benchmarks.big import make as make_snapshot
from tokendesk.desk.chain import check_chain
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.file import ADDED_BY_3
from tokendesk.desk.lines import entry_line, file_lines, head_line, read_lines
from tokendesk.desk.merging import merge
from tokendesk.desk.notes import undo, write_note
from tokendesk.desk.undoing import latest
from tokendesk.model.findings import Thresholds
from tokendesk.paths import profile_paths
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

BEGAN = datetime(2016, 1, 4, 8, tzinfo=UTC)
DESKS = ("a" * 32, "b" * 32)
FIELDS = ("purpose", "decision", "contact", "tag:ci", "remarks")


class _Run(NamedTuple):
    """A run under way: who began it with which entry, and the number out of which its plan was made."""

    desk_id: str
    entry_id: str
    number: int


def entries(count: int, notes: int) -> Iterator[Entry]:
    """Yield what two desks wrote in ten years: mostly notes, one entry in 50 an undo, one in five a step of a run."""
    dice = random.Random(1)
    places = dict.fromkeys(DESKS, 0)
    run, last = _Run("", "", 0), ""
    step = timedelta(seconds=10 * 365 * 86_400 / count)
    for number in range(count):
        desk_id = DESKS[number % 10 == 0]
        kind, payload = _payload(dice, number, notes, run, last)
        if "run" in payload:
            desk_id = run.desk_id
        places[desk_id] += 1
        moment = (BEGAN + number * step).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        entry = Entry(desk_id, places[desk_id], moment, f"admin {desk_id[0]}", kind, payload)
        if kind == "run-begun":
            run = _Run(desk_id, entry.entry_id, number)
        elif kind == "note":
            last = entry.entry_id
        yield entry


def _payload(dice: random.Random, number: int, notes: int, run: _Run, last: str) -> tuple[str, dict[str, object]]:
    if number % 500 in (5, 250):
        return "run-begun", {"plan": _plan(number), "digest": "d", "key": None}
    if number % 5 == 0 and run.entry_id:
        step = (number - run.number) // 5
        record = f"account-{(run.number + step // 2 % 10) % 20_000}"
        if step % 2:
            return "run-intended", {"run": run.entry_id, "batch": step, "to": "p2", "rows": {record: "p1"}}
        return "run-outcomes", {"run": run.entry_id, "rows": {record: ["moved", "", "p2"]}}
    if number % 50 == 1 and last:
        return "undo", {"entry": last}
    subject = f"token-{number if number < notes else dice.randrange(notes)}"
    field = FIELDS[number % len(FIELDS)]
    value: object = True if field.startswith("tag:") else "keep" if field == "decision" else f"text {number}"
    return "note", {"about": "token", "subjects": [subject], "fields": {field: value}}


def _plan(number: int) -> dict[str, object]:
    row = {"name": "n", "email": "n@example.com", "from_id": "p1", "to_id": "p2", "outcome": "do", "reason": "",
           "tokens": []}  # fmt: skip
    rows = [{**row, "account_id": f"account-{(number + each) % 20_000}"} for each in range(10)]
    return {"kind": "move", "undoes": None, "quarantine_until": None, "rows": rows}


def make(folder: Path, count: int, notes: int) -> None:
    with (folder / "all.jsonl").open("w", encoding="utf-8") as file:
        file.write(head_line(DESKS[0], "org") + "\n")
        file.writelines(f"{entry_line(entry)}\n" for entry in entries(count, notes))


def import_all(folder: Path) -> None:
    for leftover in folder.glob("desk.sqlite*"):
        leftover.unlink()
    with Desk(folder / "desk.sqlite", author="admin") as desk, (folder / "all.jsonl").open("rb") as file:
        desk.bind_organization("org")
        found = (entry for entry in read_lines(file_lines(file), "org") if isinstance(entry, Entry))
        merge(desk, found, keep=True)


def many_notes(folder: Path) -> None:
    for number in range(50):
        with Desk(folder / "desk.sqlite", author="admin") as desk:
            write_note(desk, "token", [f"token-{number * 7}"], {"purpose": f"new {number}"})


def many_steps(folder: Path) -> None:
    with Desk(folder / "desk.sqlite", author="admin") as desk:
        run = desk.append("run-begun", {"plan": _plan(3), "digest": "d", "key": None}).entry_id
        for number in range(49):
            desk.append("run-intended", {"run": run, "batch": number, "to": "p2", "rows": {f"account-{number}": "p1"}})


def many_undos(folder: Path) -> None:
    for _ in range(50):
        with Desk(folder / "desk.sqlite", author="admin") as desk:
            if entry := latest(desk):
                undo(desk, entry)


def check(folder: Path) -> None:
    with Desk(folder / "desk.sqlite") as desk:
        check_chain(desk)


def export(folder: Path) -> None:
    with Desk(folder / "desk.sqlite") as desk, (folder / "again.jsonl").open("w", encoding="utf-8") as out:
        for entry in desk.entries():
            out.write(entry_line(entry) + "\n")
    (folder / "again.jsonl").unlink()


def make_earlier(folder: Path) -> None:
    """Make a desk in the format of tokendesk 0.1: the same tables, without those that were added since."""
    for leftover in folder.glob("earlier.sqlite*"):
        leftover.unlink()
    with (
        closing(sqlite3.connect(folder / "desk.sqlite")) as db,
        closing(sqlite3.connect(folder / "earlier.sqlite", isolation_level=None)) as earlier,
    ):
        db.backup(earlier)
        for table in ADDED_BY_3:
            earlier.execute(f"DROP TABLE {table}")
        earlier.execute("PRAGMA user_version = 2")
        earlier.execute("VACUUM")


def migrate(folder: Path) -> None:
    Desk(folder / "earlier.sqlite").close()


def journal(folder: Path) -> None:
    """Open the journal as a screen does."""
    with Reader(profile_paths(PROFILE, {"TOKENDESK_HOME": str(folder / "home")}), Thresholds()) as reader:
        now = int(time.time())
        reader.window(reader.panes["journal"], list(reader.ids(Query(pane="journal"), now))[:40], now)


def first_rows(folder: Path) -> None:
    """Open a small snapshot beside the desk, as a screen does, and read what its first frame shows."""
    where = profile_paths(PROFILE, {"TOKENDESK_HOME": str(folder / "home")})
    if not where.snapshot.exists():
        make_snapshot(folder / "home", 2_000, 1_000, datetime.now(UTC))
        where.desk.hardlink_to(folder / "desk.sqlite")
        return
    for _ in range(20):
        with Reader(where, Thresholds()) as reader:
            now = int(time.time())
            reader.window(reader.panes["tokens"], list(reader.ids(Query(pane="tokens"), now))[:40], now)


WORK = {
    "import": (import_all, 1), "note": (many_notes, 50), "run step": (many_steps, 50), "undo": (many_undos, 50),
    "check": (check, 1), "export": (export, 1), "snapshot beside it": (first_rows, 1), "first rows": (first_rows, 20),
    "journal": (journal, 1), "a desk of 0.1": (make_earlier, 1), "migration": (migrate, 1),
}  # fmt: skip


def one(folder: Path, what: str) -> None:
    """Do one kind of work and print what it took."""
    work, times = WORK[what]
    began, cpu = time.perf_counter(), time.process_time()
    work(folder)
    took, used = (time.perf_counter() - began) / times, (time.process_time() - cpu) / times
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps({"what": what, "ms": round(took * 1000, 1), "cpu_ms": round(used * 1000, 1), "peak_mb": round(peak)})
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--notes", type=int, default=100_000)
    parser.add_argument("--only", nargs="*", choices=list(WORK), default=list(WORK))
    parser.add_argument("--one", choices=list(WORK))
    given = parser.parse_args()
    given.folder.mkdir(exist_ok=True)
    if given.one:
        one(given.folder, given.one)
        return
    if not (given.folder / "all.jsonl").exists():
        make(given.folder, given.entries, given.notes)
    for what in given.only:
        words = [sys.executable, "-m", "tests.benchmarks.years", str(given.folder), "--one", what]
        subprocess.run(words, check=True, env=os.environ)
    size = sum(path.stat().st_size for path in given.folder.glob("desk.sqlite*")) / 1e6
    print(f"desk {size:,.0f} MB, as lines {(given.folder / 'all.jsonl').stat().st_size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
