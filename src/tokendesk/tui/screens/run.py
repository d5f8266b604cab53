"""The page of an active run: progress, waits, and the outcome of each row."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import work
from textual.widgets import Static

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError
from tokendesk.model.plan import MOVE, Plan
from tokendesk.model.text import printable
from tokendesk.running.access import ApiAccess
from tokendesk.running.run_context import RunProgress, SearchProgress
from tokendesk.tui.progress import RunLine
from tokendesk.tui.screens.run_page import RunEnd, RunPageScreen
from tokendesk.tui.searching import NOT_SETTLED, ask_to_end_search, describe_set_aside
from tokendesk.tui.widgets.lines import KeyBar, TextLine
from tokendesk.views.plan_groups import headline
from tokendesk.views.run_rows import in_plan_order, planned_rows, with_outcomes
from tokendesk.views.run_view import RunView

if TYPE_CHECKING:
    from tokendesk.running.recover import UnfinishedRun

UNDER_WAY = "Each step is recorded before it is sent. If this computer stops, the next start looks up the outcome."


class RunScreen(RunPageScreen):
    """Runs the plan as soon as it is shown. `read` returns a run from the desk."""

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        access: ApiAccess,
        now: int,
        read: Callable[[str], Awaitable[RunView | None]],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        moment: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(settings, access, now)
        self._plan = plan
        self._to = access
        self._read = read
        self._sleep = sleep
        self._moment = moment
        self.draw_by(planned_rows(plan), plan, is_move=plan.kind == MOVE)
        self._line = RunLine(self.is_move, len(plan.rows_to_do))
        self._run_id = ""
        self._under_way = True
        self._has_enough = False
        self._after: Callable[[], object] | None = None

    @property
    def is_under_way(self) -> bool:
        return self._under_way

    def on_mount(self) -> None:
        super().on_mount()
        self.add_class("under-way")
        self.say_title(headline(self._plan), printable(self._plan.org_name or self._plan.org_id))
        self.query_one("#standing", Static).update(UNDER_WAY)
        self.query_one(KeyBar).set_state(off={"run.undo"}, away={"run.give_up"} | self.no_such_keys)
        self.show_outcomes()
        self._ticking = self.set_interval(0.5, self._tick)
        self._apply()

    @work(group="run")
    async def _apply(self) -> None:
        from tokendesk.running.apply import RunCallbacks, apply_plan

        means = RunCallbacks(
            self._report, self._waiting, lambda: self._line.is_cancelling, self._sleep, self._moment,
            stop_searching=lambda: self._has_enough, on_set_aside=self._tell_set_aside,
        )  # fmt: skip
        problem = ""
        try:
            await apply_plan(self._settings, self._to, self._plan, means)
        except TokendeskError as error:
            problem = str(error)
            if not self._run_id:
                self.dismiss(RunEnd("", self.table.rows, refused=problem))
                return
        await self._end(problem)

    def _report(self, progress: RunProgress) -> None:
        self._run_id = progress.run_id
        self._line.progress(progress)
        if progress.rows:
            self.table.rows = with_outcomes(self.table.rows, progress.rows)
            self.show_outcomes()
        self._tick()

    def _waiting(self, why: str, seconds: float) -> None:
        self._line.waiting(why, seconds)
        self._tick()

    def _tell_set_aside(self, run: "UnfinishedRun", error: TokendeskError) -> None:
        self.notify(describe_set_aside(run, error), title=NOT_SETTLED, severity="warning", timeout=15)

    def _tick(self) -> None:
        self.query_one("#top-line", TextLine).say(self._line.content())

    async def _end(self, problem: str) -> None:
        facts = await self._read(self._run_id)
        self._ticking.stop()
        self.remove_class("under-way")
        if facts is not None:
            self.table.rows = in_plan_order(self._plan, facts.rows)
            self.show_facts(facts)
        if problem:
            words = f"The run was interrupted: {problem} The next start looks up its outcome."
            self.query_one("#apply", Static).update(words)
        self._under_way = False
        if self._after is not None:
            self._after()

    # --- keys

    def leave(self) -> None:
        if self._under_way and self.search_under_way is not None:
            ask_to_end_search(self.app)
        elif self._under_way:
            self.notify("The run is active. C stops it after the current batch.", severity="warning")
        else:
            super().leave()

    def action_cancel_run(self) -> None:
        if not self._under_way:
            self.notify("The run has ended.")
            return
        self._line.is_cancelling = True
        self._tick()

    @property
    def search_under_way(self) -> SearchProgress | None:
        return self._line.search if self._under_way and not self._has_enough else None

    def end_search(self) -> None:
        self._has_enough = True
        self.action_cancel_run()

    def cancel_and(self, then: Callable[[], object]) -> None:
        """Stop after the current batch, then call `then`."""
        self._after = then
        self.action_cancel_run()
