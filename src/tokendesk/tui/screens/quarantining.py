"""The key that lists quarantines, and carrying out what a person answers."""

import asyncio
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from textual import work

from tokendesk.config import Settings
from tokendesk.errors import Refused, TokendeskError, UsageError
from tokendesk.model.text import clean
from tokendesk.tui.reading import Reading
from tokendesk.tui.source import source_words

if TYPE_CHECKING:
    from textual.screen import Screen as _Base

    from tokendesk.model.plan import Plan
else:
    _Base = object

_HOW = {
    "put-back": "everybody is back where they were",
    "revoke": "the tokens are revoked",
    "keep": "all stays as it is",
}


class Quarantining(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen."""

    _reading: Reading
    _settings: Settings
    _clock: Callable[[], int]

    async def review(self, plan: "Plan", hidden: Collection[str] = ()) -> None:
        raise NotImplementedError

    async def open_run(self, run_id: str) -> None:
        raise NotImplementedError

    async def renew(self) -> None:
        raise NotImplementedError

    @work
    async def action_quarantine(self) -> None:
        from tokendesk.model.runs import run_title
        from tokendesk.tui.screens.quarantine import QuarantineScreen
        from tokendesk.views.quarantine import quarantines

        while True:
            found = await self._reading.ask(quarantines)
            if not found:
                words = (
                    "Nobody is in quarantine. In the review of a move to a policy that blocks tokens, t sets the day."
                )
                self.notify(words)
                return
            near, now = self._reading.near, self._clock()
            titles = {
                row["run_id"]: run_title(row["kind"], row["planned"], row["target"])
                for row in near.db.execute("SELECT run_id, kind, planned, target FROM journal_row")
            }
            info = near.info
            source = source_words(self._settings, self.app.way, info.pulled_at if info else None, now)  # type: ignore[attr-defined]
            path = [clean(info.org_name or info.org_id)] if info else []
            answered = await self.app.push_screen_wait(QuarantineScreen(found, titles, path, source, now))
            if answered is None:
                return
            if answered.how == "open":
                await self.open_run(answered.run_id)
                continue
            try:
                await self._answer(answered.run_id, answered.how)
            except TokendeskError as error:
                self.notify(str(error), severity="error", timeout=10)

    async def _answer(self, run_id: str, how: str) -> None:
        """Review what the answer asks for; the quarantine ends when nothing of that is left to do."""
        from tokendesk.tui.screens.phrase import PhraseScreen
        from tokendesk.views.quarantine import why_on

        if self._settings.places.file is not None:
            raise UsageError("A saved snapshot can be read only. Answer on the profile's own desk.")
        plan = await self._asked_for(run_id, how)
        if plan is None:
            about = "Everybody stays where they are, and nobody is reminded of it any more."
            if not await self.app.push_screen_wait(PhraseScreen("End quarantine", about, "keep", "Keep them there")):
                return
        elif why_on(plan, how):
            await self.review(plan)
            plan = await self._asked_for(run_id, how)
            if plan is not None and plan.doing:
                return
            if plan is not None and (why := why_on(plan, how)):
                raise Refused(why)
        await asyncio.to_thread(self._end, run_id, how)
        await self.renew()
        self.notify(f"The quarantine has ended: {_HOW[how]}.")

    async def _asked_for(self, run_id: str, how: str) -> "Plan | None":
        from tokendesk.views.planning import planner
        from tokendesk.views.quarantine import answer_plan

        return await self._reading.ask(
            lambda reader: answer_plan(reader, run_id, how, planner(self._settings, self._clock()))
        )

    def _end(self, run_id: str, how: str) -> None:
        from tokendesk.desk.entries import Desk
        from tokendesk.views.quarantine import end_quarantine

        with Desk(self._settings.places.desk, author=self._settings.author) as desk:
            end_quarantine(desk, run_id, how)
