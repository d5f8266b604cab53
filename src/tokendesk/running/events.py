"""Gathering audit events into the history: from the saved cursor on, page by page, each kept before the next."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tokendesk.api import calls
from tokendesk.api.client import Client, open_client
from tokendesk.api.http_errors import BadRequest, Forbidden, NotFound, NotInPlan
from tokendesk.config import Settings
from tokendesk.errors import TokendeskError
from tokendesk.history.events import EventState, event_state, keep_actions, keep_events, keep_problem
from tokendesk.history.rhythms import renew_rhythms
from tokendesk.history.writing import belong_to, open_history
from tokendesk.model.moments import DAY, day, parse_moment
from tokendesk.model.records import Event
from tokendesk.paths import Places
from tokendesk.running.access import Access
from tokendesk.running.logs import write_log
from tokendesk.running.pull import one_at_a_time
from tokendesk.snapshot.pull import Progress

FIRST_DAYS = 30
"""How far back the first reading goes where nobody says."""
OVERLAP = DAY
"""How much is read again where the log goes on by its dates and not by a cursor: what happened is told in the order in
which Atlassian came to it, so some of what lies before the last one read may have come since."""
A_MINUTE = 10
"""Requests for audit events that Atlassian allows where the limit holds (api handbook 3.1)."""
EVENTS = "audit events"


@dataclass(frozen=True, slots=True)
class EventsRead(Progress):
    """`done` events were read, up to the moment `reached`; `kept` of them are new and were done with API tokens.

    `pages_left` is what the time still to be covered lets expect, None where nothing can be said yet.
    """

    kept: int = 0
    since: int = 0
    reached: int = 0
    pages_left: int | None = None

    @property
    def minutes_left(self) -> int | None:
        return None if self.pages_left is None else -(-self.pages_left // A_MINUTE)


async def pull_events(
    settings: Settings,
    way: Access,
    report: Callable[[Progress], None],
    waiting: Callable[[str, float], None],
    *,
    since: int | None = None,
    clock: Callable[[], datetime] | None = None,
) -> EventsRead:
    """Read the audit log on from where it was left, or from the second `since`; what was read stays if it breaks off.

    Raises KeyRefused or ApiFailed where the key or the plan gives no events, which the history then remembers.
    """
    write_log(settings.places.log)
    now = int((clock or settings.now)().timestamp())
    with one_at_a_time(settings.places, EVENTS), open_history(settings.places.history) as db:
        db.execute("BEGIN IMMEDIATE")
        belong_to(db, way.org_id)
        db.execute("COMMIT")
        async with open_client(way.api_url, way.key, waiting=waiting) as client:
            reading = _Reading(client, way.org_id, db, report, now)
            try:
                read = await reading.read(since)
            except (Forbidden, NotInPlan, NotFound) as error:
                keep_problem(db, str(error), now)
                raise
        if read.kept:
            places = settings.places
            await asyncio.to_thread(renew_rhythms, places.history, places.snapshot, places.desk)
    return read


class _Reading:
    def __init__(
        self, client: Client, org_id: str, db: sqlite3.Connection, report: Callable[[Progress], None], now: int
    ) -> None:
        self._client = client
        self._org_id = org_id
        self._db = db
        self._report = report
        self._now = now

    async def read(self, since: int | None) -> EventsRead:
        before = event_state(self._db)
        if since is None and before and before.cursor:
            try:
                read = await self._from(before, before.cursor)
            except BadRequest as error:
                if error.status != 400:
                    raise
                # A cursor of long ago is not taken any more.
                read = await self._again(before)
        elif since is None and before and before.reached is not None:
            read = await self._again(before)
        else:
            first = self._now - FIRST_DAYS * DAY if since is None else since
            read = await self._from(_begun(before, first, self._now), None, first)
        with contextlib.suppress(TokendeskError):  # then the actions are shown by their ids
            keep_actions(self._db, await calls.event_actions(self._client, self._org_id))
        return read

    async def _again(self, before: EventState) -> EventsRead:
        """Read on from the day before the last event that was read: what is read twice is kept once."""
        reached = before.reached if before.reached is not None else self._now - FIRST_DAYS * DAY
        return await self._from(before, None, reached - OVERLAP)

    async def _from(self, state: EventState, cursor: str | None, first: int | None = None) -> EventsRead:
        """Read to the end. `first`: where to begin without a cursor, by default where the log was left."""
        begin = first if first is not None else state.reached or self._now - FIRST_DAYS * DAY
        read = EventsRead(EVENTS, 0, None, since=begin, reached=begin)
        pages = 0
        async for events, following in calls.events(self._client, self._org_id, cursor, begin):
            pages += 1
            reached = self._now if not events else max(begin, min(self._now, _newest(events) or read.reached))
            state = EventState(following, _first_of(state.since, begin), reached, self._now, None)
            kept = await asyncio.to_thread(keep_events, self._db, events, state)
            read = EventsRead(
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


def _begun(before: EventState | None, first: int, now: int) -> EventState:
    """Return the state of a reading from `first` on: it joins what was read before unless there is a gap."""
    joins = before and before.since is not None and before.reached is not None and before.reached >= first
    since = min(before.since, first) if before and before.since is not None and joins else first
    return EventState(None, since, first, now, None)


def _first_of(since: int | None, begin: int) -> int:
    return begin if since is None else min(since, begin)


def _newest(events: list[Event]) -> int | None:
    return max(filter(None, (parse_moment(event.time) for event in events)), default=None)


def _pages_left(pages: int, begin: int, reached: int, now: int) -> int | None:
    """Return how many more answers are to be expected, if the log goes on as it has so far."""
    if reached >= now:
        return 0
    return -(-pages * (now - reached) // (reached - begin)) if reached > begin else None


def known_state(places: Places) -> EventState | None:
    """Return how far the log was read into the history of a profile."""
    if not places.history.exists():
        return None
    with open_history(places.history) as db:
        return event_state(db)


def beginning(state: EventState | None, since: int | None, now: int) -> str:
    """Return what a reading is about to do, and what is known of how long it takes."""
    if since is None and state and state.reached is not None:
        where = f"since {day(state.reached)}, where the last reading ended"
    else:
        where = f"since {day(now - FIRST_DAYS * DAY if since is None else since)}"
    return (
        f"Reading audit events {where}, {calls.EVENTS_PAGE} an answer, {A_MINUTE} answers a minute where Atlassian "
        "limits them.\nHow long it takes is told after the first. It may be interrupted; the next goes on from there."
    )


def events_left(read: EventsRead) -> str:
    """Return how far a reading has come and how long it may take."""
    said = f"{read.done:,} audit events read, up to {day(read.reached)}"
    minutes = read.minutes_left
    if not minutes:
        return said
    return f"{said}, up to {minutes} min left (about {read.pages_left:,} answers, {A_MINUTE} a minute)"


def events_summary(read: EventsRead) -> str:
    return (
        f"{read.done:,} audit events since {day(read.since)}, {read.kept:,} new ones done with user API tokens. "
        "Not every use of a token is an audited action."
    )
