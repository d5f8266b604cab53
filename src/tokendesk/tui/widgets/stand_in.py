"""The frame of a pane that has nothing to say before the first frame is painted."""

from textual.widgets import Static


class StandIn(Static):
    """It has the place, the border and the title of the pane that takes over from it."""

    def __init__(self, title: str, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id, markup=False)
        self.border_title = title
