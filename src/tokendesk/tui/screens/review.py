"""The review of a plan: every row and every warning. No run starts without it."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

from textual import work
from textual.content import Content
from textual.widgets import Static

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError
from tokendesk.model.dates import EXAMPLES, read_day
from tokendesk.model.plan import DO, MOVE, REVOKE, Plan, summary
from tokendesk.model.plan_rules import first_rows, without
from tokendesk.model.text import printable
from tokendesk.reporting.plan_text import QUARANTINE
from tokendesk.running.access import ApiAccess
from tokendesk.tui.actions import bindings
from tokendesk.tui.data_source import data_source_label
from tokendesk.tui.row_table import RowTable
from tokendesk.tui.saving import save_from
from tokendesk.tui.screens.confirm_phrase import ConfirmPhraseDialog
from tokendesk.tui.screens.grouped_rows import GroupedRowsScreen
from tokendesk.tui.screens.prompt import PromptDialog
from tokendesk.tui.widgets.lines import KeyBar, TextLine, TitleLine
from tokendesk.views.facts import Details, Fact
from tokendesk.views.plan_groups import HIDDEN, RowText, headline, plan_groups, warning_groups
from tokendesk.views.plan_rows import plan_columns, row_details


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The confirmed part of a plan, and the rest for another review.

    `plan`: the whole plan as reviewed.
    """

    plan: Plan
    chosen: Plan
    rest: Plan | None


