"""Reads audit events into the history, from the saved cursor on; each page is stored before the next is read."""

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tokendesk.api import calls
from tokendesk.api.client import Client, open_client
from tokendesk.api.http_errors import BadRequest, Forbidden, NotFound, NotInPlan
from tokendesk.background import in_background, to_its_end
from tokendesk.config import Settings
from tokendesk.errors import TokendeskError
from tokendesk.history.events import EventState, event_state, store_actions, store_events, store_problem
from tokendesk.history.usage_rhythms import update_rhythms
from tokendesk.history.writing import bind_organization, open_history
from tokendesk.model.records import Event
from tokendesk.model.timestamps import DAY, day, parse_timestamp
from tokendesk.paths import ProfilePaths
from tokendesk.running.access import ApiAccess
from tokendesk.running.logs import configure_logging
from tokendesk.running.pull import pull_lock
from tokendesk.snapshot.progress import Progress
from tokendesk.sqlite import is_there

FIRST_DAYS = 30
"""Default range of the first read."""
OVERLAP = DAY
"""How much is read again when there is a date and no cursor: Atlassian lists events in the order of processing, so
events older than the last one read may have been added since."""
REQUESTS_PER_MINUTE = 10
"""Audit event requests per minute that Atlassian allows (api handbook 3.1)."""
EVENTS = "audit events"


@dataclass(frozen=True, slots=True)
class EventsProgress(Progress):
    """`done` events were read, up to the time `reached`; `kept` of them are new and were done with API tokens.

    `pages_left` is an estimate from the time range that is left, None if there is none yet.
    """

    kept: int = 0
    since: int = 0
    reached: int = 0
    pages_left: int | None = None

    @property
    def minutes_left(self) -> int | None:
        return None if self.pages_left is None else -(-self.pages_left // REQUESTS_PER_MINUTE)


async def pull_events(
    settings: Settings,
    access: ApiAccess,
    report: Callable[[Progress], None],
    waiting: Callable[[str, float], None],
    *,
    since: int | None = None,
    clock: Callable[[], datetime] | None = None,
) -> EventsProgress:
    """Continue reading the audit log, or read it from epoch second `since`; an interrupted read keeps what it has.

    Raises KeyRefused or ApiFailed if the key or the plan does not allow events; the history stores that.
    """
    configure_logging(settings.paths.log)
    now = int((clock or settings.now)().timestamp())
    with pull_lock(settings.paths, EVENTS), open_history(settings.paths.history) as db:
        db.execute("BEGIN IMMEDIATE")
        bind_organization(db, access.org_id)
        db.execute("COMMIT")
        async with open_client(access.api_url, access.key, waiting=waiting) as client:
            reading = _EventReader(client, access.org_id, db, report, now)
            try:
                read = await reading.read(since)
            except (Forbidden, NotInPlan, NotFound) as error:
                store_problem(db, str(error), now)
                raise
        if read.kept:
            paths = settings.paths
            await in_background(update_rhythms, paths.history, paths.snapshot, paths.desk)
    return read


class _EventReader:
    def __init__(
        self, client: Client, org_id: str, db: sqlite3.Connection, report: Callable[[Progress], None], now: int
    ) -> None:
        self._client = client
        self._org_id = org_id
        self._db = db
        self._report = report
        self._now = now

    async def read(self, since: int | None) -> EventsProgress:
        before = event_state(self._db)
        if since is None and before and before.cursor:
            try:
                read = await self._read_from(before, before.cursor)
            except BadRequest as error:
                if error.status != 400:
                    raise
                # The cursor has expired.
                read = await self._read_overlapping(before)
        elif since is None and before and before.reached is not None:
            read = await self._read_overlapping(before)
        else:
            first = self._now - FIRST_DAYS * DAY if since is None else since
            read = await self._read_from(_initial_state(before, first, self._now), None, first)
        with contextlib.suppress(TokendeskError):  # without them, actions are shown by their ids
            store_actions(self._db, await calls.event_actions(self._client, self._org_id))
        return read

    async def _read_overlapping(self, before: EventState) -> EventsProgress:
        """Read from the day before the last event: events that are read twice are stored once."""
        reached = before.reached if before.reached is not None else self._now - FIRST_DAYS * DAY
        return await self._read_from(before, None, reached - OVERLAP)

    async def _read_from(self, state: EventState, cursor: str | None, first: int | None = None) -> EventsProgress:
        """Read to the end. `first`: where to begin without a cursor, by default at the last event."""
        begin = first if first is not None else state.reached or self._now - FIRST_DAYS * DAY
        read = EventsProgress(EVENTS, 0, None, since=begin, reached=begin)
        pages = 0
        async for events, following in calls.events(self._client, self._org_id, cursor, begin):
            pages += 1
            reached = self._now if not events else max(begin, min(self._now, _newest(events) or read.reached))
            state = EventState(following, _earliest(state.since, begin), reached, self._now, None)
            kept = await to_its_end(store_events, self._db, events, state)
            read = EventsProgress(
                EVENTS,
                read.done + len(events),
                None,
                read.kept + kept,
                begin,
                reached,
                _pages_left(pages, begin, reached, self._now),
            )
            self._report(read)
        return read


def _initial_state(before: EventState | None, first: int, now: int) -> EventState:
    """Return the state for reading from `first` on: it extends the earlier range unless there is a gap."""
    joins = before and before.since is not None and before.reached is not None and before.reached >= first
    since = min(before.since, first) if before and before.since is not None and joins else first
    return EventState(None, since, first, now, None)


def _earliest(since: int | None, begin: int) -> int:
    return begin if since is None else min(since, begin)


def _newest(events: list[Event]) -> int | None:
    return max(filter(None, (parse_timestamp(event.time) for event in events)), default=None)


def _pages_left(pages: int, begin: int, reached: int, now: int) -> int | None:
    """Estimate the pages left, assuming a constant rate of events."""
    if reached >= now:
        return 0
    return -(-pages * (now - reached) // (reached - begin)) if reached > begin else None


def load_state(paths: ProfilePaths) -> EventState | None:
    """Return how far the log was read into the profile's history."""
    if not is_there(paths.history, "history"):
        return None
    with open_history(paths.history) as db:
        return event_state(db)


def describe_start(state: EventState | None, since: int | None, now: int) -> str:
    """Describe what a read is about to do, and how long it may take."""
    if since is None and state and state.reached is not None:
        where = f"since {day(state.reached)}, where the last read ended"
    else:
        where = f"since {day(now - FIRST_DAYS * DAY if since is None else since)}"
    return (
        f"Reading audit events {where}, {calls.EVENTS_PAGE} per request, "
        f"{REQUESTS_PER_MINUTE} requests a minute if Atlassian "
        "limits them.\nThe first response shows how long it takes. "
        "It can be interrupted; the next read continues from there."
    )


def describe_progress(read: EventsProgress) -> str:
    """Describe the progress of a read and the time left."""
    said = f"{read.done:,} audit events read, up to {day(read.reached)}"
    minutes = read.minutes_left
    if not minutes:
        return said
    return f"{said}, up to {minutes} min left (about {read.pages_left:,} requests, {REQUESTS_PER_MINUTE} a minute)"


def describe_result(read: EventsProgress) -> str:
    return (
        f"{read.done:,} audit events since {day(read.since)}, {read.kept:,} new ones done with user API tokens. "
        "Not every use of a token is an audited action."
    )
