"""The base of plan reviews and run pages: counts by group, rows of a group, details of a row."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from tokendesk.config import Settings
from tokendesk.model.text import printable
from tokendesk.running.access import ApiAccess
from tokendesk.tui.base_screens import PageScreen
from tokendesk.tui.data_source import changes_live_org
from tokendesk.tui.row_table import RowTable
from tokendesk.tui.screens.help import HelpScreen
from tokendesk.tui.widgets.group_list import GroupList
from tokendesk.tui.widgets.lines import KeyBar, TextLine, TitleLine
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.tui.widgets.row_panel import RowPanel
from tokendesk.tui.widgets.too_small import TooSmall
from tokendesk.views.facts import Details, Fact
from tokendesk.views.plan_groups import EVERYTHING, RowGroup

Result = TypeVar("Result")
ROOM_FOR_DETAILS = 28
"""Terminal height from which the row under the cursor is shown below the list."""


class GroupedRowsScreen(PageScreen[Result]):
    CSS_PATH = "grouped_rows.tcss"
    PLACE = ""
    WHAT = ""
    """The title of the pane of counts."""

    def __init__(self, settings: Settings, access: ApiAccess | None) -> None:
        super().__init__()
        self._settings = settings
        self._access = access
        self._shown_group = EVERYTHING
        self._all_groups: list[RowGroup] = []

    def compose(self) -> ComposeResult:
        yield TitleLine(id="title")
        yield TextLine(id="top-line")
        with Horizontal(id="body"):
            yield GroupList(id="parts")
            with Vertical(id="middle"):
                yield RecordList(id="list")
                yield RowPanel(id="row")
        yield Static(id="standing", markup=False)
        yield Static(id="apply", markup=False)
        yield KeyBar(id="keys", place=self.PLACE)
        yield TooSmall()

    def on_mount(self) -> None:
        self.set_class(changes_live_org(self._settings, self._access), "live-writes")
        self.query_one(GroupList).border_title = self.WHAT
        self.rows.focus()

    def on_resize(self) -> None:
        self.set_class(self.app.size.height >= ROOM_FOR_DETAILS, "with-row")

    @property
    def rows(self) -> RecordList:
        return self.query_one(RecordList)

    # --- what subclasses define

    table: RowTable[Any]

    @abstractmethod
    def row_title(self) -> str: ...

    @abstractmethod
    def details_of(self, place: int) -> Details | None: ...

    @abstractmethod
    def leave(self) -> None:
        """Leave the screen: the last step of escape."""

    def in_order(self, indexes: Sequence[int]) -> Sequence[int]:
        return indexes

    empty = ""
    sorted_by: tuple[str, ...] = ()

    # --- what is shown

    def show_groups(
        self, counts: Sequence[RowGroup], more: Sequence[RowGroup] = (), notes: Sequence[Fact] = ()
    ) -> None:
        """Show the groups, and the rows of the chosen one if it still exists."""
        self._all_groups = [*counts, *more]
        if self._shown_group not in {part.name for part in self._all_groups}:
            self._shown_group = EVERYTHING
        self.query_one(GroupList).show(counts, more, self._shown_group, notes)

    def show_rows(self, keep: int | None = None) -> None:
        shown = next(part for part in self._all_groups if part.name == self._shown_group)
        indexes = self.in_order(shown.indexes or ())
        table = self.table
        self.rows.show(
            indexes, columns=table.columns, fetch=table.fetch, keep=keep, empty=self.empty, sorted_by=self.sorted_by
        )
        title = self.row_title()
        if shown.name != EVERYTHING:
            words = shown.name.split(": ", 1)[-1].replace("-", " ")
            title = f"{title} · {words} · esc shows all"
        self.rows.border_title = Content(printable(title))
        total = len(self._all_groups[0].indexes or ())
        self.rows.border_subtitle = Content(
            f"{total:,}" if shown.name == EVERYTHING else f"{len(indexes):,} of {total:,}"
        )

    def _show_group(self, name: str, keep: int | None = None) -> None:
        self._shown_group = name
        self.query_one(GroupList).mark(name)
        self.rows.marks.clear()
        self.show_rows(keep)
        self.remove_class("show-parts")
        self.rows.focus()

    @on(GroupList.Picked)
    def _pick(self, event: GroupList.Picked) -> None:
        self._show_group(event.group.name)

    @on(RecordList.Highlighted)
    def _show_row(self, event: RecordList.Highlighted) -> None:
        self.query_one(RowPanel).show(self.details_of(event.row_id) if event.row_id is not None else None)

    # --- actions

    def action_back(self) -> None:
        if self.has_class("show-details") or self.has_class("show-parts"):
            self.remove_class("show-details", "show-parts")
            self.rows.focus()
        elif self.rows.marks.has_range:
            self.rows.marks.cancel_range()
        elif self._shown_group != EVERYTHING:
            self._show_group(EVERYTHING, self.rows.row_id)
        else:
            self.leave()

    @on(RecordList.Opened)
    def action_open(self) -> None:
        """Toggle the details between the whole body and below the list."""
        self.toggle_class("show-details")
        self.remove_class("show-parts")
        (self.query_one(RowPanel) if self.has_class("show-details") else self.rows).focus()

    def action_details(self) -> None:
        self.action_open()

    def action_next_part(self, step: int = 1) -> None:
        if self.has_class("-narrow") and not self.has_class("show-details"):
            self.toggle_class("show-parts")
            (self.query_one(GroupList) if self.has_class("show-parts") else self.rows).focus()
            return
        parts = (self.query_one(GroupList), self.rows, self.query_one(RowPanel))
        there = [part for part in parts if part.display and part.region.width > 0]
        at = next((i for i, part in enumerate(there) if part.has_focus), 0)
        if there:
            there[(at + step) % len(there)].focus()

    def action_previous_part(self) -> None:
        self.action_next_part(-1)

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(None, self.PLACE))
