"""Fills the tables of what is due for renewal."""

import sqlite3

from tokendesk.model.timestamps import DAY


def read_renewals(db: sqlite3.Connection, now: int) -> None:
    """Fill the tables of states and of what is offered, unless they are of this day and of these files."""
    version = ".".join(str(db.execute(f"PRAGMA {name}.data_version").fetchone()[0]) for name in ("desk", "history"))
    wanted = (now // DAY, version)
    if tuple(db.execute("SELECT day, version FROM temp.renewal_read").fetchone() or ()) == wanted:
        return
    from tokendesk.views.renewals import find_due  # it takes long to import

    states, offers = find_due(db, now)
    db.execute("SAVEPOINT renewal")
    try:
        for table in ("renewal", "renewal_offer", "renewal_read"):
            db.execute(f"DELETE FROM temp.{table}")
        db.executemany("INSERT OR REPLACE INTO temp.renewal VALUES (?, ?, ?, ?, ?)", states)
        db.executemany("INSERT OR REPLACE INTO temp.renewal_offer VALUES (?, ?, ?, ?, ?, ?, ?)", offers)
        db.execute("INSERT INTO temp.renewal_read VALUES (?, ?)", wanted)
        db.execute("RELEASE renewal")
    except BaseException:
        db.execute("ROLLBACK TO renewal")
        db.execute("RELEASE renewal")
        raise
