"""The key that opens triage, and what comes of it."""

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from textual import work

from tokendesk.config import Settings
from tokendesk.model.text import clean
from tokendesk.tui.habits import Habits
from tokendesk.tui.marks import Marks
from tokendesk.tui.reading import Reading
from tokendesk.tui.session import Session
from tokendesk.tui.source import source_words
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.views.query import Query
from tokendesk.views.reader import Row

if TYPE_CHECKING:
    from textual.screen import Screen as _Base
else:
    _Base = object


class Triaging(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen."""

    query_shown: Query
    session: Session
    _reading: Reading
    _settings: Settings
    _clock: Callable[[], int]
    _marks: Marks
    _habits: Habits

    @property
    def rows(self) -> RecordList:
        raise NotImplementedError

    async def open_plans(self, ids: Collection[int] | None = None) -> None:
        raise NotImplementedError

    if TYPE_CHECKING:  # written in another mixin, which must not be hidden here

        def open_console(self, pane: str, row: Row | None) -> None: ...

    async def renew(self) -> None:
        raise NotImplementedError

    async def desk_changed(self) -> None:
        raise NotImplementedError

    @work(exclusive=True, group="triage")
    async def action_triage(self) -> None:
        from tokendesk.tui.screens.triage import TriageScreen

        query, near = self.query_shown, self._reading.near
        if query.pane != "tokens":
            self.notify("Triage decides on tokens. Open them with 1, or those of a row with enter.", severity="warning")
            return
        marked = self._marks.of("tokens")
        ids = sorted(near.rows_of("tokens", marked), key=_places(self.rows.ids)) if marked else self.rows.ids
        if not ids:
            self.notify("There is no token here to decide on. esc widens the view.", severity="warning")
            return
        if near.revoked() and not set(ids) - set(near.ids(Query("tokens", filter="is:revoked"), self._clock())):
            them = "This token is" if len(ids) == 1 else f"All {len(ids):,} tokens here are"
            self.notify(f"{them} revoked: there is nothing left to decide. esc widens the view.", severity="warning")
            return
        info = near.info
        path = [clean(info.org_name or info.org_id) if info else "no snapshot"]
        path.append(f"{len(ids):,} marked" if marked else "Tokens")
        path += [] if marked else [clean(scope.title) for scope in query.scopes]
        path += [clean(query.filter)] if query.filter and not marked else []
        screen = TriageScreen(
            lambda: self._reading,
            self.session,
            self._habits,
            self._clock,
            ids,
            path=path,
            source=source_words(self._settings, self.app.way, info.pulled_at if info else None, self._clock()),  # type: ignore[attr-defined]
            changed=self.renew,
            console=self.open_console,
        )
        left_at = await self.app.push_screen_wait(screen)
        await self.desk_changed()
        if left_at is not None and (row_id := self._reading.near.find("tokens", left_at)) is not None:
            self.rows.go_to(row_id)
        if screen.plans:
            await self.open_plans(screen.row_ids())


def _places(ids: Sequence[int]) -> Callable[[int], int]:
    """Return a key that sorts as the list does; what it does not show comes last."""
    places = {row_id: place for place, row_id in enumerate(ids)}
    return lambda row_id: places.get(row_id, len(places))
