"""Draws the lines around the list: title, panes, counts, available keys."""

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from textual.content import Content

from tokendesk.model.findings import Finding
from tokendesk.model.text import printable
from tokendesk.tui.actions import ACTIONS, Action
from tokendesk.tui.context import AppContext
from tokendesk.tui.widgets.filter_bar import FilterBar
from tokendesk.tui.widgets.lines import KeyBar, TabsLine, TitleLine
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.views.own_key import own_key_warning
from tokendesk.views.query import PANES, Query


class BrowserStatus:
    """`query` returns the query on screen."""

    def __init__(
        self,
        ctx: AppContext,
        query: Callable[[], Query],
        *,
        rows: RecordList,
        filter_bar: FilterBar,
    ) -> None:
        self._ctx = ctx
        self._query = query
        self._rows, self._filter_bar = rows, filter_bar
        self.title, self.tabs, self.keys = TitleLine(id="title"), TabsLine(id="tabs"), KeyBar(id="keys")

    def draw_title(self) -> None:
        ctx, query = self._ctx, self._query()
        reader = ctx.store.ui_reader
        info, pane = reader.info, reader.panes[query.pane]
        path = [ctx.org_title, pane.title]
        chips = [printable(scope.title) for scope in query.scopes]
        self._filter_bar.show_scopes(chips)
        if query.filter:
            from tokendesk.filtering.format import conditions

            chips += [printable(chip.text) for chip in conditions(query.filter, pane.fields)]
        right = ctx.source_label
        if ctx.connection.is_connecting:
            right = right.partition(" · ")[2]  # not known yet whether this is the live organization
        tone = ""
        missing = []
        if info:
            missing.append(info.unread_users)
            missing.append(info.unknown_policies_label or ("policies unknown" if info.policies_problem else ""))
            missing.append("not all lists read" if query.pane == "credentials" and info.credentials_problem else "")
            missing.append(own_key_warning(reader, None if ctx.settings.is_demo else ctx.settings.key_label, ctx.now()))
        if any(missing):
            where, *others = right.split(" · ")  # what has no room falls off at the end
            right, tone = " · ".join(filter(None, (where, *reversed(missing), *others))), "$text-warning"
        self.title.set_parts(path, right, tone, chips)

    def draw_tabs(self) -> None:
        reader = self._ctx.store.ui_reader
        tabs = [(name, reader.panes[name].title, reader.living(reader.panes[name])) for name in PANES]
        self.tabs.set_tabs(tabs, self._query().pane)

    def set_goal(self, words: str) -> None:
        self.tabs.set_goal(words)

    def say_count(self, count: int | None) -> None:
        """`count`: the number of rows shown; None while counting."""
        query, reader = self._query(), self._ctx.store.ui_reader
        total = reader.count(reader.panes[query.pane])
        shown = "…" if count is None else f"{count:,}"
        gone = reader.revoked() if query.pane == "tokens" and count == total else 0
        everything = f"{total - gone:,} · {gone:,} revoked" if gone else shown
        self._rows.border_subtitle = Content(everything if count == total else f"{shown} of {total:,}")
        marks = self.marks_label() if count is not None else ""
        of_total = f"{shown} of {total:,}" if query.filter else ""
        self._filter_bar.say("   ".join(filter(None, (marks, of_total))))
        if count is not None:
            self.draw_keys()

    def say_found(self, count: int) -> None:
        """Say in the filter line how many rows match, before their ids are known. The list is not drawn again."""
        query, reader = self._query(), self._ctx.store.ui_reader
        if query.filter:
            self._filter_bar.say(f"{count:,} of {reader.count(reader.panes[query.pane]):,}")

    def say(self, words: str, *, wrong: bool = False) -> None:
        self._filter_bar.say("   ".join(filter(None, (self.marks_label(), words))), wrong=wrong)

    def say_wrong(self, words: str, *, wrong: bool) -> None:
        """Show why the filter cannot be parsed; in the key bar if the filter line is too narrow for it."""
        self.say(words, wrong=wrong)
        is_too_long = self._filter_bar.is_typing and cell_len(words) > self._filter_bar.room
        if is_too_long and (wrong or not self.keys.shows_completion):
            tone = "$text-error" if wrong else ""
            self.keys.show_completion(Content.assemble((" ! ", "bold $text-error"), (words, tone)))

    def offer(self, words: Content | None) -> None:
        """Show the completions in place of the key bar."""
        self.keys.show_completion(words)

    def explain(self, findings: Sequence[Finding] | None) -> None:
        """Say in place of the key bar what the codes of a row mean; None shows the keys again."""
        if findings is None:
            self.keys.show_completion(None)
            return
        parts: list[tuple[str, str]] = []
        for finding in findings:
            parts += [(f"  {finding.short}", "bold $accent"), (f"  {finding.title} ", "$muted")]
        self.keys.show_completion(Content.assemble(*parts or [("  This row has no findings.", "$muted")]))

    def draw_keys(self) -> None:
        """Show the keys available in this pane, and how many rows m would move."""
        query = self._query()
        marks = self.marks_label() if query.pane in ("tokens", "users") else ""
        self.keys.set_state(
            off={"pull.start"} if self._ctx.connection.access is None else (),
            away={action.id for action in ACTIONS if action.bar_order and not _is_in_bar(action, query)},
            titles={"move.users": f"Move {marks}"} if marks else {},
        )

    def marks_label(self) -> str:
        marked = self._rows.marks.row_ids
        shown = marked.intersection(self._rows.ids) if marked else ()
        return self._ctx.marks.words(self._query().pane, len(shown))


def _is_in_bar(action: Action, query: Query) -> bool:
    """Those of renewals are, where the filter is about these."""
    wanted = not action.id.startswith("renewal.") or any("renewal" in text for text in query.filters())
    return wanted and action.is_in_bar(query.pane)
