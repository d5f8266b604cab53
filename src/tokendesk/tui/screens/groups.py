"""The page of groups: how many rows have each value of one or two columns."""

import sqlite3
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

from textual import events, on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tokendesk.errors import TokendeskError
from tokendesk.filtering.errors import FilterError
from tokendesk.model.counting import counted
from tokendesk.tui.actions import bindings
from tokendesk.tui.base_screens import PageScreen
from tokendesk.tui.context import AppContext
from tokendesk.tui.group_layout import GroupLayout
from tokendesk.tui.list_keys import list_action, say_where_it_works
from tokendesk.tui.row_table import RowTable
from tokendesk.tui.screens.help import HelpScreen
from tokendesk.tui.store import SnapshotReplaced
from tokendesk.tui.widgets.lines import KeyBar, TitleLine
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.tui.widgets.too_small import TooSmall
from tokendesk.views.grouping import groupable
from tokendesk.views.groups import MOST_VALUES, ORDERS, Group, Groups, count_groups, records_in, sort_groups
from tokendesk.views.query import Query, Scope

OnQuery: TypeAlias = Callable[[Query], Awaitable[None]]
_UNREADABLE = (TokendeskError, FilterError, sqlite3.Error)


@dataclass(frozen=True, slots=True)
class GroupsShown:
    """What is counted, by which columns, in which order."""

    query: Query
    by: tuple[str, ...]
    order: str = ""


class GroupChosen(NamedTuple):
    """`query`: for the rows of the group; `by`: the columns that were counted by."""

    query: Query
    by: tuple[str, ...]


