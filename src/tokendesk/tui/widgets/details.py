"""The reading pane: facts in two columns, sections under rules."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tokendesk.views.details import Details, Section

_NAMES = 11
_TONES = {"dim": "$text-muted", "good": "$text-success", "warn": "$text-warning", "bad": "$text-error"}


class DetailsPane(VerticalScroll, can_focus=True):
    """Shows one `Details`; scrolls when it has the focus."""

    def compose(self) -> ComposeResult:
        yield Static(id="details-text")

    def show(self, details: Details | None) -> None:
        text = self.query_one("#details-text", Static)
        if details is None:
            self.border_title = "Details"
            text.update("")
            return
        self.border_title = Content(details.title)
        sections = [section for section in details.sections if section.facts]
        text.update(Content("\n\n").join(_section(section) for section in sections))
        self.scroll_home(animate=False)


def _section(section: Section) -> Content:
    lines = []
    if section.title:
        lines.append(Content.styled(section.title, "bold $text-accent"))
    for fact in section.facts:
        tone = _TONES.get(fact.tone, "")
        wide = len(fact.name) > _NAMES
        name = Content.styled(fact.name if wide else fact.name.ljust(_NAMES), "$text-muted" if not wide else tone)
        value = Content.styled(fact.value, tone)
        lines.append(Content.assemble(name, "  " if wide else " ", value))
    return Content("\n").join(lines)
