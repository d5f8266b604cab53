"""The details of a row of a plan or run: on few lines if wide enough, else one fact per line."""

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tokendesk.tui.widgets.columns import fit_text
from tokendesk.tui.widgets.facts import TONES, draw_sections
from tokendesk.views.facts import Details, Fact

_WIDE = 64
_NAME = 30


class RowPanel(VerticalScroll, can_focus=True):
    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._details: Details | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="row-text", markup=False)

    def show(self, details: Details | None) -> None:
        self._details = details
        self._draw()
        self.scroll_home(animate=False)

    def on_resize(self) -> None:
        self._draw()

    def key_j(self) -> None:
        self.scroll_down()

    def key_k(self) -> None:
        self.scroll_up()

    def _draw(self) -> None:
        text = self.query_one("#row-text", Static)
        self.border_title = Content(self._details.title if self._details else "Details")
        if self._details is None:
            text.update("")
            return
        width = self.scrollable_content_region.width - 1
        if width < _WIDE:
            text.update(draw_sections(self._details.sections, width))
            return
        lines: list[Content] = []
        for section in self._details.sections:
            if not section.stacked:
                lines += Content.assemble(*_in_a_row(section.facts)).wrap(width)
                continue
            lines += [Content(""), Content.styled(section.title, "bold $text-accent")]
            name = max(10, min(_NAME, width // 3, max(cell_len(fact.name) for fact in section.facts)))
            for fact in section.facts:
                words = Content.styled(fact.value, "$muted").wrap(width - name - 2) or [Content("")]
                lines.append(Content.assemble((fit_text(fact.name, name), TONES.get(fact.tone, "")), "  ", words[0]))
                lines += [Content.assemble(" " * (name + 2), more) for more in words[1:]]
        text.update(Content("\n").join(lines))


def _in_a_row(facts: tuple[Fact, ...]) -> list[tuple[str, str]]:
    parts: list[tuple[str, str]] = []
    for fact in facts:
        parts += [("   " if parts else "", ""), (f"{fact.name} ", "$muted"), (fact.value, TONES.get(fact.tone, ""))]
    return parts
