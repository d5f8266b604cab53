"""Makes a saved snapshot with something in every table."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from tests.database import database
from tests.practice import NOW
from tests.running.crashes import Killed, at_each_event, countdown, raise_killed
from tests.running.world import PRESENT, World, serve_world
from tokendesk.desk.clocks import CLOCK, statement
from tokendesk.desk.entries import Desk
from tokendesk.desk.goals import write_goal
from tokendesk.desk.notes import undo, write_note
from tokendesk.desk.policies import write_policy
from tokendesk.model.changes import CHANGE_KINDS
from tokendesk.model.timestamps import DAY
from tokendesk.running.snapshot_export import save_snapshot

AWAKE = "policy:default status:active -is:admin"
NOTE: dict[str, str | bool | None] = {
    "purpose": "nightly export", "contact": "bo@example.com", "decision": "keep", "review_by": "2026-12-31",
    "remarks": "ask first", "asked_on": "2026-11-01", "reply_by": "2026-11-30", "tag:ci": True,
}  # fmt: skip


def saved_snapshot(home: Path) -> bytes:
    """Return a saved snapshot with notes, a goal, finished and unfinished runs, changes, events and rhythms."""
    with serve_world(home, 60, 12, batch=3) as world:
        write_entries(world)
        world.apply(world.move(AWAKE, "Contractors", 4))
        world.apply(world.revoke("", 2))
        with pytest.raises(Killed), at_each_event(countdown(5, raise_killed)):
            world.apply(world.move(AWAKE, "Contractors", 4))
        world.pull_now()
        target = home / "saved.tkd"
        save_snapshot(world.settings.paths, target, with_notes=True, at=NOW)
    with database(target) as db:
        write_rare_rows(db)
    return target.read_bytes()


def write_entries(world: World) -> None:
    """Write notes, policies and a goal; undo a note, and say that another desk's clock was wrong."""
    with world.reader() as reader:
        tokens = [row[0] for row in reader.db.execute("SELECT token_id FROM main.token ORDER BY id")]
        users = [row[0] for row in reader.db.execute("SELECT account_id FROM main.user ORDER BY id")]
    with Desk(world.settings.paths.desk, author="ada", clock=lambda: NOW) as desk:
        target = world.policy("Contractors")
        write_note(desk, "token", tokens[:4], NOTE)
        write_note(desk, "token", tokens[4:6], {"decision": "move", "target": target, "replaces": tokens[0]})
        undo(desk, write_note(desk, "token", tokens[:2], {"purpose": "wrong"}))
        write_note(desk, "user", users[:4], NOTE)
        write_policy(desk, target, {"tokens": "blocked", "remarks": "since May"})
        write_goal(desk, target)
        desk.append(CLOCK, statement("b" * 32, 1, "2026-01-01T00:00:00.000000Z", 9_000.0))
        desk.measure_clock(5.0)


def write_rare_rows(db: sqlite3.Connection) -> None:
    """Add a change of each kind, audited actions, and what rarely occurs in a desk."""
    token, owner, label = db.execute("SELECT token_id, owner_id, label FROM token WHERE id = 1").fetchone()
    (pull_id,) = db.execute("SELECT pull_id FROM completed").fetchone()
    (run_id,) = db.execute("SELECT run_id FROM run WHERE state IS NULL").fetchone()
    (moved,) = db.execute("SELECT run_id FROM run WHERE kind = 'move' AND state IS NOT NULL").fetchone()
    (entry_id,) = db.execute("SELECT entry_id FROM entry WHERE kind = 'note' LIMIT 1").fetchone()
    values = {"scopes": ('["read:a"]', '["read:a", "write:b"]'), "status": ("ALLOWED", "BLOCKED")}
    times = (PRESENT - 99 * DAY, PRESENT)
    db.executemany(
        "INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)"
        " VALUES (?, ?, ?, 'token', ?, ?, 'Bo Test', 'bo@example.com', ?, ?)",
        [(pull_id, PRESENT, kind, token, label, *values.get(kind, times)) for kind in CHANGE_KINDS],
    )
    for number in range(5):
        at = PRESENT - number * DAY
        event = (f"event-{number}", at, "api_token_used", owner, token, label, "192.0.2.1", "jira\nconfluence")
        db.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", event)
        db.execute("INSERT OR REPLACE INTO observation VALUES (?, ?, ?)", (token, at, pull_id))
    db.execute("INSERT INTO event_use VALUES (?, ?, ?, '192.0.2.1', 'jira', ?)", (token, owner, label, PRESENT))
    db.execute("INSERT OR REPLACE INTO event_cursor VALUES (1, '7', ?, ?, ?, NULL)", (*times, PRESENT))
    db.execute("INSERT OR REPLACE INTO event_action VALUES ('api_token_used', 'Used an API token')")
    db.execute("INSERT OR REPLACE INTO rhythm VALUES (?, 'daily', ?)", (token, PRESENT + DAY))
    db.execute("INSERT INTO returned VALUES (?)", (entry_id,))
    db.execute(
        "INSERT OR REPLACE INTO dated VALUES (?, '2026-01-01T00:00:00.000000Z', ?)", (entry_id, json.dumps([entry_id]))
    )
    db.execute("INSERT INTO run_aside VALUES (?, 'not allowed', '2026-11-23T09:00:00.000000Z')", (run_id,))
    until = (NOW + timedelta(days=30)).date().isoformat()
    db.execute("UPDATE run SET quarantine_until = ? WHERE run_id = ?", (until, moved))
