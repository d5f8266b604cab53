"""The scope pane: everything, saved views, policies, findings, decisions and tags, with counts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tokendesk.model.text import printable
from tokendesk.tui.widgets.choice_list import ChoiceList
from tokendesk.tui.widgets.columns import fit_text
from tokendesk.views.query import Query, Scope

if TYPE_CHECKING:
    from tokendesk.tui.saved_views import SavedView
    from tokendesk.views.counts import Counts, ScopeCount


class _Kind(Enum):
    HEADING = 0
    SCOPE = 1
    VIEW = 2
    FOLD = 3
    """Shows or hides the entries of a section that no row has."""


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: _Kind
    section: str
    title: str
    count: int | None = None
    urgent: bool = False
    target: Scope | Query | None = None

    @property
    def identity(self) -> tuple[_Kind, str, Scope | Query | None]:
        return self.kind, self.section, self.target

    def is_current(self, query: Query) -> bool:
        """Whether it is what `query` shows."""
        if self.kind is _Kind.VIEW:
            return self.target == query
        return self.kind is _Kind.SCOPE and self.target == (query.scopes[0] if query.scopes else None)


class ScopePane(ChoiceList):
    """Posts `Picked` with what was chosen."""

    class Picked(Message):
        """`picked`: a scope, the query of a view, or None for everything."""

        def __init__(self, picked: Scope | Query | None) -> None:
            super().__init__()
            self.picked = picked

    def __init__(self) -> None:
        super().__init__()
        self._sections: dict[str, Sequence[_Entry]] = {}
        self._unfolded: set[str] = set()
        self._entries: list[_Entry] = []
        self._query = Query("")

    def on_resize(self) -> None:
        self._draw()

    def on_focus(self) -> None:
        if self.highlighted is None:
            self.action_first()

    def show(self, counts: "Counts", query: Query, views: Sequence["SavedView"]) -> None:
        """`query`: the one on screen; `views`: those of its pane."""
        if query.pane != self._query.pane:
            self._unfolded.clear()
        findings = "CHANGES" if query.pane == "changes" else "FINDINGS"
        policies = "KINDS" if query.pane == "credentials" else "POLICIES"
        self._sections = {
            "": _scopes("", (counts.everything,)),
            "VIEWS": [_Entry(_Kind.VIEW, "VIEWS", printable(view.name), target=view.query) for view in views],
            policies: _scopes(policies, counts.policies),
            findings: _scopes(findings, counts.findings),
            "RENEWALS": _scopes("RENEWALS", counts.renewals),
            "DECISIONS": _scopes("DECISIONS", counts.decisions),
            "TAGS": _scopes("TAGS", counts.tags),
        }
        self._query = query
        self._draw()

    def _draw(self) -> None:
        width = max(8, self.scrollable_content_region.width)
        before = self._entries[self.highlighted].identity if self.highlighted is not None else None
        self._entries = [entry for title in self._sections for entry in self._entries_of(title)]
        self.clear_options()
        self.add_options(
            Option(_format_entry(entry, width, self._query), disabled=entry.kind is _Kind.HEADING)
            for entry in self._entries
        )
        places = (place for place, entry in enumerate(self._entries) if entry.identity == before)
        self.highlighted = next(places, 0)

    def _entries_of(self, title: str) -> Iterator[_Entry]:
        entries = self._sections[title]
        if title and entries:
            yield _Entry(_Kind.HEADING, title, title)
        counted = [entry for entry in entries if entry.count != 0 or entry.is_current(self._query)]
        is_unfolded = title in self._unfolded
        yield from entries if is_unfolded else counted
        if len(counted) < len(entries):
            words = "… hide zeros" if is_unfolded else f"… {len(entries) - len(counted)} more"
            yield _Entry(_Kind.FOLD, title, words, None if is_unfolded else 0)

    def mark_current(self, query: Query) -> None:
        """Highlight the scope of the list."""
        self._query = query
        self._draw()
        for place, entry in enumerate(self._entries):
            if entry.is_current(query):
                self.highlighted = place

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        entry = self._entries[event.option_index]
        if entry.kind is _Kind.FOLD:
            self._unfolded ^= {entry.section}
            self._draw()
        else:
            self.post_message(self.Picked(entry.target))


def _scopes(section: str, counts: "Iterable[ScopeCount]") -> Sequence[_Entry]:
    return [_Entry(_Kind.SCOPE, section, printable(each.title), each.count, each.urgent, each.scope) for each in counts]


def _format_entry(entry: _Entry, width: int, query: Query) -> Content:
    count = "" if entry.count is None else f"{entry.count:,}"
    title = fit_text(entry.title, max(1, width - len(count) - 1)) if count else fit_text(entry.title, width)
    return Content.styled(f"{title} {count}" if count else title, _style_of(entry, query))


def _style_of(entry: _Entry, query: Query) -> str:
    if entry.kind is _Kind.HEADING:
        return "$muted bold"
    if entry.is_current(query):
        return "bold $text-accent"
    if entry.count == 0 or entry.kind is _Kind.FOLD:
        return "$faint"
    return "$text-error" if entry.urgent else ""
