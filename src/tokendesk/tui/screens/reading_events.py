"""Reading audit events, out of the command palette."""

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


class ReadingEvents(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen."""

    _settings: Settings
    _pulling: Worker[None] | None

    async def renew(self) -> None:
        raise NotImplementedError

    def pull_events(self) -> None:
        """Read the audit log on from where it was left."""
        way = self.app.way  # type: ignore[attr-defined]
        if way is None:
            self.notify(self.app.no_way or "There is nothing to pull from.", severity="warning", timeout=10)  # type: ignore[attr-defined]
        elif self._pulling is not None and self._pulling.is_running:
            self.notify("A pull is running already; C cancels it.")
        else:
            self._pulling = self._pull_events()

    @work(group="pull")
    async def _pull_events(self) -> None:
        from tokendesk.running.events import events_summary, pull_events
        from tokendesk.tui.activity import PullActivity

        activity = PullActivity(self.query_one("#activity", Line))
        try:
            read = await pull_events(self._settings, self.app.way, activity.progress, activity.waiting)  # type: ignore[attr-defined]
        except TokendeskError as error:
            self.notify(f"{error} What was read stays.", title="Audit events", severity="error", timeout=15)
            return
        finally:
            activity.end()
        await self.renew()
        self.notify(events_summary(read), title="Audit events", timeout=8)
