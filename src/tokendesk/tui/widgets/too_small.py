"""What stands alone on a terminal in which nothing else can: how much room is needed."""

from textual.content import Content
from textual.widgets import Static

SMALLEST = "80 x 24"


class TooSmall(Static):
    """All that deferred.tcss shows of a screen that is too small. Dialogs let that of the screen below through."""

    def __init__(self) -> None:
        super().__init__(id="too-small", markup=False)

    def render(self) -> Content:
        width, height = self.app.size
        return Content(f"This terminal is too small: it has {width} x {height} cells, tokendesk needs {SMALLEST}.")
