"""A dialog that lists the saved views."""

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from tokendesk.model.text import printable
from tokendesk.tui.base_screens import Dialog
from tokendesk.tui.saved_views import SavedView, describe_view
from tokendesk.tui.widgets.choice_list import ChoiceList
from tokendesk.tui.widgets.columns import fit_text

_HINT = "enter Show   x Delete   esc Cancel"


class ViewsDialog(Dialog[SavedView | None]):
    """Dismisses with the chosen view, or with None. `delete` is called with a view after a second x."""

    CSS_PATH = "dialog.tcss"
    BINDINGS = [
        Binding("escape,q", "dismiss(None)", "Cancel", show=False),
        Binding("x", "delete", "Delete", show=False),
    ]

    def __init__(self, views: Sequence[SavedView], delete: Callable[[SavedView], object]) -> None:
        super().__init__()
        self._views = list(views)
        self._delete = delete
        self._asked: SavedView | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content("Views")
            yield ChoiceList(*map(_line, self._views))
            yield Static(_HINT, markup=False, classes="dialog-hint", id="views-hint")

    def on_mount(self) -> None:
        self._list.focus()
        self._list.highlighted = 0

    @property
    def _list(self) -> ChoiceList:
        return self.query_one(ChoiceList)

    def on_option_list_option_highlighted(self) -> None:
        self._ask(None)

    def _ask(self, view: SavedView | None) -> None:
        self._asked = view
        words = f"x again deletes {printable(view.name)}." if view else _HINT
        self.query_one("#views-hint", Static).update(Content.styled(words, "$text-warning" if view else ""))

    def action_delete(self) -> None:
        place = self._list.highlighted
        if place is None:
            return
        view = self._views[place]
        if view is not self._asked:
            self._ask(view)
            return
        self._delete(view)
        del self._views[place]
        if not self._views:
            self.dismiss(None)
            return
        self._list.remove_option_at_index(place)
        self._list.highlighted = min(place, len(self._views) - 1)
        self._ask(None)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._views[event.option_index])


def _line(view: SavedView) -> Content:
    return Content.assemble(fit_text(printable(view.name), 24), (f"  {describe_view(view.query)}", "$muted"))
