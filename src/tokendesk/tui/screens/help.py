"""The help page: keys, findings and filter language, from their tables. Typing filters it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from tokendesk.filtering.reference import SYNTAX, reference, takes
from tokendesk.model.text import fold
from tokendesk.tui.actions import GROUPS, Action
from tokendesk.tui.base_screens import Dialog
from tokendesk.tui.keymap import actions_of
from tokendesk.views.panes import Pane

_NAME, _SECOND = 16, 20


class _Entry(NamedTuple):
    """A line: key or name, title or example, help."""

    name: str
    second: str
    help: str


class HelpScreen(Dialog[None]):
    CSS_PATH = "dialog.tcss"
    BINDINGS = [
        Binding("escape,f1", "dismiss(None)", "Close", show=False),
        Binding("down", "scroll(1)", "Down", show=False, priority=True),
        Binding("up", "scroll(-1)", "Up", show=False, priority=True),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", show=False, priority=True),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False, priority=True),
    ]

    def __init__(self, pane: Pane | None, place: str = "screen") -> None:
        super().__init__()
        self._pane = pane
        self._places = {place} if place in ("triage", "overview") else {place, "list"}

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(f"Help on {self._pane.title}" if self._pane else "Help")
            dialog.border_subtitle = Content("↑ ↓ pgup pgdn scroll · esc close")
            yield Input(placeholder="type to narrow: mark, sort, policy, idle …", id="help-filter", compact=True)
            with VerticalScroll(can_focus=False):
                yield Static(id="help-text", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def on_input_changed(self) -> None:
        self._draw()
        self._page.scroll_home(animate=False)

    @property
    def _page(self) -> VerticalScroll:
        return self.query_one(VerticalScroll)

    def action_scroll(self, step: int) -> None:
        self._page.scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        self._page.scroll_relative(y=step * max(1, self._page.size.height - 2), animate=False)

    def _draw(self) -> None:
        words = fold(self.query_one(Input).value).split()
        text = self.query_one("#help-text", Static)
        width = max(40, text.content_size.width)
        lines: list[Content] = []
        for title, entries in self._sections():
            found = [entry for entry in entries if all(word in fold(" ".join((title, *entry))) for word in words)]
            if found:
                lines += [Content(""), Content.styled(title.upper(), "bold $text-accent")]
                lines += [line for entry in found for line in _draw(entry, width)]
        if not lines:
            lines = [Content(""), Content.styled("  No help matches. Delete a letter.", "$muted")]
        text.update(Content("\n").join(lines[1:]))

    def _sections(self) -> Iterator[tuple[str, Sequence[_Entry]]]:
        table = actions_of(self.app)
        for group, title in GROUPS.items():
            yield title, [_of_key(key) for key in table if key.group == group and self._places & set(key.contexts)]
        if self._pane is not None:
            yield from _about(self._pane)


def _about(pane: Pane) -> Iterator[tuple[str, Sequence[_Entry]]]:
    """Yield what is specific to a pane: its findings, the fields of its filter."""
    yield (
        f"Findings of {pane.many}",
        [
            _Entry(finding.short if finding.in_rows else "", finding.title, f"the same as {finding.filter}")
            for finding in pane.findings
        ],
    )
    yield "The filter", [_Entry(row.name, row.example, row.help) for row in SYNTAX]
    fields = pane.fields
    yield (
        f"Fields of {pane.many}",
        [_Entry(row.name, row.example, row.help) for row in reference(fields) if ":" not in row.name],
    )
    yield (
        f"Values of the fields of {pane.many}",
        [_Entry(field.name, "takes", takes(field)) for field in fields.fields if field.values],
    )
    yield (
        f"What {pane.many} are or have",
        [_Entry("", row.name, row.help) for row in reference(fields) if ":" in row.name],
    )


def _of_key(key: Action) -> _Entry:
    return _Entry(key.shown_keys, key.title, key.help)


def _draw(entry: _Entry, width: int) -> Iterator[Content]:
    """Draw the help to the right of name and title if there is room, else below."""
    left = Content.assemble(
        (f"  {entry.name:<{_NAME}} ", "bold"), (f"{entry.second:<{_SECOND}} " if entry.second else "", "")
    )
    edge = _NAME + _SECOND + 4
    if width - edge >= 24:
        left = left.pad_right(max(0, edge - left.cell_length))
        for line in Content.styled(entry.help, "$muted").wrap(width - max(edge, left.cell_length)):
            yield Content.assemble(left, line)
            left = Content(" " * edge)
        return
    yield left
    for line in Content.styled(entry.help, "$muted").wrap(width - 6):
        yield Content.assemble("      ", line)
