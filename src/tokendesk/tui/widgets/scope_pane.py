"""The scope pane: everything, saved views, policies, findings, decisions and tags, with counts."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tokendesk.model.text import printable
from tokendesk.tui.widgets.columns import fit_text
from tokendesk.views.query import Query, Scope

if TYPE_CHECKING:
    from tokendesk.tui.saved_views import SavedView
    from tokendesk.views.counts import Counts, ScopeCount


class _Folded(NamedTuple):
    """The entries of a section that no row has, as one line."""

    section: str
    entries: int


class ScopePane(OptionList):
    """Posts `Picked` with what was chosen."""

    BINDINGS = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("g", "first", show=False),
        Binding("G", "last", show=False),
    ]

    class Picked(Message):
        """`picked`: a scope, the query of a view, or None for everything."""

        def __init__(self, picked: Scope | Query | None) -> None:
            super().__init__()
            self.picked = picked

    def __init__(self) -> None:
        super().__init__(markup=False, compact=True)
        self._sections: dict[str, Sequence[ScopeCount | SavedView]] = {}
        self._unfolded: set[str] = set()
        self._entries: list[ScopeCount | SavedView | _Folded | str] = []
        self._query = Query("")

    def on_resize(self) -> None:
        self._draw()

    def on_focus(self) -> None:
        if self.highlighted is None:
            self.action_first()

    def show(self, counts: "Counts", query: Query, views: Sequence["SavedView"]) -> None:
        """`query`: the one on screen; `views`: those of its pane."""
        self._sections = {
            "": (counts.everything,),
            "VIEWS": views,
            "POLICIES": counts.policies,
            "CHANGES" if query.pane == "changes" else "FINDINGS": counts.findings,
            "DECISIONS": counts.decisions,
            "TAGS": counts.tags,
        }
        self._query = query
        self._draw()

    def _draw(self) -> None:
        width = max(8, self.scrollable_content_region.width)
        before = self.highlighted
        self._entries = [line for title in self._sections for line in self._lines_of(title)]
        self.clear_options()
        self.add_options(
            Option(_format_row(line, width, self._query), disabled=isinstance(line, str)) for line in self._entries
        )
        self.highlighted = before if before is not None and before < len(self._entries) else 0

    def _lines_of(self, title: str) -> "Iterator[ScopeCount | SavedView | _Folded | str]":
        entries = self._sections[title]
        if title and entries:
            yield title
        is_unfolded = title in self._unfolded
        shown = [entry for entry in entries if is_unfolded or _count(entry) != 0 or _is_current(entry, self._query)]
        yield from shown
        if len(shown) < len(entries):
            yield _Folded(title, len(entries) - len(shown))

    def mark_current(self, query: Query) -> None:
        """Highlight the scope of the list."""
        self._query = query
        self._draw()
        for number, line in enumerate(self._entries):
            if _is_current(line, query):
                self.highlighted = number

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        line = self._entries[event.option_index]
        if isinstance(line, _Folded):
            self._unfolded.add(line.section)
            self._draw()
        elif isinstance(line, tuple):
            self.post_message(self.Picked(line.query))
        elif not isinstance(line, str):
            self.post_message(self.Picked(line.scope))


def _count(entry: "ScopeCount | SavedView") -> int | None:
    return None if isinstance(entry, tuple) else entry.count


def _is_current(line: "ScopeCount | SavedView | _Folded | str", query: Query) -> bool:
    if isinstance(line, str | _Folded):
        return False
    if isinstance(line, tuple):
        return line.query == query
    return line.scope == (query.scopes[0] if query.scopes else None)


def _format_row(line: "ScopeCount | SavedView | _Folded | str", width: int, query: Query) -> Content:
    if isinstance(line, str):
        return Content.styled(fit_text(line, width), "$muted bold")
    if isinstance(line, _Folded):
        return Content.styled(f"{fit_text(f'… {line.entries} more', width - 2)} 0", "$faint")
    style = "bold $text-accent" if _is_current(line, query) else ""
    if isinstance(line, tuple):
        return Content.styled(fit_text(printable(line.name), width), style)
    count = "" if line.count is None else f"{line.count:,}"
    title = fit_text(printable(line.title), max(1, width - len(count) - 1))
    if not style:
        style = "$faint" if line.count == 0 else "$text-error" if line.urgent else ""
    return Content.styled(f"{title} {count}", style)