class GroupsScreen(PageScreen[GroupChosen | str | None]):
    """Dismisses with the group whose rows are to be shown, with the id of an action for marked rows, or with None.

    Marks of a group are marks of its rows.

    `save` saves a query as a view, `copy` copies its command line. `came_from`: the query that was on screen before:
    if its rows are a group's, the cursor goes to that group.
    """

    CSS_PATH = "grouped_rows.tcss"
    PLACE = "groups"
    BINDINGS = bindings("groups")

    def __init__(
        self, ctx: AppContext, shown: GroupsShown, path: Sequence[str], save: OnQuery, copy: OnQuery,
        came_from: Query | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._ctx, self._shown = ctx, shown
        self._path, self._save, self._copy = path, save, copy
        self._found: Groups | None = None
        self._layout: GroupLayout | None = None
        self._generation = -1
        """That of the files that were counted."""
        self._scopes = came_from.scopes[len(shown.query.scopes) :] if came_from is not None else ()
        """Those of the group under the cursor."""

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
        if await self._counted() and self._found is not None:
            self._show_marks()
            self._draw(self._place())
            self._say_total(self._found)

    @work(exclusive=True, group="marked")
    async def _count_marked(self) -> None:
        before = self._marked_keys()
        if await self._counted(before) and not self._rows.marks.has_range:  # drawing would end the range
            self._show_marks()
            self._draw(self._place())

    async def _counted(self, marked: Collection[object] | None = None) -> bool:
        """Count; return False if the groups cannot be read, which is said, or if they are counted once more.

        `marked`: the keys of the groups marked so far; if others are marked meanwhile, they are counted once more.
        """
        shown, marks = self._shown, tuple(self._ctx.marks.of(self._shown.query.pane))
        try:
            found = await self._ctx.store.newest(
                lambda reader: count_groups(reader, shown.query, shown.by, self._ctx.now(), shown.order, marks)
            )
        except _UNREADABLE as error:
            self._say_unreadable(error)
            return False
        if found is None or shown.by != self._shown.by or (marked is not None and self._marked_keys() != marked):
            return False
        if (group := self._group()) is not None and self._found is not None:
            self._scopes = _scopes_of(self._found, group)
        order = found.order if self._shown.order == shown.order else self._shown.order  # sorted meanwhile
        self._found = replace(found, groups=tuple(sort_groups(found.groups, order)), order=order)
        self._layout, self._generation = GroupLayout(found), self._ctx.store.generation
        self._shown = replace(shown, order=order)
        self._ctx.ui_state.keep_grouping(shown.query.pane, shown.by, order)
        return True

    def _place(self) -> int | None:
        """Return the place of the group that the cursor was on, or of the first one with the same first value."""
        if (found := self._found) is None or not self._scopes:
            return None
        for at, group in enumerate(found.groups):
            if all(one == other for one, other in zip(_scopes_of(found, group), self._scopes, strict=False)):
                return at
        return None

    def _marked_keys(self) -> set[tuple[object, ...]]:
        groups = self._found.groups if self._found is not None else ()
        return {groups[place].keys for place in self._rows.marks.row_ids if place < len(groups)}

    def _show_marks(self, keys: Collection[object] | None = None) -> None:
        """Mark the groups with these `keys`, or those of which all rows are marked."""
        groups = self._found.groups if self._found is not None else ()
        self._rows.marks.replace(
            at
            for at, group in enumerate(groups)
            if (group.marked == group.rows if keys is None else group.keys in keys)
        )

    def on_resize(self) -> None:
        self.call_after_refresh(lambda: self._draw(self._rows.row_id))

    def on_reloaded(self) -> None:
        self._count()

    def _say_unreadable(self, error: Exception) -> None:
        if not isinstance(error, SnapshotReplaced):  # else it is being opened, and then counted again
            self._say(str(error), "$text-error")

    def _draw(self, keep: int | None = None) -> None:
        found, layout = self._found, self._layout
        if found is None or layout is None:
            return
        self.query_one(TitleLine).set_parts([*self._path, f"by {' and '.join(found.titles)}"], self._ctx.source_label)
        self._rows.border_title = Content(" and ".join(found.titles))
        self._rows.border_subtitle = Content(counted(found.values, "value"))
        table = RowTable(found.groups, layout.columns(self._rows.scrollable_content_region.width, found.groups))
        self._rows.show(
            range(len(found.groups)), columns=table.columns, fetch=table.fetch, keep=keep,
            empty="There is nothing to count.", sorted_by=(self._shown.order,),
        )  # fmt: skip

    def _say_total(self, found: Groups) -> None:
        words = f"{counted(found.total, *self._pane_words)}."
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

    def groups_before(self, key: str) -> Collection[str]:
        """Keys act on the groups, so they wait for them."""
        return (*super().groups_before(key), "count")

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
            self.dismiss(GroupChosen(query, self._shown.by))

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
        groups, marked = tuple(sort_groups(found.groups, order)), self._marked_keys()
        self._found = replace(found, groups=groups)
        self._ctx.ui_state.keep_grouping(self._shown.query.pane, self._shown.by, order)
        self._show_marks(marked)
        self._draw(groups.index(group) if group is not None else None)

    @work
    async def action_more(self) -> None:
        """Ask for a second column, or for none if there is one."""
        from tokendesk.tui.screens.choose import ChooseDialog

        pane, by = self._ctx.store.ui_reader.panes[self._shown.query.pane], self._shown.by
        names = [name for name in groupable(pane) if name not in by]
        titles = [column.title if (column := pane.column(name)) else name for name in names]
        if len(by) > 1 and self._found is not None:
            names.insert(0, by[0])
            titles.insert(0, f"None: only {self._found.titles[0]}")
        hint = "enter counts by this column too   esc leaves it as it is"
        place = await self.app.push_screen_wait(ChooseDialog("Second column", [*map(Content, titles)], hint))
        if place is not None:
            order = "" if self._shown.order.endswith("value2") else self._shown.order
            self._shown = replace(self._shown, by=tuple(dict.fromkeys((by[0], names[place]))), order=order)
            self._count()

    @work
    async def action_save(self) -> None:
        """Save the grouping as a view."""
        await self._save(self._query)

    @work
    async def action_copy_command(self) -> None:
        await self._copy(self._query)

    @property
    def _query(self) -> Query:
        """What the page shows, with the order of the groups in place of that of the rows."""
        order = self._shown.order
        sort = (order,) if order.removeprefix("-") in ORDERS else ()
        return self._shown.query._replace(by=self._shown.by, sort=sort)

    def on_key(self, event: events.Key) -> None:
        """Leave the page for an action of the list on marked rows; say of others where they work."""
        action, pane = list_action(self, event), self._shown.query.pane
        if action is not None and action.acts_on_marks and action.works_in(pane):
            event.stop()
            if self._ctx.marks.of(pane):
                self.dismiss(action.id)
            else:
                self.notify(f"{action.title} acts on marked rows: space marks those of a group.")
        else:
            say_where_it_works(self, event)

    @on(RecordList.MarksChanged)
    async def _mark(self, event: RecordList.MarksChanged) -> None:
        """Mark the rows of the groups."""
        found, query, by = self._found, self._shown.query, self._shown.by
        if found is None:
            return
        places = event.row_ids or range(len(found.groups))
        keys = {found.groups[place].keys for place in places}
        now = self._ctx.now()
        try:
            records = await self._ctx.store.query(lambda reader: records_in(reader, query, by, now, keys))
        except _UNREADABLE as error:
            self._say_unreadable(error)
            self._show_marks()
            self._draw(self._rows.row_id)
            return
        if self._generation != self._ctx.store.generation:
            self._count()
            self.notify("Nothing was marked: a newer snapshot is being counted. Try again.", severity="warning")
            return
        self._ctx.marks.put(query.pane, records, event.on)
        self._count_marked()
        total = len(self._ctx.marks.of(query.pane))
        words = f"{counted(len(records), *self._pane_words)} {'marked' if event.on else 'unmarked'}"
        self._say(f"{words}, {total:,} marked in all. The keys of the list act on them." if total else f"{words}.")

    def action_back(self) -> None:
        if self._rows.marks.has_range:
            self._rows.marks.cancel_range()
            self.notify("Range selection cancelled.")
        else:
            self.dismiss(None)

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(None, self.PLACE))


def _scopes_of(found: Groups, group: Group) -> tuple[Scope, ...]:
    return tuple(
        Scope(f"{title}: {value.text}", value.condition)
        for title, value in zip(found.titles, group.values, strict=True)
    )


def rows_of(query: Query, found: Groups, group: Group) -> Query:
    """Return the query for the rows of a group, with its values as scopes: their conditions may be long."""
    return query._replace(scopes=(*query.scopes, *_scopes_of(found, group)))
