"""The page of a run that has ended: outcome and verification of each row, undo, report."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from textual import work
from textual.content import Content
from textual.widgets import Static

from tokendesk.config import Settings
from tokendesk.model.plan import Plan
from tokendesk.model.runs import RunRow
from tokendesk.model.text import printable
from tokendesk.running.access import ApiAccess
from tokendesk.tui.actions import bindings
from tokendesk.tui.data_source import data_source_label
from tokendesk.tui.row_table import RowTable
from tokendesk.tui.saving import save_from, write_run_report
from tokendesk.tui.screens.grouped_rows import GroupedRowsScreen
from tokendesk.tui.widgets.lines import KeyBar, TextLine, TitleLine
from tokendesk.views.facts import Details, Fact
from tokendesk.views.run_rows import RunDetails, describe_outcomes, run_columns, run_groups
from tokendesk.views.run_view import RunView

Left = TypeVar("Left")
UNDOING = "Undo restores membership, not ended sessions or failed jobs: u shows it first as a plan of its own."
PERMANENT = "Revoked tokens cannot be brought back. The journal keeps who revoked them, and when."


@dataclass(frozen=True, slots=True)
class RunEnd:
    """The result of a run's page: the outcomes of its rows, and whether to undo it now."""

    run_id: str
    rows: Sequence[RunRow] = ()
    undo: bool = False
    give_up: str = ""
    """The reason to give the run up now; empty to keep it."""
    refused: str = ""
    """Why the run did not start."""


class RunPageScreen(GroupedRowsScreen[RunEnd]):
    """Shows a run from the desk."""

    PLACE = "run"
    WHAT = "Run"
    BINDINGS = bindings("run")

    def __init__(self, settings: Settings, access: ApiAccess | None, now: int, facts: RunView | None = None) -> None:
        super().__init__(settings, access)
        self._now = now
        self._facts = facts
        if facts is not None:
            self.draw_by(facts.rows, facts.plan, is_move=any(row.target for row in facts.rows))

    def draw_by(self, rows: Sequence[RunRow], plan: Plan | None, *, is_move: bool) -> None:
        self.is_move = is_move
        self.table = RowTable(rows, run_columns(is_move=is_move))
        self._details = RunDetails(plan, is_move=is_move)

    def on_mount(self) -> None:
        super().on_mount()
        if self._facts is not None:
            self.show_facts(self._facts)

    def show_facts(self, facts: RunView) -> None:
        """Show the outcome of the ended run."""
        self._facts = facts
        title = facts.page.title
        self.say_title(f"{title[:1].upper()}{title[1:]}")
        self.show_outcomes(facts.notes)
        self.query_one("#top-line", TextLine).say(Content(f" {describe_outcomes(self.table.rows)}"))
        self.query_one("#standing", Static).update(UNDOING if self.is_move else PERMANENT)
        apply = self.query_one("#apply", Static)
        apply.set_class(any(not row.is_good for row in self.table.rows if row.planned == "do"), "off")
        apply.update(Content(facts.ending))
        away = {"run.cancel", "run.give_up"} if facts.no_giving_up else {"run.cancel"}
        self.query_one(KeyBar).set_state(off={"run.undo"} if facts.no_undo else (), away=away | self.no_such_keys)

    @property
    def no_such_keys(self) -> set[str]:
        """The ids of the actions that this kind of run does not have."""
        return set() if self.is_move else {"run.undo"}

    def say_title(self, title: str, where: str = "Journal") -> None:
        words = data_source_label(self._settings, self._access, None, self._now)
        self.query_one(TitleLine).set_parts([where, printable(title)], words)

    def show_outcomes(self, notes: Sequence[Fact] = ()) -> None:
        at = self.rows.row_id
        self.show_groups(run_groups(self.table.rows), notes=notes)
        self.show_rows(at)

    def row_title(self) -> str:
        return "Users" if self.is_move else "Tokens"

    def details_of(self, place: int) -> Details | None:
        return self._details.of(self.table.rows[place]) if place < len(self.table.rows) else None

    # --- keys

    @property
    def is_under_way(self) -> bool:
        return False

    def leave(self) -> None:
        self.dismiss(RunEnd(self._facts.page.run_id if self._facts else "", self.table.rows))

    def action_cancel_run(self) -> None:
        self.notify("The run has ended.")

    def action_undo_run(self) -> None:
        if self._facts is None:
            self.notify("The run has not ended yet.", severity="warning")
        elif self._facts.no_undo:
            self.notify(self._facts.no_undo, severity="warning")
        else:
            self.dismiss(RunEnd(self._facts.page.run_id, self.table.rows, undo=True))

    @work
    async def action_give_up(self) -> None:
        from tokendesk.tui.screens.prompt import PromptDialog

        if self._facts is None or self._facts.no_giving_up:
            words = self._facts.no_giving_up if self._facts else "The run has not ended yet."
            self.notify(words, severity="warning")
            return
        hint = (
            "The reason, for the journal. The run is not checked again: the outcome of its open rows stays unknown, "
            "and only a new plan changes them."
        )
        why = await self.app.push_screen_wait(PromptDialog("Give up this run", hint))
        if why:
            self.dismiss(RunEnd(self._facts.page.run_id, self.table.rows, give_up=why))

    @work
    async def action_report(self) -> None:
        facts = self._facts
        if facts is None:
            self.notify("The run has not ended yet. Its report can be written afterwards.", severity="warning")
            return
        hint = "The file for the change ticket: .md for Markdown, .html for a page that prints."
        write = partial(write_run_report, self._settings, facts.page.run_id, self._now)
        await save_from(self, "Write report", hint, f"run-{facts.page.run_id[:8]}.md", write)
