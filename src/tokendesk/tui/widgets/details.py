"""The reading pane: facts in two columns, each wrapped within its own."""

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tokendesk.views.details import Details, Fact, Section

_NAMES = 10
_TONES = {"dim": "$muted", "good": "$text-success", "warn": "$text-warning", "bad": "$text-error"}


class DetailsPane(VerticalScroll, can_focus=True):
    """Shows one `Details`; scrolls when it has the focus."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._details: Details | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="details-text", markup=False)

    def show(self, details: Details | None) -> None:
        self._details = details
        self._draw()
        self.scroll_home(animate=False)

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        text = self.query_one("#details-text", Static)
        if self._details is None:
            self.border_title = "Details"
            text.update("")
            return
        self.border_title = Content(self._details.title)
        width = max(_NAMES + 8, self.scrollable_content_region.width)
        sections = [section for section in self._details.sections if section.facts]
        text.update(Content("\n\n").join(Content("\n").join(_lines(section, width)) for section in sections))


def _lines(section: Section, width: int) -> Iterator[Content]:
    if section.title:
        yield Content.styled(section.title, "bold $text-accent")
    for fact in section.facts:
        yield from _stacked(fact, width) if section.stacked else _beside(fact, width)


def _beside(fact: Fact, width: int) -> Iterator[Content]:
    """The name on the left, the value wrapped on the right."""
    name = Content.styled(fact.name.ljust(_NAMES), "$muted")
    for line in _wrapped(Content.styled(fact.value, _TONES.get(fact.tone, "")), width - _NAMES - 1):
        yield Content.assemble(name, " ", line)
        name = Content(" " * _NAMES)


def _wrapped(value: Content, width: int) -> list[Content]:
    """Wrap at spaces; an id or address that has none is cut where the line ends."""
    return (value.wrap(width) if " " in value.plain else value.fold(width)) or [Content("")]


def _stacked(fact: Fact, width: int) -> Iterator[Content]:
    """A name that may be long, and what there is to say of it below."""
    yield from Content.styled(fact.name, _TONES.get(fact.tone, "")).wrap(width)
    for line in Content.styled(fact.value, "$muted").wrap(width - 2) if fact.value else ():
        yield Content.assemble("  ", line)
