"""The message shown when the terminal is too small."""

from textual.content import Content
from textual.widgets import Static

SMALLEST = "80 x 24"


class TooSmall(Static):
    """The only widget deferred.tcss shows on a screen that is too small. Dialogs show that of the screen below."""

    def __init__(self) -> None:
        super().__init__(id="too-small", markup=False)

    def render(self) -> Content:
        width, height = self.app.size
        return Content(f"This terminal is too small: it has {width} x {height} cells, tokendesk needs {SMALLEST}.")
