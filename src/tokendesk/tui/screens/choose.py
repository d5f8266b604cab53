"""A dialog to choose one of a few options."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from tokendesk.tui.base_screens import Dialog
from tokendesk.tui.widgets.choice_list import ChoiceList


class ChooseDialog(Dialog[int | None]):
    """Dismisses with the index of the chosen option, or with None. `current`: the index highlighted first."""

    CSS_PATH = "dialog.tcss"
    BINDINGS = [
        Binding("escape,q", "dismiss(None)", "Cancel", show=False),
        *(Binding(str(number), f"choose({number - 1})", show=False) for number in range(1, 10)),
    ]

    def __init__(self, title: str, options: Sequence[Content], keys: str, current: int = 0) -> None:
        super().__init__()
        self._title, self._options, self._keys, self._current = title, options, keys, current

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(self._title)
            yield ChoiceList(*self._options)
            yield Static(self._keys, markup=False, classes="dialog-hint")

    def on_mount(self) -> None:
        options = self.query_one(ChoiceList)
        options.highlighted = self._current
        options.focus()

    def action_choose(self, place: int) -> None:
        if place < len(self._options):
            self.dismiss(place)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_index)
