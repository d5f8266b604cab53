"""The readiness page: what stops if a policy blocks tokens now, and the steps before that."""

from dataclasses import dataclass
from typing import Any

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tokendesk.config import Settings
from tokendesk.model.counting import counted
from tokendesk.model.readiness import Readiness, ReadyToken, Step
from tokendesk.model.text import printable
from tokendesk.model.timestamps import span
from tokendesk.model.token_reach import MAY_NOT_STOP, NOT_TOLD, STOPS
from tokendesk.tui.actions import bindings
from tokendesk.tui.base_screens import PageScreen
from tokendesk.tui.row_table import RowTable
from tokendesk.tui.saving import save_from
from tokendesk.tui.screens.help import HelpScreen
from tokendesk.tui.widgets.lines import KeyBar, TitleLine
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.tui.widgets.too_small import TooSmall
from tokendesk.views.columns import Column

_STOPS = {STOPS: "stops", MAY_NOT_STOP: "may not stop", NOT_TOLD: "not told"}


@dataclass(frozen=True, slots=True)
class StepChosen:
    """The chosen step: show its tokens, or review its plan."""

    step: Step
    plan: bool


_ROOM_FOR_ADVICE = 30
"""Terminal height below which the steps need the advice's room; the report always has it."""


class ReadinessScreen(PageScreen[StepChosen | None]):
    CSS_PATH = "readiness.tcss"
    PLACE = "readiness"
    BINDINGS = bindings("readiness")

    def __init__(self, settings: Settings, found: Readiness, source: str, org: str, now: int) -> None:
        super().__init__()
        self._settings = settings
        self.found = found
        self._tokens = (*found.stopping, *found.may_not_stop, *found.not_told)
        self._source = source
        self._org = org
        self._now = now

    def compose(self) -> ComposeResult:
        yield TitleLine(id="title")
        with Horizontal(id="body"):
            with Vertical(id="summary"):
                yield Static(id="sentence", markup=False)
                yield Static(id="windows", markup=False)
                yield OptionList(id="steps", markup=False, compact=True)
            yield RecordList(id="list")
        yield KeyBar(id="keys", place="readiness")
        yield TooSmall()

    def on_mount(self) -> None:
        found = self.found
        self.query_one(TitleLine).set_parts([self._org, "Readiness", printable(found.name)], self._source)
        self.query_one("#summary").border_title = Content(printable(found.name))
        first, *apart = found.sentences("there")
        tone = "$text-error" if found.stopping else "$text-warning" if found.used else "$text-success"
        self.query_one("#sentence", Static).update(
            Content.assemble(
                (first, f"bold {tone}"),
                *((f"\n{sentence}", "bold $text-warning") for sentence in apart),
                *((f"\n{sentence}", "$text-warning") for sentence in found.not_counted),
                (f"\n{found.advice}" if found.advice and self.app.size.height >= _ROOM_FOR_ADVICE else "", "$muted"),
                (f"\n{counted(found.users, 'user')} · user API tokens: {printable(found.setting)}", "$muted"),
            )
        )
        self.query_one("#windows", Static).update(_windows(found))
        options = self.query_one("#steps", OptionList)
        options.border_title = (
            "Before · enter or its number takes a step" if found.steps else "Nothing is left to do before"
        )
        options.add_options(Option(_step(n, step)) for n, step in enumerate(found.steps, 1))
        self.query_one(KeyBar).set_state(titles={"row.open": "Take step"})
        rows = self.query_one(RecordList)
        rows.border_title = Content(f"Used in the last {found.in_use_days} days")
        rows.border_subtitle = Content(f"{len(self._tokens):,}")
        table = RowTable(self._tokens, _columns(self._now))
        rows.show(range(len(self._tokens)), columns=table.columns, fetch=table.fetch, empty="No token is in use.")
        if found.steps:
            options.highlighted = 0
        (options if found.steps else rows).focus()

    # --- keys

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(event.option_index)

    def action_open(self) -> None:
        at = self.query_one("#steps", OptionList).highlighted
        if at is not None:
            self._take(at)

    def _take(self, number: int) -> None:
        step = self.found.steps[number]
        self.dismiss(StepChosen(step, bool(step.plan)))

    def on_key(self, event: events.Key) -> None:
        """A number takes its step; j and k move the cursor, as in the list."""
        options = self.query_one("#steps", OptionList)
        if event.character and event.character.isdigit() and 0 < int(event.character) <= len(self.found.steps):
            self._take(int(event.character) - 1)
        elif event.key == "j" and options.has_focus:
            options.action_cursor_down()
        elif event.key == "k" and options.has_focus:
            options.action_cursor_up()
        else:
            return
        event.stop()

    def action_show_tokens(self) -> None:
        at = self.query_one("#steps", OptionList).highlighted
        if at is None:
            self.notify("No steps are left.")
        else:
            self.dismiss(StepChosen(self.found.steps[at], plan=False))

    def action_back(self) -> None:
        self.dismiss(None)

    def action_next_part(self) -> None:
        rows, options = self.query_one(RecordList), self.query_one("#steps", OptionList)
        if self.has_class("-narrow"):
            self.toggle_class("show-list")
        (options if rows.has_focus else rows).focus()

    def action_previous_part(self) -> None:
        self.action_next_part()

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(None, self.PLACE))

    @work
    async def action_report(self) -> None:
        def write(path: Any) -> None:
            from tokendesk.reporting.document import document_format, save_document
            from tokendesk.reporting.readiness_page import readiness_document
            from tokendesk.snapshot.file import snapshot_info

            info = snapshot_info(self._settings.paths.snapshot)
            save_document(readiness_document(self.found, info, self._now), document_format(str(path), None), path)

        name = "".join(c if c.isalnum() else "-" for c in printable(self.found.name).lower())
        hint = "The file for the change ticket: .md for Markdown, .html for a page that prints."
        await save_from(self, "Write readiness", hint, f"readiness-{name}.md", write)


