"""What stands in the place of a widget that has nothing to do before the first frame is painted."""

from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import Static


class StandIn(Static):
    """It has the place of the widget that takes over from it, its border and title, and what it says at the start."""

    def __init__(self, words: Content | str = "", *, id: str, title: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(words, id=id, markup=False)
        if title is not None:
            self.border_title = title

    def render_lines(self, crop: Region) -> list[Strip]:
        """All the lines between first and last are alike: one is drawn, by which a start is shorter."""
        if crop.height < 4:
            return super().render_lines(crop)
        top, middle = super().render_lines(Region(crop.x, crop.y, crop.width, 2))
        (bottom,) = super().render_lines(Region(crop.x, crop.bottom - 1, crop.width, 1))
        return [top, *[middle] * (crop.height - 2), bottom]
