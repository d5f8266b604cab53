"""Stores audit events of user API tokens in the history, each once, and the position of the reading."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tokendesk.model.records import Event
from tokendesk.model.timestamps import parse_timestamp

_APP_TOKENS = ("container-token", "connect-token", "auth-token-for-2LO", "auth-token-for-3LO")
"""Token types of apps (api handbook 4.4). Unknown types are kept: the list may grow."""


@dataclass(frozen=True, slots=True)
class EventState:
    """How far the log was read. Times in epoch seconds; `problem`: why there are no events, or None."""

    cursor: str | None
    since: int | None
    reached: int | None
    asked_at: int
    problem: str | None


def event_state(db: sqlite3.Connection, schema: str = "main") -> EventState | None:
    """Return how far the log was read; None if it was never read."""
    row = db.execute(f"SELECT cursor, since, reached, asked_at, problem FROM {schema}.event_cursor").fetchone()
    return EventState(*row) if row else None


def is_user_token_event(event: Event) -> bool:
    return event.auth_type not in _APP_TOKENS and bool(event.token_id or event.token_label)


def store_events(db: sqlite3.Connection, events: Iterable[Event], state: EventState) -> int:
    """Store events of user API tokens and the new `state`, in one transaction; return the number of new events."""
    db.execute("BEGIN IMMEDIATE")
    try:
        new = add_events(db, events, state)
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    return new


def add_events(db: sqlite3.Connection, events: Iterable[Event], state: EventState) -> int:
    """The same, inside a transaction."""
    new = sum(_store_event(db, event) for event in events if is_user_token_event(event))
    _store_state(db, state)
    return new


def store_problem(db: sqlite3.Connection, problem: str, at: int) -> None:
    """Store why events are not available; events read before stay."""
    db.execute(
        "INSERT INTO event_cursor (one, asked_at, problem) VALUES (1, :at, :problem)"
        " ON CONFLICT DO UPDATE SET asked_at = :at, problem = :problem",
        {"at": at, "problem": problem},
    )


def store_actions(db: sqlite3.Connection, names: Mapping[str, str]) -> None:
    """Store the display names of audit actions."""
    db.execute("BEGIN IMMEDIATE")
    add_actions(db, names)
    db.execute("COMMIT")


def add_actions(db: sqlite3.Connection, names: Mapping[str, str]) -> None:
    """The same, inside a transaction."""
    db.executemany("INSERT OR REPLACE INTO event_action VALUES (?, ?)", names.items())


def _store_event(db: sqlite3.Connection, event: Event) -> int:
    at = parse_timestamp(event.time)
    if at is None:
        return 0
    who = (event.token_id or "", event.actor_id or "", event.token_label or "", event.ip or "")
    token_id, actor_id, label, ip = who
    added = db.execute(
        "INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (event.event_id, at, event.action, actor_id, token_id, label, ip, "\n".join(event.products)),
    ).rowcount
    if added:
        db.executemany(
            "INSERT INTO event_use VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET last_at = max(last_at, excluded.last_at)",
            [(*who, product, at) for product in event.products or ("",)],
        )
    return added


def _store_state(db: sqlite3.Connection, state: EventState) -> None:
    db.execute(
        "INSERT OR REPLACE INTO event_cursor VALUES (1, ?, ?, ?, ?, ?)",
        (state.cursor, state.since, state.reached, state.asked_at, state.problem),
    )
