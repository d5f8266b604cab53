"""The review of a plan: every row, every warning, and the only door to a run."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError, UsageError
from tokendesk.model.plan import MOVE, REVOKE, Plan, summary
from tokendesk.model.plan_rules import part, without
from tokendesk.model.text import clean
from tokendesk.running.access import Access
from tokendesk.tui.keys import bindings
from tokendesk.tui.plan_lines import PlanLines
from tokendesk.tui.screens.help import HelpScreen
from tokendesk.tui.screens.name import NameScreen
from tokendesk.tui.screens.phrase import PhraseScreen
from tokendesk.tui.source import is_armed, source_words
from tokendesk.tui.widgets.lines import KeyBar, Line, TitleLine
from tokendesk.tui.widgets.part_list import PartList
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.tui.widgets.row_panel import RowPanel
from tokendesk.views.plan_parts import EVERYTHING, HIDDEN, Part, headline, plan_parts, warning_parts
from tokendesk.views.plan_rows import row_details

_ROOM_FOR_DETAILS = 28
"""Lines of a screen from which on the row under the cursor is shown below the list."""


class ReviewScreen(Screen[Plan | None]):
    """Dismisses with the plan to carry out, after its words were typed, or with None.

    `why_off` says why a plan may not be carried out; `hidden` are the records that a filter hid when it was made.
    """

    CSS_PATH = "review.tcss"
    PLACE = "review"
    BINDINGS = bindings("review")

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        way: Access | None,
        why_off: Callable[[Plan], str],
        clock: Callable[[], int],
        hidden: Collection[str] = (),
    ) -> None:
        super().__init__()
        self._plan = plan
        self._settings = settings
        self._way = way
        self._why_off = why_off
        self._clock = clock
        self._hidden = frozenset(hidden)
        self._before: list[Plan] = []
        self._part = EVERYTHING
        self._sort = ""
        self._lines = PlanLines(plan)
        self._parts: list[Part] = []

    def compose(self) -> ComposeResult:
        yield TitleLine(id="title")
        yield Line(id="plan-line")
        with Horizontal(id="body"):
            yield PartList(id="parts")
            with Vertical(id="middle"):
                yield RecordList(id="list")
                yield RowPanel(id="row")
        yield Static(id="standing", markup=False)
        yield Static(id="apply", markup=False)
        yield KeyBar(id="keys", place="review")
        yield Static("", id="too-small", markup=False)

    def on_mount(self) -> None:
        self.set_class(is_armed(self._settings, self._way), "armed")
        self.query_one(PartList).border_title = "Plan"
        self.query_one("#standing", Static).update(self._plan.standing)
        self.rows.focus()
        self._show_plan()

    def on_resize(self) -> None:
        self.set_class(self.app.size.height >= _ROOM_FOR_DETAILS, "-roomy")
        self._say_title()

    @property
    def rows(self) -> RecordList:
        return self.query_one(RecordList)

    # --- what is shown

    def _show_plan(self, keep: int | None = None) -> None:
        """Show the plan as it is now: after opening, and after rows were dropped or put back."""
        plan = self._plan
        counts, warnings = plan_parts(plan, self._hidden), warning_parts(plan)
        self._parts = [*counts, *warnings]
        if self._part not in {each.name for each in self._parts}:
            self._part = EVERYTHING
        self.query_one(PartList).show(counts, warnings, self._part)
        self.query_one("#plan-line", Line).say(Content.assemble(f" {summary(plan)}", ("   tab shows them", "$muted")))
        self._say_title()
        self._show_rows(keep)
        self._say_apply()

    def _say_title(self) -> None:
        plan = self._plan
        pulled_at = None if self.has_class("-narrow") else plan.pulled_at  # else the target would be cut off
        words = source_words(self._settings, self._way, pulled_at, self._clock())
        self.query_one(TitleLine).set_parts([clean(plan.org_name or plan.org_id), clean(headline(plan))], words)

    def _say_apply(self) -> None:
        off = self._why_off(self._plan)
        apply = self.query_one("#apply", Static)
        apply.set_class(bool(off), "off")
        phrase = part_to_run(self._plan, self._settings).phrase
        apply.update(
            Content(f"Nothing was sent. Apply is off: {off}")
            if off
            else Content.assemble(
                "Nothing was sent. ", ("A", "bold"), " applies: it asks to type ", (phrase, "bold"), "."
            )
        )
        faint = {"plan.apply"} if off else set()
        if not any(each.name == HIDDEN for each in self._parts):
            faint.add("plan.drop_hidden")
        if not self._before:
            faint.add("plan.restore")
        verb = part_to_run(self._plan, self._settings)
        self.query_one(KeyBar).tell(off=faint, titles={"plan.apply": f"Apply: {verb.phrase}"})

    def _show_rows(self, keep: int | None = None) -> None:
        shown = next(each for each in self._parts if each.name == self._part)
        places: Sequence[int] = shown.places or ()
        if self._sort:
            places = self._lines.sorted(places, self._sort)
        self.rows.show(
            places,
            columns=self._lines.list_columns,
            fetch=self._lines.fetch,
            keep=keep,
            empty="The plan has no rows left. u puts back what was dropped, esc leaves.",
            sorted_by=(self._sort,) if self._sort else (),
        )
        title = "Users" if self._plan.kind == MOVE else "Tokens"
        if shown.name != EVERYTHING:
            title = f"{title} · {shown.name.removeprefix('warning: ').removeprefix('refused: ')}"
            title = f"{title} · esc shows all"
        self.rows.border_title = Content(clean(title))
        self.rows.border_subtitle = Content(
            f"{len(places):,}" if shown.name == EVERYTHING else f"{len(places):,} of {len(self._plan.rows):,}"
        )

    @on(PartList.Picked)
    def _pick(self, event: PartList.Picked) -> None:
        self._part = event.part.name
        self.query_one(PartList).mark(self._part)
        self.rows.marked.clear()
        self._show_rows()
        self.remove_class("show-parts")
        self.rows.focus()

    @on(RecordList.Highlighted)
    def _show_row(self, event: RecordList.Highlighted) -> None:
        at = event.row_id
        row = self._plan.rows[at] if at is not None and at < len(self._plan.rows) else None
        self.query_one(RowPanel).show(row_details(self._plan, row, self._lines.words) if row else None)

    # --- going about

    def action_back(self) -> None:
        if self.has_class("show-details") or self.has_class("show-parts"):
            self.remove_class("show-details", "show-parts")
            self.rows.focus()
        elif self.rows.has_range:
            self.rows.end_range()
        elif self._part != EVERYTHING:
            self._part = EVERYTHING
            self.query_one(PartList).mark(EVERYTHING)
            self._show_rows(self.rows.row_id)
            self.rows.focus()
        else:
            self.dismiss(None)

    @on(RecordList.Opened)
    def action_open(self) -> None:
        """Give the row the whole of the body, or its place below the list back."""
        self.toggle_class("show-details")
        self.remove_class("show-parts")
        (self.query_one(RowPanel) if self.has_class("show-details") else self.rows).focus()

    action_details = action_open

    def action_next_part(self, step: int = 1) -> None:
        parts = (self.query_one(PartList), self.rows, self.query_one(RowPanel))
        if self.has_class("-narrow") and not self.has_class("show-details"):
            self.toggle_class("show-parts")
            (self.query_one(PartList) if self.has_class("show-parts") else self.rows).focus()
            return
        there = [part for part in parts if part.display and part.region.width > 0]
        at = next((i for i, part in enumerate(there) if part.has_focus), 0)
        if there:
            there[(at + step) % len(there)].focus()

    def action_previous_part(self) -> None:
        self.action_next_part(-1)

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(None, "review"))

    def action_sort(self) -> None:
        name = self.rows.column_name
        if name:
            self._sort = f"-{name}" if self._sort == name else name
            self._show_rows(self.rows.row_id)

    # --- changing the plan

    def action_drop(self) -> None:
        at = self.rows.row_id
        places = set(self.rows.marked) or ({at} if at is not None else set())
        self._drop({self._plan.rows[place].record for place in places})

    def action_drop_hidden(self) -> None:
        found = {row.record for row in self._plan.rows if row.record in self._hidden}
        if not found:
            self.notify("No row of this plan was hidden by the filter.")
            return
        self._drop(found)
        self.notify(f"{len(found):,} row{'s were' if len(found) > 1 else ' was'} dropped; u puts back.")

    def _drop(self, records: Collection[str]) -> None:
        if not records:
            self.notify("There is no row to drop.")
            return
        shown, at = self.rows.ids, self.rows.cursor
        after = [*shown[at:], *reversed(shown[:at])]
        kept = next(
            (self._plan.rows[place].record for place in after if self._plan.rows[place].record not in records), ""
        )
        self._before.append(self._plan)
        self._change(without(self._plan, records), kept)

    def action_restore(self) -> None:
        if not self._before:
            self.notify("Nothing was dropped.")
            return
        at = self.rows.row_id
        self._change(self._before.pop(), self._plan.rows[at].record if at is not None else "")

    def _change(self, plan: Plan, record: str) -> None:
        self._plan = plan
        self._lines = PlanLines(plan)
        self.rows.marked.clear()
        self._show_plan(next((place for place, row in enumerate(plan.rows) if row.record == record), None))

    # --- out of here

    @work
    async def action_write(self) -> None:
        name = f"{self._plan.phrase.replace(' ', '-')}.json"
        hint = "The file to write the plan to. Who reviews it can apply it: tokendesk apply FILE --expect N"
        given = await self.app.push_screen_wait(NameScreen("Write plan", hint, name))
        if not given:
            return
        try:
            path = await asyncio.to_thread(save_anew, self._plan, given)
        except TokendeskError as error:
            self.notify(str(error), severity="error", timeout=10, markup=False)
            return
        self.notify(f"Plan written to {path}", title="Nothing was sent", markup=False, timeout=8)

    @work
    async def action_apply(self) -> None:
        off = self._why_off(self._plan)
        if off:
            self.notify(off, title="Apply is off", severity="warning", markup=False, timeout=10)
            return
        chosen = part_to_run(self._plan, self._settings)
        about = headline(chosen) + "."
        more = len(self._plan.doing) - len(chosen.doing)
        if more:
            about += f" The first {len(chosen.doing):,}; {more:,} more are reviewed afterwards."
        if chosen.warnings:
            many = len(chosen.warnings)
            about += f" {many} warning{'s stand' if many > 1 else ' stands'} in the review."
        about += " This is permanent." if chosen.kind == REVOKE else " It can be undone by a plan of its own."
        verb = headline(chosen).split(" to ")[0]
        if await self.app.push_screen_wait(PhraseScreen("Apply", clean(about), chosen.phrase, verb)):
            self.dismiss(chosen)


def save_anew(plan: Plan, name: str) -> Path:
    """Write the plan to a file that is not there yet, and return where it is."""
    from tokendesk.reporting.plan_file import save_plan

    path = Path(name).expanduser().absolute()
    if path.exists():
        raise UsageError(f"{path} is there already. Choose another name.")
    save_plan(plan, path)
    return path


def part_to_run(plan: Plan, settings: Settings) -> Plan:
    """Return what one run may carry out: revocations are capped, each part has words of its own."""
    if plan.kind == REVOKE and len(plan.doing) > settings.most_revocations:
        return part(plan, settings.most_revocations)
    return plan
