"""The scope pane: everything, policies, findings, decisions and saved filters, with counts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tokendesk.model.text import printable
from tokendesk.tui.widgets.columns import fit_text
from tokendesk.views.query import Scope

if TYPE_CHECKING:
    from tokendesk.views.counts import Counts, ScopeCount


class ScopePane(OptionList):
    """Posts `Picked` with the chosen scope; None is everything."""

    class Picked(Message):
        def __init__(self, scope: Scope | None) -> None:
            super().__init__()
            self.scope = scope

    def __init__(self) -> None:
        super().__init__(markup=False, compact=True)
        self._counted: list[ScopeCount | str] = []
        self._current: Scope | None = None

    def on_resize(self) -> None:
        self._draw(self._current)

    def show(self, counts: "Counts", current: Scope | None, saved: Mapping[str, str]) -> None:
        from tokendesk.views.counts import ScopeCount

        lines: list[ScopeCount | str] = [counts.everything]
        if counts.policies:
            lines += ["POLICIES", *counts.policies]
        if counts.findings:
            lines += ["FINDINGS", *counts.findings]
        if counts.decisions:
            lines += ["DECISIONS", *counts.decisions]
        if saved:
            lines += ["SAVED", *(ScopeCount(Scope(name, text), name, None) for name, text in saved.items())]
        self._counted = lines
        self._draw(current)

    def _draw(self, current: Scope | None) -> None:
        self._current = current
        width = max(8, self.scrollable_content_region.width)
        before = self.highlighted
        self.clear_options()
        self.add_options(
            Option(_format_row(line, width, current), disabled=isinstance(line, str)) for line in self._counted
        )
        self.highlighted = before if before is not None and before < len(self._counted) else 0

    def mark_current(self, current: Scope | None) -> None:
        """Highlight the scope of the list."""
        self._draw(current)
        for number, line in enumerate(self._counted):
            if not isinstance(line, str) and line.scope == current:
                self.highlighted = number

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        line = self._counted[event.option_index]
        if not isinstance(line, str):
            self.post_message(self.Picked(line.scope))


def _format_row(line: "ScopeCount | str", width: int, current: Scope | None) -> Content:
    if isinstance(line, str):
        return Content.styled(fit_text(line, width), "$muted bold")
    count = "" if line.count is None else f"{line.count:,}"
    title = fit_text(printable(line.title), max(1, width - len(count) - 1))
    style = ""
    if line.scope == current:
        style = "bold $text-accent"
    elif line.count == 0:
        style = "$faint"
    elif line.urgent:
        style = "$text-error"
    return Content.styled(f"{title} {count}", style)
