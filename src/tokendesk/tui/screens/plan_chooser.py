"""Chooses one of several plans that decisions ask for."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tokendesk.model.plan import Plan, summary
from tokendesk.model.text import clean
from tokendesk.tui.leaving import ModalScreen
from tokendesk.views.plan_groups import headline


class PlanChooser(ModalScreen[Plan | None]):
    """Dismisses with the plan to review, or with None."""

    CSS_PATH = "dialog.tcss"
    BINDINGS = [
        Binding("escape", "dismiss(None)", "Cancel", show=False),
        Binding("j", "step(1)", "Down", show=False),
        Binding("k", "step(-1)", "Up", show=False),
    ]

    def __init__(self, plans: Sequence[Plan]) -> None:
        super().__init__()
        self._plans = plans

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content("Plans that the decisions ask for")
            yield OptionList(
                *(
                    Option(Content.assemble((clean(headline(plan)), "bold"), "\n", (f"  {summary(plan)}", "$muted")))
                    for plan in self._plans
                ),
                id="plan-list",
                markup=False,
                compact=True,
            )
            yield Static("↑ ↓ step   enter Review   esc Cancel", markup=False, classes="dialog-hint")

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def action_step(self, step: int) -> None:
        options = self.query_one(OptionList)
        (options.action_cursor_down if step > 0 else options.action_cursor_up)()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._plans[event.option_index])
