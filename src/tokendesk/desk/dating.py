"""Determines the time of a new entry: the present, or just after the entries that it overrules, field by field.

If that is later than the present, the payload has the real time (`written`). It also names the entries of other desks
that it overrules (`over`): if their clock turns out to be wrong, it still comes after them.
"""

import sqlite3
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tokendesk.desk import runs
from tokendesk.desk.bounds import LAST_TIME, MOST_OVERRULED
from tokendesk.desk.clocks import as_time, moment_of
from tokendesk.desk.fields import overruled
from tokendesk.desk.folding import written_fields


def date_entry(
    db: sqlite3.Connection, desk_id: str, kind: str, payload: Mapping[str, Any], now: str
) -> tuple[str, dict[str, Any]]:
    """Return the time of a new entry of this desk, and its complete payload."""
    dated = dict(payload)
    if kind in runs.KINDS:
        # Keeps the steps of a run in order, even if the clock was set back in between.
        return max(now, runs.last_step(db, str(payload.get("run")))), dated
    after, over = overruled(db, desk_id, [field[:3] for field in written_fields(kind, payload)], now)
    if over:
        dated["over"] = over[-MOST_OVERRULED:]
    if after < now:
        return now, dated
    dated["written"] = now
    return min(as_time(moment_of(after) + timedelta(microseconds=1)), LAST_TIME), dated