class ReviewScreen(GroupedRowsScreen[Reviewed | None]):
    """Dismisses with the part of the plan to run, or with None.

    `blocked_by` returns why a plan must not run, `key_blocked_by` whether the key is the reason; `hidden`: the
    records that a filter hid when the plan was made; `access_of` returns the roles and products of an account.
    """

    DROPS_EARLY_KEYS = True
    PLACE = "review"
    WHAT = "Plan"
    BINDINGS = bindings("review")

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        access: ApiAccess | None,
        blocked_by: Callable[[Plan], str],
        clock: Callable[[], int],
        hidden: Collection[str] = (),
        key_blocked_by: Callable[[], Awaitable[str]] | None = None,
        access_of: Callable[[str], Sequence[Fact]] = lambda account_id: (),
    ) -> None:
        super().__init__(settings, access)
        self._plan = plan
        self._blocked_by = blocked_by
        self._key_blocked_by = key_blocked_by
        self._key_problem = ""
        self._clock = clock
        self._access_of = access_of
        self._hidden = frozenset(hidden)
        self._before: list[Plan] = []
        self._draw_by(plan)

    def _draw_by(self, plan: Plan) -> None:
        self._words = RowText(plan)
        self.table = RowTable(plan.rows, plan_columns(plan, self._words))

    @property
    def plan(self) -> Plan:
        """The plan without the dropped rows."""
        return self._plan

    def on_mount(self) -> None:
        super().on_mount()
        self._show_plan()
        self._ask_rights()

    @work(group="rights")
    async def _ask_rights(self) -> None:
        if self._key_blocked_by is not None:
            self._key_problem = await self._key_blocked_by()
            self.say_apply()

    def _apply_blocked_by(self, plan: Plan) -> str:
        return self._blocked_by(plan) or self._key_problem

    def on_resize(self) -> None:
        super().on_resize()
        self._say_title()

    # --- what is shown

    def _show_plan(self, keep: int | None = None) -> None:
        """Show the plan, at first and after rows were dropped or restored."""
        plan = self._plan
        self.show_groups(plan_groups(plan, self._hidden), warning_groups(plan))
        self.query_one("#top-line", TextLine).say(
            Content.assemble(f" {summary(plan)}", ("   tab shows them", "$muted"))
        )
        self._say_title()
        quarantine = f" {QUARANTINE}" if plan.quarantine_until else ""
        self.query_one("#standing", Static).update(f"{plan.notice}{quarantine}")
        self.show_rows(keep)
        self.say_apply()

    def _say_title(self) -> None:
        plan = self._plan
        pulled_at = None if self.has_class("-narrow") else plan.pulled_at  # else the target is cut off
        words = data_source_label(self._settings, self._access, pulled_at, self._clock())
        self.query_one(TitleLine).set_parts([printable(plan.org_name or plan.org_id), printable(headline(plan))], words)

    def say_apply(self) -> None:
        chosen = part_to_run(self._plan, self._settings)
        off = self._apply_blocked_by(chosen)
        apply = self.query_one("#apply", Static)
        apply.set_class(bool(off), "off")
        phrase = chosen.phrase
        apply.update(
            Content(f"Nothing was sent. Apply is off. {off}")
            if off
            else Content.assemble(
                "Nothing was sent. ", ("A", "bold"), " applies: it asks to type ", (phrase, "bold"), "."
            )
        )
        faint = {"plan.apply"} if off else set()
        if not any(each.name == HIDDEN for each in self._all_groups):
            faint.add("plan.drop_hidden")
        if not self._before:
            faint.add("plan.restore")
        away = {"commands", *(("plan.quarantine",) if self._plan.kind == REVOKE or self._plan.undoes else ())}
        self.query_one(KeyBar).set_state(off=faint, away=away, titles={"plan.apply": f"Apply: {phrase}"})

    empty = "The plan has no rows left. u restores dropped rows, esc leaves."

    def row_title(self) -> str:
        return "Users" if self._plan.kind == MOVE else "Tokens"

    def details_of(self, place: int) -> Details | None:
        if place >= len(self._plan.rows):
            return None
        row = self._plan.rows[place]
        return row_details(self._plan, row, self._words, self._access_of(row.account_id))

    def in_order(self, indexes: Sequence[int]) -> Sequence[int]:
        return self.table.sorted(indexes, self.sorted_by[0]) if self.sorted_by else indexes

    def leave(self) -> None:
        self.dismiss(None)

    def action_sort(self) -> None:
        name = self.rows.column_name
        if name:
            self.sorted_by = (f"-{name}" if self.sorted_by == (name,) else name,)
            self.show_rows(self.rows.row_id)

    # --- changing the plan

    def action_drop(self) -> None:
        at = self.rows.row_id
        indexes = set(self.rows.marks.row_ids) or ({at} if at is not None else set())
        self._drop({self._plan.rows[place].record for place in indexes})

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
        self._draw_by(plan)
        self.rows.marks.clear()
        self._show_plan(next((place for place, row in enumerate(plan.rows) if row.record == record), None))

    @work
    async def action_quarantine(self) -> None:
        """Set the day until which the move lasts, or remove it."""
        from tokendesk.views.quarantine import as_quarantine

        if self._plan.kind != MOVE or self._plan.undoes:
            self.notify("Only a move can be a quarantine.", severity="warning")
            return
        hint = f"Until when? {EXAMPLES}. On that day a finding asks: put back, revoke or keep. Type none to remove it."
        given = await self.app.push_screen_wait(PromptDialog("Quarantine", hint, self._plan.quarantine_until or "30d"))
        if given is None:
            return
        try:
            day = read_day(given, self._clock())
            plan = as_quarantine(self._plan, day) if day else replace(self._plan, quarantine_until=None)
        except (ValueError, TokendeskError) as error:
            self.notify(str(error), severity="warning", timeout=10)
            return
        at = self.rows.row_id
        self._before.append(self._plan)
        self._change(plan, self._plan.rows[at].record if at is not None else "")

    # --- out of here

    @work
    async def action_write(self) -> None:
        from tokendesk.reporting.plan_file import save_plan

        plan = self._plan
        name = f"{plan.kind}-{plan.count(DO)}.json"
        hint = "The file for the plan. A reviewer can apply it with: tokendesk apply FILE --expect N"
        await save_from(self, "Write plan", hint, name, partial(save_plan, plan))

    @work
    async def action_apply(self) -> None:
        chosen = part_to_run(self._plan, self._settings)
        off = self._apply_blocked_by(chosen)
        if off:
            self.notify(off, title="Apply is off", severity="warning", timeout=10)
            return
        about = headline(chosen) + "."
        more = len(self._plan.rows_to_do) - len(chosen.rows_to_do)
        if more:
            about += f" The first {len(chosen.rows_to_do):,}; {more:,} more are reviewed afterwards."
        if against := next((warning.text for warning in chosen.warnings if warning.code == "kept"), ""):
            about += f" {against}"
        if chosen.warnings:
            many = len(chosen.warnings)
            about += f" The review shows {many} warning{'s' if many > 1 else ''}."
        about += " This is permanent." if chosen.kind == REVOKE else " It can be undone by a plan of its own."
        verb = headline(chosen).split(" to ")[0]
        if await self.app.push_screen_wait(ConfirmPhraseDialog("Apply", printable(about), chosen.phrase, verb)):
            rest = without(self._plan, {row.record for row in chosen.rows}) if more else None
            self.dismiss(Reviewed(self._plan, chosen, rest))


def part_to_run(plan: Plan, settings: Settings) -> Plan:
    """Return the part of the plan for one run: revocations are capped, and each part has its own phrase."""
    if plan.kind == REVOKE and len(plan.rows_to_do) > settings.most_revocations:
        return first_rows(plan, settings.most_revocations)
    return plan
