"""A list of row groups and warnings of a plan or run, to choose which rows are shown."""

from collections.abc import Sequence

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tokendesk.model.text import printable
from tokendesk.tui.widgets.columns import fit_text
from tokendesk.tui.widgets.facts import TONES, draw_in_two_columns
from tokendesk.views.facts import Fact
from tokendesk.views.plan_groups import RowGroup


class GroupList(OptionList):
    """Posts `Picked` with the chosen group."""

    class Picked(Message):
        def __init__(self, group: RowGroup) -> None:
            super().__init__()
            self.group = group

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id, markup=False, compact=True)
        self._shown: list[RowGroup | Fact | str] = []
        self._current = ""

    def show(
        self, counts: Sequence[RowGroup], warnings: Sequence[RowGroup], current: str, notes: Sequence[Fact] = ()
    ) -> None:
        """Show the groups, then `notes` that cannot be chosen; `current` names the group whose rows are shown."""
        self._shown = [*counts]
        if warnings:
            self._shown += ["", f"{len(warnings)} WARNING{'S' if len(warnings) > 1 else ''}", *warnings]
        if notes:
            self._shown += ["", *notes]
        self._current = current
        self._draw()

    def mark(self, current: str) -> None:
        """Show which group's rows are on screen."""
        self._current = current
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width = self.scrollable_content_region.width
        if not width:
            return  # before the first layout, which resizes it
        width = max(10, width)
        before = self.highlighted
        self.clear_options()
        for line in self._shown:
            self.add_option(
                Option(self._option(line, width), disabled=not isinstance(line, RowGroup) or line.indexes is None)
            )
        if self._shown:
            at = before if before is not None and before < len(self._shown) else 0
            self.highlighted = at if not self.get_option_at_index(at).disabled else 0

    def _option(self, line: RowGroup | Fact | str, width: int) -> Content:
        if isinstance(line, str):
            return Content.styled(line, "$text-warning bold")
        if isinstance(line, Fact):
            return Content("\n").join(draw_in_two_columns(line, width))
        style = "bold $text-accent" if line.name == self._current else TONES.get(line.tone, "")
        if line.name.startswith("warning:"):
            words = Content("\n").join(Content.styled(printable(line.title), style).wrap(width - 2))
            lines = words.split("\n")
            return Content("\n").join(
                Content.assemble(("! " if n == 0 else "  ", "$text-warning"), each) for n, each in enumerate(lines)
            )
        count = f"{len(line.indexes or ()):,}"
        indent = "  " * line.level
        title = printable(line.title)
        room = width - len(count) - 1 - len(indent)
        wrapped = [part.plain for part in Content(title).wrap(room)] or [""]
        first = f"{indent}{fit_text(wrapped[0], room)} {count}"
        return Content.styled("\n".join([first, *(f"{indent}  {more}" for more in wrapped[1:])]), style)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        line = self._shown[event.option_index]
        if isinstance(line, RowGroup):
            self.post_message(self.Picked(line))
