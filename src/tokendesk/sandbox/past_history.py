"""Writes what the pulls of the past saw into a new history, as those pulls would have left it."""

from pathlib import Path

from tokendesk.history.events import EventState, add_actions, add_events
from tokendesk.history.writing import bind_organization, open_history
from tokendesk.sandbox.events import ACTIONS
from tokendesk.sandbox.past import Past

_CHANGE = """
INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def write_history(path: Path, past: Past, idle_days: int) -> None:
    """Write pulls, uses, changes and audited actions, all or none; nothing into a history that has pulls already.

    The next pull of the log reads on from the last of them.
    """
    pulls = tuple(zip(past.pull_ids, past.pulls, strict=True))
    first, last = past.pulls[0], past.pulls[-1]
    with open_history(path) as db:
        db.execute("BEGIN IMMEDIATE")
        bind_organization(db, past.organization.id)
        if db.execute("SELECT 1 FROM pull LIMIT 1").fetchone():
            db.execute("ROLLBACK")
            return
        changes = sorted(past.changes(idle_days), key=lambda found: found[0])
        db.executemany("INSERT INTO pull VALUES (?, ?)", pulls)
        db.executemany("INSERT INTO completed VALUES (?)", ((pull_id,) for pull_id in past.pull_ids))
        db.executemany("INSERT INTO observation VALUES (?, ?, ?)", past.observations())
        db.executemany(_CHANGE, ((*pulls[number], *change) for number, change in changes))
        add_events(db, past.audited(), EventState(None, first, last, last, None))
        add_actions(db, {action: name for action, (name, _, _) in ACTIONS.items()})
        db.execute("COMMIT")
