"""An organization whose clock moves, and the profile that pulls it."""

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from tests.practice import NOW, settings_in
from tokendesk.config import Settings
from tokendesk.model.findings import Thresholds
from tokendesk.model.secret import Secret
from tokendesk.running.access import ApiAccess
from tokendesk.running.events import EventsProgress, pull_events
from tokendesk.running.pull import pull_profile
from tokendesk.sandbox.events import EventBook
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.serve import Address
from tokendesk.snapshot.progress import Progress
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader, Row


def access_to(address: Address) -> ApiAccess:
    return ApiAccess(address.url, address.org_id, Secret(address.scoped_key))


class World:
    """An organization, the profile that pulls it, and the present of both."""

    def __init__(self, home: Path, users: int = 1204, tokens: int = 82, *, seed: int = 1, now: datetime = NOW) -> None:
        self.now = now
        self.made = Organization(seed, users, tokens, now, now=lambda: self.now)
        self.settings: Settings = settings_in(home)

    def later(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now

    def second(self) -> int:
        return int(self.now.timestamp())

    def events(self) -> EventBook:
        return EventBook(self.made)

    async def pull(self, access: ApiAccess) -> None:
        await pull_profile(self.settings, access, lambda _: None, lambda _, __: None, clock=lambda: self.now)

    async def pull_events(
        self, access: ApiAccess, *, since: int | None = None, report: Callable[[Progress], None] = lambda _: None
    ) -> EventsProgress:
        return await pull_events(self.settings, access, report, lambda _, __: None, since=since, clock=lambda: self.now)

    def reader(self) -> Reader:
        return Reader(self.settings.paths, Thresholds())

    def rows(self, pane_name: str, filter: str = "") -> list[Row]:  # noqa: A002 - as in Query
        now = self.second()
        with self.reader() as reader:
            ids = reader.ids(Query(pane_name, filter=filter), now)
            found = reader.window(reader.panes[pane_name], ids, now)
            return [found[row_id] for row_id in ids]

    def changes(self) -> list[Row]:
        return self.rows("changes")

    def observations(self) -> int:
        db = sqlite3.connect(self.settings.paths.history)
        try:
            return int(db.execute("SELECT count(*) FROM observation JOIN completed USING (pull_id)").fetchone()[0])
        finally:
            db.close()
