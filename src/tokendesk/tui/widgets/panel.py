"""The frame of a pane, drawn in the first frame; the pane is mounted into it later."""

from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Panel(Widget):
    def __init__(self, title: str, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.border_title = Content(title)

    def render(self) -> Content:
        return Content("")

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines between first and last once, since they are equal, to start faster."""
        if crop.height < 4:
            return super().render_lines(crop)
        top, middle = super().render_lines(Region(crop.x, crop.y, crop.width, 2))
        (bottom,) = super().render_lines(Region(crop.x, crop.bottom - 1, crop.width, 1))
        return [top, *[middle] * (crop.height - 2), bottom]