def _columns(now: int) -> tuple[Column[ReadyToken], ...]:
    def used(token: ReadyToken) -> str:
        return span(now - token.last_used) if token.last_used is not None else "never"

    return (
        Column("label", "Token", 16, lambda token: token.label or "(no label)", grow=3),
        Column("owner", "Owner", 12, lambda token: token.owner, 2, 2,
               tone=lambda token, _: "" if token.owner_is_active else "bad"),
        Column("used", "Last use", 8, used, priority=1, right=True),
        Column("stops", "If blocked", 12, lambda token: _STOPS[token.stops], priority=1,
               tone=lambda token, _: "" if token.stops == STOPS else "warn"),
        Column("decision", "Decision", 10, lambda token: token.decision or "undecided", priority=4,
               tone=lambda _, text: "dim" if text == "undecided" else ""),
        Column("purpose", "Purpose", 14, lambda token: token.purpose or "unknown", 3, 3,
               tone=lambda token, _: "" if token.purpose else "warn"),
    )  # fmt: skip


def _step(number: int, step: Step) -> Content:
    counts = f"{counted(step.tokens, 'token')} of {counted(step.owners, 'owner')}"
    does = {"move": "reviews a move", "revoke": "reviews revocations"}.get(step.plan, "shows them")
    title = f"{step.title[:1].upper()}{step.title[1:]}"
    return Content.assemble((f"{number} ", "bold $accent"), (title, "bold"), "\n", (f"  {counts} · {does}", "$muted"))


def _windows(found: Readiness) -> Content:
    """Return a table of counts by time since the last use."""
    titles = f"{'used within':<11}{'stop':>6}{'may not':>9}{'unknown':>9}{'purpose':>8}{'decided':>8}"
    lines = [Content.styled(titles, "$muted bold")]
    for window in found.windows:
        name = f"{window.days} days" if window.days else "all tokens"
        row = (
            f"{name:<11}{window.stop:>6,}{window.may_not_stop:>9,}{window.not_told:>9,}"
            f"{window.with_purpose:>8,}{window.decided:>8,}"
        )
        lines.append(Content.styled(row, "bold" if window.days == found.in_use_days else ""))
    return Content("\n").join(lines)
