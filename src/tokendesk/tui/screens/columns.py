"""A dialog to choose and order the columns of a pane."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, OptionList, Static

from tokendesk.tui.base_screens import Dialog
from tokendesk.tui.widgets.columns import fit_text
from tokendesk.views.columns_of_panes import PaneColumn

_TITLE = 18


class ColumnsDialog(Dialog[tuple[str, ...] | None]):
    """Dismisses with the names of the columns, with none for the default ones, or with None."""

    CSS_PATH = ["dialog.tcss", "form.tcss"]
    BINDINGS = [
        Binding("escape,q", "dismiss(None)", "Cancel", show=False),
        Binding("space", "show_or_hide", "Show or hide", show=False),
        Binding("j", "step('down')", "Down", show=False),
        Binding("k", "step('up')", "Up", show=False),
        Binding("J,shift+down", "move(1)", "Further right", show=False),
        Binding("K,shift+up", "move(-1)", "Further left", show=False),
    ]

    def __init__(self, pane: str, columns: Sequence[PaneColumn], shown: Sequence[str]) -> None:
        """`shown`: the names of the columns on screen, in their order; the others follow as they come."""
        super().__init__()
        self._pane = pane
        self._shown = set(shown)
        by_name = {column.name: column for column in columns}
        first = [by_name[name] for name in shown]
        self._columns = [*first, *(column for column in columns if column.name not in self._shown)]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog form") as dialog:
            dialog.border_title = Content(f"Columns of {self._pane}")
            yield OptionList(*map(self._line, self._columns), markup=False, compact=True)
            yield Static("space Show or hide   J K Move", markup=False, classes="dialog-hint", id="columns-hint")
            with Horizontal(classes="form-buttons"):
                yield Button("Show these", id="show", variant="primary", compact=True)
                yield Button("Default columns", id="defaults", compact=True)
                yield Static("enter Show these   esc Cancel", markup=False, classes="form-keys")

    def on_mount(self) -> None:
        self._list.focus()
        self._list.highlighted = 0

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    def _line(self, column: PaneColumn) -> Content:
        is_shown = column.name in self._shown
        return Content.assemble(
            ("● " if is_shown else "  ", "$accent"),
            (fit_text(column.title, _TITLE), "" if is_shown else "$muted"),
            (f" {column.name}", "$faint"),
        )

    def _draw(self, place: int) -> None:
        self._list.replace_option_prompt_at_index(place, self._line(self._columns[place]))

    def action_show_or_hide(self) -> None:
        place = self._list.highlighted
        if place is not None:
            self._shown ^= {self._columns[place].name}
            self._draw(place)
            self._list.action_cursor_down()

    async def action_step(self, way: str) -> None:
        await self._list.run_action(f"cursor_{way}")

    def action_move(self, step: int) -> None:
        place = self._list.highlighted
        if place is not None and 0 <= place + step < len(self._columns):
            columns = self._columns
            columns[place], columns[place + step] = columns[place + step], columns[place]
            self._draw(place)
            self._draw(place + step)
            self._list.highlighted = place + step

    @on(OptionList.OptionSelected)
    @on(Button.Pressed, "#show")
    def _choose(self) -> None:
        names = tuple(column.name for column in self._columns if column.name in self._shown)
        if names:
            self.dismiss(names)
        else:
            words = Content.styled("Show at least one column: space shows the one under the cursor.", "$text-warning")
            self.query_one("#columns-hint", Static).update(words)

    @on(Button.Pressed, "#defaults")
    def _choose_defaults(self) -> None:
        self.dismiss(())
