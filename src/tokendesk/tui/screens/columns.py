"""A dialog to choose and order the columns of a pane."""

from collections.abc import Collection, Sequence

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, OptionList, Static

from tokendesk.tui.base_screens import Dialog
from tokendesk.tui.widgets.choice_list import ChoiceList
from tokendesk.tui.widgets.columns import fit_text
from tokendesk.views.columns_of_panes import PaneColumn

_TITLE = 18
_AROUND = 10
"""Lines of the dialog around its list, and of the screen around the dialog."""
_HINT = "space Show or hide   J K Move   enter Done   esc Cancel"


class ColumnsDialog(Dialog[tuple[str, ...] | None]):
    """Dismisses with the names of the columns, with none for the default ones, or with None."""

    CSS_PATH = ["dialog.tcss", "form.tcss"]
    BINDINGS = [
        Binding("escape,q", "dismiss(None)", "Cancel", show=False),
        Binding("space", "show_or_hide", "Show or hide", show=False),
        Binding("J,shift+down", "move(1)", "Further right", show=False),
        Binding("K,shift+up", "move(-1)", "Further left", show=False),
    ]

    def __init__(
        self, pane: str, columns: Sequence[PaneColumn], chosen: Sequence[str], without_room: Collection[str]
    ) -> None:
        """`chosen`: the names of the columns to show, in their order; the others follow as they come.

        `without_room`: those that are not on screen now.
        """
        super().__init__()
        self._pane = pane
        self._chosen = set(chosen)
        self._without_room = set(without_room)
        by_name = {column.name: column for column in columns}
        first = [by_name[name] for name in chosen]
        self._columns = [*first, *(column for column in columns if column.name not in self._chosen)]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog form columns-dialog") as dialog:
            dialog.border_title = Content(f"Columns of {self._pane}")
            yield ChoiceList(*map(self._line, self._columns))
            yield Static(_HINT, markup=False, classes="dialog-hint", id="columns-hint")
            with Horizontal(classes="form-buttons"):
                yield Button("Show these", id="show", variant="primary", compact=True)
                yield Button("Default columns", id="defaults", compact=True)

    def on_mount(self) -> None:
        self._list.focus()
        self._list.highlighted = 0

    def on_resize(self) -> None:
        # In CSS, vh makes the dialog as high as all columns.
        self._list.styles.max_height = max(3, self.size.height - _AROUND)

    @property
    def _list(self) -> ChoiceList:
        return self.query_one(ChoiceList)

    def _line(self, column: PaneColumn) -> Content:
        is_chosen = column.name in self._chosen
        words = f"{column.name} (no room now)" if is_chosen and column.name in self._without_room else column.name
        return Content.assemble(
            ("● " if is_chosen else "  ", "$accent"),
            (fit_text(column.title, _TITLE), "" if is_chosen else "$muted"),
            (f" {words}", "$faint"),
        )

    def _draw(self, place: int) -> None:
        self._list.replace_option_prompt_at_index(place, self._line(self._columns[place]))

    def action_show_or_hide(self) -> None:
        place = self._list.highlighted
        if place is not None:
            name = self._columns[place].name
            self._chosen ^= {name}
            self._without_room.discard(name)
            self._draw(place)
            if name in self._chosen and self._without_room & self._chosen:
                self._put_first_what_has_room(name)

    def action_move(self, step: int) -> None:
        place = self._list.highlighted
        if place is not None and 0 <= place + step < len(self._columns):
            columns = self._columns
            self._without_room.discard(columns[place].name)
            columns[place], columns[place + step] = columns[place + step], columns[place]
            self._draw(place)
            self._draw(place + step)
            self._list.highlighted = place + step

    def _put_first_what_has_room(self, name: str) -> None:
        """Order the columns so that the one just added is on screen, too; the cursor stays on it."""
        ranks = {column.name: column.name in self._without_room for column in self._columns}
        self._columns.sort(key=lambda column: ranks[column.name] if column.name in self._chosen else 2)
        for place, column in enumerate(self._columns):
            self._draw(place)
            if column.name == name:
                self._list.highlighted = place

    @on(OptionList.OptionSelected)
    @on(Button.Pressed, "#show")
    def _choose(self) -> None:
        names = tuple(column.name for column in self._columns if column.name in self._chosen)
        if names:
            self.dismiss(names)
        else:
            words = Content.styled("Show at least one column: space shows the one under the cursor.", "$text-warning")
            self.query_one("#columns-hint", Static).update(words)

    @on(Button.Pressed, "#defaults")
    def _choose_defaults(self) -> None:
        self.dismiss(())
