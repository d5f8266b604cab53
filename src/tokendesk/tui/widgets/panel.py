"""The frame of a pane, which is there from the first frame of the screen on; the pane is mounted into it."""

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
        """All the lines between first and last are alike: one is drawn, by which a start is shorter."""
        if crop.height < 4:
            return super().render_lines(crop)
        top, middle = super().render_lines(Region(crop.x, crop.y, crop.width, 2))
        (bottom,) = super().render_lines(Region(crop.x, crop.bottom - 1, crop.width, 1))
        return [top, *[middle] * (crop.height - 2), bottom]
