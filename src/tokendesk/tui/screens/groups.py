"""The page of groups: how many rows have each value of one or two columns."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tokendesk.errors import TokendeskError
from tokendesk.filtering.errors import FilterError
from tokendesk.model.counting import counted
from tokendesk.model.text import printable
from tokendesk.tui.actions import bindings
from tokendesk.tui.base_screens import PageScreen
from tokendesk.tui.context import AppContext
from tokendesk.tui.row_table import RowTable
from tokendesk.tui.screens.help import HelpScreen
from tokendesk.tui.store import SnapshotReplaced
from tokendesk.tui.widgets.bars import bar
from tokendesk.tui.widgets.columns import GAP, LEFT
from tokendesk.tui.widgets.lines import KeyBar, TitleLine
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.tui.widgets.too_small import TooSmall
from tokendesk.views.columns import Column
from tokendesk.views.grouping import groupable
from tokendesk.views.groups import MOST_VALUES, Group, Groups, sort_groups
from tokendesk.views.query import Query, Scope
from tokendesk.views.reader import Reader

_SHORTEST_BAR, _WIDEST_VALUE = 10, 36
_UNREADABLE = (TokendeskError, FilterError, sqlite3.Error)


@dataclass(frozen=True, slots=True)
class GroupsShown:
    """What is counted, by which columns, in which order."""

    query: Query
    by: tuple[str, ...]
    order: str = ""


class GroupsScreen(PageScreen[Query | None]):
    """Dismisses with the query of the group whose rows are to be shown, or with None. Marks of a group are marks of
    its rows. `at`: the query that was opened from here last: the cursor returns to its group.
    """

    CSS_PATH = "grouped_rows.tcss"
    PLACE = "groups"
    BINDINGS = bindings("groups")

    def __init__(
        self, ctx: AppContext, shown: GroupsShown, path: Sequence[str], source: str, at: Query | None = None
    ) -> None:
        super().__init__()
        self._ctx, self._shown, self._at = ctx, shown, at
        self._path, self._source = path, source
        self._found: Groups | None = None

    def compose(self) -> ComposeResult:
        yield TitleLine(id="title")
        yield RecordList(id="list")
        yield Static("Counting …", id="standing", markup=False)
        yield KeyBar(id="keys", place=self.PLACE)
        yield TooSmall()

    def on_mount(self) -> None:
        self._rows.focus()
        self._count()

    @property
    def _rows(self) -> RecordList:
        return self.query_one(RecordList)

    @property
    def _pane_words(self) -> tuple[str, str]:
        pane = self._ctx.store.ui_reader.panes[self._shown.query.pane]
        return pane.one, pane.many

    # --- counting and drawing

    @work(exclusive=True, group="count")
    async def _count(self) -> None:
        from tokendesk.views.groups import count_groups

        shown, now = self._shown, self._ctx.now()
        try:
            found = await self._ctx.store.newest(
                lambda reader: count_groups(reader, shown.query, shown.by, now, shown.order)
            )
        except _UNREADABLE as error:
            self._say_unreadable(error)
            return
        if found is not None:
            self._found = found
            self._shown = replace(shown, order=found.order)
            self._ctx.ui_state.keep_grouping(shown.query.pane, shown.by, found.order)
            queries = [rows_of(shown.query, found, group) for group in found.groups]
            self._draw(queries.index(self._at) if self._at in queries else None)

    def on_resize(self) -> None:
        self.call_after_refresh(lambda: self._draw(self._rows.row_id))

    def _say_unreadable(self, error: Exception) -> None:
        words = (
            "The snapshot was replaced. esc, then # counts again."
            if isinstance(error, SnapshotReplaced)
            else str(error)
        )
        self._say(words, "$text-error")

    def _draw(self, keep: int | None = None) -> None:
        found = self._found
        if found is None:
            return
        self.query_one(TitleLine).set_parts([*self._path, f"by {' and '.join(found.titles)}"], self._source)
        self._rows.border_title = Content(" and ".join(found.titles))
        self._rows.border_subtitle = Content(counted(found.values, "value"))
        table = RowTable(found.groups, _columns(found, self._rows.scrollable_content_region.width))
        self._rows.marks.clear()
        self._rows.show(
            range(len(found.groups)), columns=table.columns, fetch=table.fetch, keep=keep,
            empty="There is nothing to count.", sorted_by=(self._shown.order,),
        )  # fmt: skip
        one, many = self._pane_words
        words = f"{counted(found.total, one, many)}."
        if found.values > MOST_VALUES:
            words += f" They have {found.values:,} values, more than {MOST_VALUES:,}: group by another column."
        elif found.repeats:
            words += " Each is counted under all of its values, so the rows add up to more."
        self._say(words)

    def _say(self, words: str, tone: str = "") -> None:
        self.query_one("#standing", Static).update(Content.styled(words, tone))

    def _group(self) -> Group | None:
        at = self._rows.row_id
        return self._found.groups[at] if self._found is not None and at is not None else None

    # --- keys

    @on(RecordList.Opened)
    def action_open(self) -> None:
        found, group = self._found, self._group()
        if found is None or group is None:
            return
        query = rows_of(self._shown.query, found, group)
        try:
            self._ctx.store.ui_reader.where(
                self._ctx.store.ui_reader.panes[query.pane], query.filters(), self._ctx.now()
            )
        except FilterError as error:
            self._say(f"No filter finds these rows: {error}", "$text-error")
        else:
            self.dismiss(query)

    def action_mark(self) -> None:
        self._rows.action_mark()

    def action_sort(self) -> None:
        self._sort_by(self._rows.column_name or "rows")

    @on(RecordList.HeaderClicked)
    def _header_clicked(self, event: RecordList.HeaderClicked) -> None:
        self._sort_by(event.column.name)

    def _sort_by(self, column: str) -> None:
        found, group = self._found, self._group()
        if found is None:
            return
        name = "rows" if column == "bar" else column
        first, other = (name, f"-{name}") if name.startswith("value") else (f"-{name}", name)
        order = other if self._shown.order == first else first
        self._shown = replace(self._shown, order=order)
        groups = tuple(sort_groups(found.groups, order))
        self._found = replace(found, groups=groups)
        self._ctx.ui_state.keep_grouping(self._shown.query.pane, self._shown.by, order)
        self._draw(groups.index(group) if group is not None else None)

    @work
    async def action_more(self) -> None:
        """Ask for a second column; the first one chosen again leaves one."""
        from tokendesk.tui.screens.choose import ChooseDialog

        pane = self._ctx.store.ui_reader.panes[self._shown.query.pane]
        names = [name for name in groupable(pane) if name not in self._shown.by[:1]]
        titles = [Content(column.title if (column := pane.column(name)) else name) for name in names]
        hint = "enter counts by this column too   esc leaves it as it is"
        place = await self.app.push_screen_wait(ChooseDialog("Second column", titles, hint))
        if place is not None:
            self._shown = replace(self._shown, by=tuple(dict.fromkeys((self._shown.by[0], names[place]))))
            self._count()

    @work
    async def action_save(self) -> None:
        """Save the grouping as a view."""
        from tokendesk.tui.saved_views import SavedView, describe_view
        from tokendesk.tui.screens.prompt import PromptDialog

        query = self._shown.query._replace(by=self._shown.by)
        name = await self.app.push_screen_wait(
            PromptDialog("Save view", f"What to call this view ({describe_view(query)}):")
        )
        if name:
            self._ctx.ui_state.save_view(SavedView(name, query))
            self.notify(f"Saved the view {printable(name)}. V lists all views.")

    @on(RecordList.MarksChanged)
    async def _mark(self, event: RecordList.MarksChanged) -> None:
        """Mark the rows of the groups."""
        found, query, now = self._found, self._shown.query, self._ctx.now()
        if found is None:
            return
        # All groups together have all rows: one question instead of thousands.
        is_all = not event.row_ids or len(event.row_ids) == len(found.groups)
        queries = [query] if is_all else [rows_of(query, found, found.groups[place]) for place in event.row_ids]
        marked = 0
        for inside in queries:
            try:
                # The connection for rows, which knows the marks that a filter may ask for.
                records = await self._ctx.store.newest(partial(_records, inside, now)) or {}
            except _UNREADABLE as error:
                self._say_unreadable(error)
                return
            self._ctx.marks.put(query.pane, records.values(), event.on)
            marked += len(records)
        one, many = self._pane_words
        total = len(self._ctx.marks.of(query.pane))
        words = f"{counted(marked, one, many)} {'marked' if event.on else 'unmarked'}, {total:,} marked in all"
        self._say(f"{words}: esc, then e, m and the others act on them." if total else f"{words}.")

    def action_back(self) -> None:
        self.dismiss(None)

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(None, self.PLACE))


def _records(query: Query, now: int, reader: Reader) -> Mapping[int, str]:
    return reader.records(query.pane, reader.ids(query, now))


def rows_of(query: Query, found: Groups, group: Group) -> Query:
    """Return the query for the rows of a group, with its values as scopes: their conditions may be long."""
    scopes = [
        Scope(f"{title}: {value.text}", value.condition)
        for title, value in zip(found.titles, group.values, strict=True)
    ]
    return query._replace(scopes=(*query.scopes, *scopes))


_COUNTS = (("rows", "Rows"), ("in_use", "In use"), ("undecided", "Undecided"))


def _columns(found: Groups, room: int) -> tuple[Column[Group], ...]:
    """`room`: cells of a line. The values take what they need, the bars the rest."""
    most = max((group.rows for group in found.groups), default=0)
    values = [
        Column[Group](
            name, title, _width(title, (group.values[at].text for group in found.groups)), partial(_value, at)
        )
        for at, (name, title) in enumerate(zip(("value", "value2"), found.titles, strict=False))
    ]
    first = found.groups[0] if found.groups else None
    there = [(name, title) for name, title in _COUNTS if first is not None and getattr(first, name) is not None]
    counts = [
        Column[Group](name, title, len(title) + 1, partial(_count_of, name), priority=number, right=True)
        for number, (name, title) in enumerate(there, 1)
    ]
    taken = sum(column.width + GAP for column in (*values, *counts)) + LEFT + 1
    cells = max(_SHORTEST_BAR, room - taken - GAP)
    bars = Column[Group](
        "bar", "", cells, lambda group: bar(group.rows, most, cells), priority=5, tone=lambda *_: "mark"
    )
    return (*values, *counts, bars)


def _width(title: str, texts: Iterable[str]) -> int:
    return min(_WIDEST_VALUE, max(cell_len(title) + 2, *map(cell_len, texts), 12))


def _value(place: int, group: Group) -> str:
    return group.values[place].text


def _count_of(name: str, group: Group) -> str:
    return f"{getattr(group, name):,}"
