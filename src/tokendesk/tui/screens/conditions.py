"""Asks which of the conditions on screen to drop."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from tokendesk.tui.leaving import ModalScreen


class ConditionsScreen(ModalScreen[int | None]):
    """Dismisses with the number of the condition, or with None."""

    CSS_PATH = "dialog.tcss"
    BINDINGS = [
        Binding("escape,q", "dismiss(None)", "Keep all", show=False),
        Binding("j", "step(1)", show=False),
        Binding("k", "step(-1)", show=False),
        *(Binding(str(number), f"drop({number - 1})", show=False) for number in range(1, 10)),
    ]

    def __init__(self, chips: Sequence[str]) -> None:
        super().__init__()
        self._chips = chips

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content("Drop a condition")
            words = (f"{number}  {chip}" for number, chip in enumerate(self._chips, 1))
            yield OptionList(*(Content(text) for text in words), markup=False, compact=True)
            yield Static("enter or its number drops one   esc keeps all", markup=False, classes="dialog-hint")

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.highlighted = len(self._chips) - 1
        options.focus()

    def action_step(self, step: int) -> None:
        options = self.query_one(OptionList)
        (options.action_cursor_down if step > 0 else options.action_cursor_up)()

    def action_drop(self, number: int) -> None:
        if number < len(self._chips):
            self.dismiss(number)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_index)
