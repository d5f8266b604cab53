"""Runs that have no end: ours are settled in the background at the start, those of other desks are told of."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import work
from textual.content import Content

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError
from tokendesk.model.moments import day_and_time, parse_moment
from tokendesk.model.text import clean
from tokendesk.tui.reading import Reading
from tokendesk.tui.searching import NOT_SETTLED, set_aside_words
from tokendesk.tui.widgets.lines import Line

if TYPE_CHECKING:
    from textual.screen import Screen as _Base

    from tokendesk.running.recover import Unfinished
    from tokendesk.running.work import RunProgress, Search
else:
    _Base = object


class Settling(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen."""

    _reading: Reading
    _settings: Settings
    _clock: Callable[[], int]
    _search: "Search | None" = None
    _has_enough = False

    @property
    def search_under_way(self) -> "Search | None":
        return None if self._has_enough else self._search

    def end_search(self) -> None:
        self._has_enough = True

    async def renew(self) -> None:
        raise NotImplementedError

    @work(group="settle")
    async def settle_what_broke_off(self) -> None:
        places = self._settings.places
        if places.file is not None or not places.desk.exists():
            return
        if not self._reading.near.db.execute("SELECT 1 FROM desk.run WHERE ended IS NULL LIMIT 1").fetchone():
            return
        try:
            ours, others = await asyncio.to_thread(self._unfinished)
        except TokendeskError as error:
            self.notify(str(error), severity="error")
            return
        for run in others:
            began = day_and_time(parse_moment(run.began))
            self.notify(
                f"{clean(run.author)} began run {run.run_id[:8]} at another desk on {began}; its end is not known here."
                " Ask before you change the same users.",
                title="A run of another desk has no end",
                severity="warning",
                timeout=15,
            )
        if ours:
            await self._settle()

    def _unfinished(self) -> "tuple[list[Unfinished], list[Unfinished]]":
        from tokendesk.desk.entries import Desk
        from tokendesk.running.recover import unfinished

        with Desk(self._settings.places.desk, author=self._settings.author) as desk:
            found = unfinished(desk)
        return [run for run in found if run.is_ours], [run for run in found if not run.is_ours]

    async def _settle(self) -> None:
        from tokendesk.running.apply import Means, settle_unfinished
        from tokendesk.views.run_facts import run_facts
        from tokendesk.views.run_rows import in_words

        way = self.app.way  # type: ignore[attr-defined]
        title = "A run broke off"
        if way is None:
            words = "What became of it is found out when there is a connection to the organization. 5 shows it."
            self.notify(words, title=title, severity="warning", timeout=12)
            return
        line = self.query_one("#activity", Line)

        def say(words: str) -> None:
            line.say(Content(f" Finding out what became of a run that broke off: {words}"))

        def report(progress: "RunProgress") -> None:
            self._search = progress.search
            if progress.search is not None:
                say(f"{clean(progress.search.words)} · ctrl+c ends the search")
            else:
                say(clean(progress.words) or f"{progress.done:,} rows")

        def set_aside(run: "Unfinished", error: TokendeskError) -> None:
            self.notify(set_aside_words(run, error), title=NOT_SETTLED, severity="warning", timeout=15)

        line.add_class("running")
        say("asking")
        self._has_enough = False
        means = Means(
            report, lambda why, seconds: say(f"waiting {seconds:.0f} s ({why})"),
            sleep=self.app.sleep,  # type: ignore[attr-defined]
            enough=lambda: self._has_enough, set_aside=set_aside,
        )  # fmt: skip
        try:
            settled = await settle_unfinished(self._settings, way, means)
        except TokendeskError as error:
            words = f"What became of it is not known yet: {error} The next start asks again."
            self.notify(words, title=title, severity="warning", timeout=15)
            return
        finally:
            self._search = None
            line.remove_class("running")
        await self.renew()
        for run in settled:
            facts = run_facts(self._reading.near, run.run_id, self._clock())
            if facts is not None:
                words = f"{facts.title[:1].upper()}{facts.title[1:]}: {in_words(facts.rows)}. 5 shows it."
                self.notify(clean(words), title="A run that broke off is settled", timeout=12)
