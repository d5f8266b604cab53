"""What stands in the place of a widget that has nothing to do before the first frame is painted."""

from textual.content import Content
from textual.widgets import Static


class StandIn(Static):
    """It has the place of the widget that takes over from it, its border and title, and what it says at the start."""

    def __init__(self, words: Content | str = "", *, id: str, title: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(words, id=id, markup=False)
        if title is not None:
            self.border_title = title
