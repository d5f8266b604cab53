"""A dialog to choose a policy by a few letters of its name."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from tokendesk.model.text import fold
from tokendesk.tui.screens.suggest import PickDialog
from tokendesk.tui.widgets.columns import fit_columns, fit_text
from tokendesk.views.columns import Column
from tokendesk.views.policies import PolicyChoice

_COLUMNS = (
    Column[PolicyChoice]("name", "Policy", 14, lambda choice: choice.name, grow=2),
    Column[PolicyChoice]("users", "Users", 7, lambda choice: f"{choice.users:,}", priority=3, right=True),
    Column[PolicyChoice]("tokens", "Tokens", 6, lambda choice: f"{choice.tokens:,}", priority=2, right=True),
    Column[PolicyChoice]("setting", "User API tokens", 18, lambda choice: choice.setting, priority=1),
    Column[PolicyChoice]("remarks", "Remarks", 10, lambda choice: choice.remarks, grow=3, priority=4),
)


class PolicyPicker(PickDialog[str]):
    """Dismisses with the id of the chosen policy, or with None."""

    NOTHING = "No policy matches. Name it in Policies first."

    def __init__(self, title: str, hint: str, policies: Sequence[PolicyChoice]) -> None:
        super().__init__(title, hint, Input(placeholder="a few letters of its name or remarks"))
        self._policies = policies

    def header(self) -> ComposeResult:
        yield Static("", id="policy-header", markup=False)

    def matching(self, text: str, width: int) -> list[tuple[str, Content]]:
        ranked = [(rank, choice) for choice in self._policies if (rank := _rank(fold(text), choice)) is not None]
        found = [choice for _, choice in sorted(ranked, key=lambda pair: pair[0])]
        cells = [[column.text(choice) for column in _COLUMNS] for choice in found]
        titles = [column.title for column in _COLUMNS]
        natural = [max(map(cell_len, texts)) for texts in zip(titles, *cells, strict=True)]
        widths = fit_columns(_COLUMNS, natural, width)
        self.query_one("#policy-header", Static).update(Content.styled(_format_row(titles, widths), "bold $muted"))
        return [(choice.policy_id, Content(_format_row(row, widths))) for choice, row in zip(found, cells, strict=True)]


def _format_row(cells: Sequence[str], widths: Sequence[tuple[int, int]]) -> str:
    return "  " + "  ".join(fit_text(cells[i], width, right=_COLUMNS[i].right) for i, width in widths)


def _rank(text: str, choice: PolicyChoice) -> int | None:
    """Return how well a policy matches, 0 the best, or None: prefix, substring, letters in this order."""
    name = fold(choice.name)
    if name.startswith(text):
        return 0
    if text in name:
        return 1
    if text in fold(choice.remarks) or choice.policy_id.startswith(text):
        return 2
    letters = iter(name)
    return 3 if all(letter in letters for letter in text.replace(" ", "")) else None
