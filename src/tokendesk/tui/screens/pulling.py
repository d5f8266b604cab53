"""The keys that pull, and cancel a pull."""

import asyncio
from typing import TYPE_CHECKING

from textual import work
from textual.worker import Worker

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError
from tokendesk.tui.widgets.lines import Line

if TYPE_CHECKING:
    from textual.screen import Screen as _Base
else:
    _Base = object


class Pulling(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen."""

    _settings: Settings
    _pulling: Worker[None] | None

    async def renew(self) -> None:
        raise NotImplementedError

    def action_pull(self) -> None:
        way = self.app.way  # type: ignore[attr-defined]
        if way is None:
            self.notify(self.app.no_way or "There is nothing to pull from.", severity="warning", timeout=10)  # type: ignore[attr-defined]
        elif self._pulling is not None and self._pulling.is_running:
            self.notify("A pull is running already; C cancels it, browsing goes on meanwhile.")
        else:
            self._pulling = self._pull()

    def action_cancel_pull(self) -> None:
        if self._pulling is None or not self._pulling.is_running:
            self.notify("No pull is running.")
        else:
            self._pulling.cancel()
            self.notify("The pull was cancelled; the old snapshot is untouched.")

    @work(group="pull")
    async def _pull(self) -> None:
        from tokendesk.running.pull import EVERY_DAY, is_first, pull_once, summary, unknown_policies
        from tokendesk.tui.activity import PullActivity
        from tokendesk.views.absence import meanwhile

        line = self.query_one("#activity", Line)
        activity = PullActivity(line)
        first = is_first(self._settings.places)
        try:
            info = await pull_once(self._settings, self.app.way, activity.progress, activity.waiting)  # type: ignore[attr-defined]
        except TokendeskError as error:
            self.notify(f"{error} The old snapshot is untouched.", title="Pull failed", severity="error", timeout=15)
            return
        finally:
            activity.end()
        await self.renew()
        self.notify(summary(info), title="Pulled", timeout=6)
        if unknown := unknown_policies(info):
            self.notify(unknown, title="Not known", severity="warning", timeout=20)
        from tokendesk.views.never_touch import said_of_never_touch

        if words := await asyncio.to_thread(said_of_never_touch, self._settings):
            self.notify(words, severity="warning", timeout=15)
        now = self.app.clock()  # type: ignore[attr-defined]
        if told := await asyncio.to_thread(meanwhile, self._settings.places, self._settings.thresholds, now):
            self.notify(told, title="While nobody pulled", timeout=30)
        elif first and not self._settings.is_demo:
            self.notify(EVERY_DAY, timeout=15)
