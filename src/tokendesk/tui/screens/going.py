"""The keys that go somewhere: into a row, to an owner, to another pane, and back."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.widgets import Input

from tokendesk.tui.reading import Reading
from tokendesk.tui.widgets.lines import TabsLine
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.views.query import Query, Scope

if TYPE_CHECKING:
    from textual.screen import Screen as _Base

    from tokendesk.tui.widgets.details import DetailsPane
    from tokendesk.tui.widgets.scope_pane import ScopePane
else:
    _Base = object


class Going(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen. Handlers go by their names: `@on` would not be found in a mixin."""

    query_shown: Query
    _reading: Reading
    _clock: Callable[[], int]
    _trail: list[tuple[Query, str | None]]
    _last: dict[str, Query]
    _filter_before: str
    details_pane: "DetailsPane | None"

    @property
    def rows(self) -> RecordList:
        raise NotImplementedError

    async def _reload(self, query: Query, keep: str | None) -> None:
        raise NotImplementedError

    if TYPE_CHECKING:  # written in the screen, which comes first

        def set_filter(self, text: str) -> None: ...

        def mark_scope(self, scope: Scope | None) -> None: ...

        @property
        def is_typing(self) -> bool: ...

    async def on_scope_pane_picked(self, event: "ScopePane.Picked") -> None:
        self._trail.clear()
        scopes = (event.scope,) if event.scope else ()
        self.query_shown = self.query_shown._replace(scopes=scopes)
        self.mark_scope(event.scope)
        self.remove_class("show-scope")
        self.rows.focus()

    async def on_tabs_line_picked(self, event: TabsLine.Picked) -> None:
        await self.action_pane(event.pane)

    async def action_pane(self, name: str) -> None:
        here = self.query_shown
        if name == here.pane:
            self.rows.focus()
            return
        self._last[here.pane] = here
        self._trail.clear()
        self.remove_class("show-details")
        await self._reload(self._last.get(name, Query(name)), None)
        self.rows.focus()

    async def go_to(self, pane: str, text: str) -> None:
        """Show `pane` narrowed by `text`, as the palette was told."""
        await self.action_pane(pane)
        self.set_filter(text)

    async def on_record_list_opened(self, event: RecordList.Opened) -> None:
        from tokendesk.filtering.format import quote

        here = self.query_shown
        row = self._reading.near.row(here.pane, event.row_id, self._clock())
        if row is None:
            return
        if here.pane == "journal":
            self.run_worker(self.open_run(row["run_id"]))
        elif here.pane == "tokens":
            self.add_class("show-details")
            self.remove_class("hide-details", "zoomed")
            if self.details_pane is not None:
                self.details_pane.focus()
        elif here.pane == "changes":
            pane = "tokens" if row["subject"] == "token" else "users"
            if self._reading.near.find(pane, row["record"]) is None:
                self.notify(f"This {row['subject']} is not in the snapshot any more.", severity="warning")
                return
            scope = Scope(row["label"] or "(no label)", f"id:{quote(row['record'])}")
            await self._step_in(pane, scope, row["change_id"])
        elif here.pane == "users":
            await self._step_in("tokens", Scope(row["name"], f"owner.id:{quote(row['account_id'])}"), row["account_id"])
        else:
            await self._step_in("users", Scope(row["name"], f"policy.id:{quote(row['policy_id'])}"), row["policy_id"])

    async def open_run(self, run_id: str) -> None:
        raise NotImplementedError

    async def _step_in(self, pane: str, scope: Scope, record: str, keep: str | None = None) -> None:
        self._trail.append((self.query_shown, record))
        await self._reload(Query(pane, scopes=(scope,)), keep)
        self.rows.focus()

    async def action_owner(self) -> None:
        from tokendesk.filtering.format import quote

        row_id = self.rows.row_id
        if self.query_shown.pane != "tokens":
            self.notify("J goes from a token to its owner. Open the tokens with 1.", severity="warning")
            return
        row = self._reading.near.row("tokens", row_id, self._clock()) if row_id is not None else None
        if row is None or row["user"] is None:
            self.notify("This token's owner is not among the managed users.", severity="warning")
            return
        await self._step_in("users", Scope(row["owner"], f"id:{quote(row['owner_id'])}"), row["token_id"])

    async def action_back(self) -> None:
        """Out of the filter line, then out of the details or scope, then the last step in."""
        if self.is_typing:
            self.query_one("#filter", Input).value = self._filter_before
            self.rows.focus()
        elif self.rows.has_range:
            self.rows.end_range()
            self.notify("The range was ended; nothing was marked.")
        elif self.has_class("show-details") or self.has_class("show-scope") or self.focused is not self.rows:
            self.remove_class("show-details", "show-scope")
            self.rows.focus()
        elif self._trail:
            query, record = self._trail.pop()
            await self._reload(query, record)
        elif self.query_shown.scopes:
            self.query_shown = self.query_shown._replace(scopes=())
            self.mark_scope(None)
        elif self.query_shown.filter:
            self.query_one("#filter", Input).value = ""
