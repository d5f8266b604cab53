"""The one error of the filter language."""

from tokendesk.model.text import printable


class FilterError(Exception):
    """One sentence about `text[start:end]`; `suggestion`, where there is one, could replace that part."""

    def __init__(self, message: str, start: int, end: int, suggestion: str | None = None) -> None:
        self.message = printable(message)
        super().__init__(self.message)
        self.start = start
        self.end = end
        self.suggestion = suggestion

    def pointer(self, text: str, width: int = 78) -> str:
        """Return two lines for a terminal of `width` cells: the filter text, and carets under the place."""
        before, place, after = (
            printable(text[: self.start]),
            printable(text[self.start : self.end]),
            printable(text[self.end :]),
        )
        room = max(width, 16)
        if display_width(before + place + after) > room:
            before = _crop_left(before, room // 2)
            place = _crop_right(place, room - display_width(before) - 2)
            after = _crop_right(after, room - display_width(before) - display_width(place))
        return f"{before}{place}{after}\n{' ' * display_width(before)}{'^' * max(1, display_width(place))}"


class MissingValue(FilterError):
    """A condition without its value: in a shell, `>` may have taken it."""


def shorten(text: str) -> str:
    """Shorten a text for a message."""
    return text if len(text) <= 40 else text[:39] + "…"


def display_width(text: str) -> int:
    """Return how many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _crop_right(text: str, room: int) -> str:
    if display_width(text) <= room:
        return text
    while text and display_width(text) > room - 1:
        text = text[:-1]
    return text + "…" if room > 0 else ""


def _crop_left(text: str, room: int) -> str:
    if display_width(text) <= room:
        return text
    while text and display_width(text) > room - 1:
        text = text[1:]
    return "…" + text
