"""Audit events in the history: those done with user API tokens, each once, and where the reading goes on."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tokendesk.model.records import Event
from tokendesk.model.timestamps import parse_timestamp

_OF_APPS = ("container-token", "connect-token", "auth-token-for-2LO", "auth-token-for-3LO")
"""Kinds of tokens that no user made (api handbook 4.4). What is not known is kept: the list may grow."""


@dataclass(frozen=True, slots=True)
class EventState:
    """How far the log was read. Moments in seconds since 1970; `problem`: why there are no events, or None."""

    cursor: str | None
    since: int | None
    reached: int | None
    asked_at: int
    problem: str | None


def event_state(db: sqlite3.Connection, schema: str = "main") -> EventState | None:
    """Return how far the log was read; None where nobody has asked for it yet."""
    row = db.execute(f"SELECT cursor, since, reached, asked_at, problem FROM {schema}.event_cursor").fetchone()
    return EventState(*row) if row else None


def with_user_token(event: Event) -> bool:
    return event.auth_type not in _OF_APPS and bool(event.token_id or event.token_label)


def keep_events(db: sqlite3.Connection, events: Iterable[Event], state: EventState) -> int:
    """Keep what was done with user API tokens and go on from `state`, in one transaction; return how many were new."""
    db.execute("BEGIN IMMEDIATE")
    try:
        new = sum(_keep(db, event) for event in events if with_user_token(event))
        _go_on(db, state)
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    return new


def keep_problem(db: sqlite3.Connection, problem: str, at: int) -> None:
    """Remember that there are no events to be had, and why; what was read before stays."""
    db.execute(
        "INSERT INTO event_cursor (one, asked_at, problem) VALUES (1, :at, :problem)"
        " ON CONFLICT DO UPDATE SET asked_at = :at, problem = :problem",
        {"at": at, "problem": problem},
    )


def keep_actions(db: sqlite3.Connection, names: Mapping[str, str]) -> None:
    """Keep what the ids of audit actions are called."""
    db.execute("BEGIN IMMEDIATE")
    db.executemany("INSERT OR REPLACE INTO event_action VALUES (?, ?)", names.items())
    db.execute("COMMIT")


def _keep(db: sqlite3.Connection, event: Event) -> int:
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


def _go_on(db: sqlite3.Connection, state: EventState) -> None:
    db.execute(
        "INSERT OR REPLACE INTO event_cursor VALUES (1, ?, ?, ?, ?, ?)",
        (state.cursor, state.since, state.reached, state.asked_at, state.problem),
    )
