"""The counts and warnings of a plan or run: each shows only its rows when chosen."""

from collections.abc import Sequence

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tokendesk.model.text import printable
from tokendesk.tui.widgets.columns import fit_text
from tokendesk.tui.widgets.facts import TONES, beside
from tokendesk.views.facts import Fact
from tokendesk.views.plan_groups import RowGroup


class PartList(OptionList):
    """Posts `Picked` with the part of the line that was chosen."""

    class Picked(Message):
        def __init__(self, part: RowGroup) -> None:
            super().__init__()
            self.part = part

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id, markup=False, compact=True)
        self._told: list[RowGroup | Fact | str] = []
        self._current = ""

    def show(
        self, counts: Sequence[RowGroup], warnings: Sequence[RowGroup], current: str, notes: Sequence[Fact] = ()
    ) -> None:
        """Show the parts, then `notes` that cannot be chosen; `current` names the part whose rows are on screen."""
        self._told = [*counts]
        if warnings:
            self._told += ["", f"{len(warnings)} WARNING{'S' if len(warnings) > 1 else ''}", *warnings]
        if notes:
            self._told += ["", *notes]
        self._current = current
        self._draw()

    def mark(self, current: str) -> None:
        """Show which part's rows are on screen."""
        self._current = current
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width = max(10, self.scrollable_content_region.width)
        before = self.highlighted
        self.clear_options()
        for line in self._told:
            self.add_option(
                Option(self._option(line, width), disabled=not isinstance(line, RowGroup) or line.places is None)
            )
        if self._told:
            at = before if before is not None and before < len(self._told) else 0
            self.highlighted = at if not self.get_option_at_index(at).disabled else 0

    def _option(self, line: RowGroup | Fact | str, width: int) -> Content:
        if isinstance(line, str):
            return Content.styled(line, "$text-warning bold")
        if isinstance(line, Fact):
            return Content("\n").join(beside(line, width))
        style = "bold $text-accent" if line.name == self._current else TONES.get(line.tone, "")
        if line.name.startswith("warning:"):
            words = Content("\n").join(Content.styled(printable(line.title), style).wrap(width - 2))
            lines = words.split("\n")
            return Content("\n").join(
                Content.assemble(("! " if n == 0 else "  ", "$text-warning"), each) for n, each in enumerate(lines)
            )
        count = f"{len(line.places or ()):,}"
        indent = "  " * line.level
        title = printable(line.title)
        room = width - len(count) - 1 - len(indent)
        wrapped = [part.plain for part in Content(title).wrap(room)] or [""]
        first = f"{indent}{fit_text(wrapped[0], room)} {count}"
        return Content.styled("\n".join([first, *(f"{indent}  {more}" for more in wrapped[1:])]), style)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        line = self._told[event.option_index]
        if isinstance(line, RowGroup):
            self.post_message(self.Picked(line))
