"""Chooses one policy: a few letters of its name are enough."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tokendesk.model.text import fold
from tokendesk.tui.leaving import ModalScreen
from tokendesk.tui.widgets.columns import ListColumn, fit_columns, fit_text
from tokendesk.views.policies import PolicyChoice

_COLUMNS = (
    ListColumn("name", "Policy", 14, grow=2),
    ListColumn("users", "Users", 7, priority=3, right=True),
    ListColumn("tokens", "Tokens", 6, priority=2, right=True),
    ListColumn("setting", "User API tokens", 18, priority=1),
    ListColumn("remarks", "Remarks", 10, grow=3, priority=4),
)


class PolicyPicker(ModalScreen[str | None]):
    """Dismisses with the id of the policy that was chosen, or with None."""

    CSS_PATH = "dialog.tcss"
    BINDINGS = [
        Binding("escape", "dismiss(None)", "Cancel", show=False),
        Binding("up,ctrl+p", "step(-1)", "Up", show=False),
        Binding("down,ctrl+n", "step(1)", "Down", show=False),
    ]

    def __init__(self, title: str, hint: str, policies: Sequence[PolicyChoice]) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._policies = policies
        self._shown: list[PolicyChoice] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(self._title)
            yield Static(self._hint, markup=False, classes="dialog-hint")
            yield Input(placeholder="a few letters of its name or remarks")
            yield Static("", id="policy-header", markup=False)
            options = OptionList(id="policy-list", markup=False, compact=True)
            options.can_focus = False
            yield options
            yield Static("↑ ↓ step   enter Choose   esc Cancel", markup=False, classes="dialog-hint")

    def on_mount(self) -> None:
        self._match("")

    def on_resize(self) -> None:
        self._match(self.query_one(Input).value)

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        self._match(event.value)

    def _match(self, text: str) -> None:
        options = self.query_one(OptionList)
        ranked = [(rank, choice) for choice in self._policies if (rank := _rank(fold(text), choice)) is not None]
        self._shown = [choice for _, choice in sorted(ranked, key=lambda pair: pair[0])]
        cells = [_cells(choice) for choice in self._shown]
        titles = [column.title for column in _COLUMNS]
        natural = [max(cell_len(row[i]) for row in [titles, *cells]) for i in range(len(_COLUMNS))]
        widths = fit_columns(_COLUMNS, natural, max(20, options.scrollable_content_region.width or 70))
        self.query_one("#policy-header", Static).update(Content.styled(_line(titles, widths), "bold $muted"))
        options.clear_options()
        options.add_options(Option(Content(_line(row, widths))) for row in cells)
        if not cells:
            options.add_option(
                Option(Content.styled("  No policy matches. Name it in Policies first.", "$muted"), disabled=True)
            )
        options.highlighted = 0 if cells else None

    def action_step(self, step: int) -> None:
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            options.highlighted = max(0, min(options.highlighted + step, len(self._shown) - 1))

    @on(Input.Submitted)
    def _choose(self, event: Input.Submitted) -> None:
        event.stop()
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._shown):
            self.dismiss(self._shown[at].policy_id)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._shown[event.option_index].policy_id)


def _cells(choice: PolicyChoice) -> list[str]:
    return [choice.name, f"{choice.users:,}", f"{choice.tokens:,}", choice.setting, choice.remarks]


def _line(cells: Sequence[str], widths: Sequence[tuple[int, int]]) -> str:
    return "  " + "  ".join(fit_text(cells[i], width, right=_COLUMNS[i].right) for i, width in widths)


def _rank(text: str, choice: PolicyChoice) -> int | None:
    """Return how well a policy fits, 0 the best, or None: begins with, contains, has the letters in this order."""
    name = fold(choice.name)
    if name.startswith(text):
        return 0
    if text in name:
        return 1
    if text in fold(choice.remarks) or choice.policy_id.startswith(text):
        return 2
    letters = iter(name)
    return 3 if all(letter in letters for letter in text.replace(" ", "")) else None
