"""The keys and the filter's fields, from the tables they are made of."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tokendesk.filtering.reference import reference
from tokendesk.tui.keys import GROUPS, KEYS
from tokendesk.views.panes import Pane


class HelpScreen(ModalScreen[None]):
    BINDINGS = [Binding("escape,q,question_mark,f1", "dismiss(None)", "Close", show=False)]

    def __init__(self, pane: Pane | None, place: str = "screen") -> None:
        super().__init__()
        self._pane = pane
        self._places = {place, "list"}

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = Content("Help")
            dialog.border_subtitle = Content("j k scroll · esc close")
            yield Static(self._text(), id="help-text", markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def key_j(self) -> None:
        self.query_one(VerticalScroll).scroll_down()

    def key_k(self) -> None:
        self.query_one(VerticalScroll).scroll_up()

    def _text(self) -> Content:
        lines: list[Content] = []
        for group, title in GROUPS.items():
            keys = [key for key in KEYS if key.group == group and self._places.intersection(key.places)]
            if keys:
                lines.append(Content.styled(title.upper(), "bold $text-accent"))
                for key in keys:
                    lines.append(
                        Content.assemble(
                            (f"  {key.shown_keys:<18}", "bold"),
                            (f"{key.title:<16}", ""),
                            (key.help, "$muted"),
                        )
                    )
                lines.append(Content(""))
        if self._pane is not None:
            lines += self._about(self._pane)
        return Content("\n").join(lines)

    def _about(self, pane: Pane) -> list[Content]:
        """Return what is special to a pane: its findings, the fields of its filter."""
        lines: list[Content] = []
        if pane.findings:
            lines.append(Content.styled("FINDINGS", "bold $text-accent"))
            for finding in pane.findings:
                short = finding.short if finding.in_rows else ""
                lines.append(Content.assemble((f"  {short:<18}", "bold"), (finding.title, "$muted")))
            lines.append(Content(""))
        lines.append(Content.styled(f"FILTER OF {pane.title.upper()}", "bold $text-accent"))
        lines.append(
            Content.styled(
                "  Words match anywhere in the visible text; field:value narrows; - in front means not; or; ( ).",
                "$muted",
            )
        )
        for entry in reference(pane.fields):
            lines.append(
                Content.assemble((f"  {entry.name:<18}", "bold"), (f"{entry.example:<28}", ""), (entry.help, "$muted"))
            )
        return lines
