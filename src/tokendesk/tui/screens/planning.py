"""The keys that plan: move, revoke, and what was decided. Each opens the review, which is the only door to a run."""

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError
from tokendesk.tui.marks import Marks
from tokendesk.tui.reading import Reading
from tokendesk.tui.widgets.lines import KeyBar
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.views.query import Query

if TYPE_CHECKING:
    from textual.screen import Screen as _Base

    from tokendesk.model.plan import Plan
    from tokendesk.running.access import Access
    from tokendesk.tui.screens.review import ReviewScreen
    from tokendesk.tui.screens.run_page import RunEnd
    from tokendesk.views.run_rows import RunFacts
else:
    _Base = object


_ONLY_IN = {
    "move.users": ("tokens", "users"),
    "row.owner": ("tokens",),
    "journal.undo": ("journal",),
    "triage": ("tokens",),
    "goal": ("policies",),
    "readiness.open": ("policies",),
}
"""Keys of the key bar that act in some panes only."""


class Planning(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen."""

    query_shown: Query
    _reading: Reading
    _settings: Settings
    _clock: Callable[[], int]
    _marks: Marks
    _no_right = ""
    """Why the keys there are cannot revoke."""

    @property
    def rows(self) -> RecordList:
        raise NotImplementedError

    # --- what is meant

    def say_target(self) -> None:
        """Let the key bar show the keys that act in this pane, and name what m would move."""
        pane = self.query_shown.pane
        words = self._mark_words() if pane in ("tokens", "users") else ""
        self.query_one(KeyBar).tell(
            off={"pull.start"} if self.app.way is None else (),  # type: ignore[attr-defined]
            away={key for key, panes in _ONLY_IN.items() if pane not in panes},
            titles={"move.users": f"Move {words}"} if words else {},
        )

    def _mark_words(self) -> str:
        raise NotImplementedError

    async def renew(self) -> None:
        raise NotImplementedError

    def _meant(self) -> tuple[list[int], set[str]]:
        """Return the row ids of the marked rows, else of the row under the cursor, and the records that are hidden."""
        pane = self.query_shown.pane
        records = self._marks.of(pane)
        if not records:
            return ([self.rows.row_id] if self.rows.row_id is not None else []), set()
        found = self._reading.near.rows_of(pane, records)
        hidden = found.difference(self.rows.ids)
        if len(found) < len(records):
            gone = len(records) - len(found)
            self.notify(f"{gone:,} marked {'is' if gone == 1 else 'are'} not in the snapshot any more.")
        return sorted(found), set(self._reading.near.records(pane, sorted(hidden)).values())

    # --- keys

    @work
    async def action_move(self) -> None:
        pane = self.query_shown.pane
        if pane not in ("tokens", "users"):
            self.notify("m moves users, or the owners of tokens. Open them with 2 or 1.", severity="warning")
            return
        ids, hidden = self._meant()
        if ids:
            await self.move_rows(pane, ids, hidden)
        else:
            self.notify("There is no row to move.", severity="warning")

    async def move_rows(self, pane: str, ids: Collection[int], hidden: Collection[str] = ()) -> None:
        """Ask where the users, or the owners of the tokens, of these rows are to go; then review that."""
        from tokendesk.tui.screens.policy_picker import PolicyPicker
        from tokendesk.views.planning import move_owners, move_users, planner
        from tokendesk.views.policies import policy_choices

        many = len(ids)
        whom = "user" if pane == "users" else "the owner"
        if many > 1:
            whom = f"{many:,} users" if pane == "users" else f"the owners of {many:,} tokens"
        hint = "Nothing is sent yet: the plan is reviewed next."
        picker = PolicyPicker(f"Move {whom} to a policy", hint, policy_choices(self._reading.near))
        target = await self.app.push_screen_wait(picker)
        if target is None:
            return
        plans, by = (move_users if pane == "users" else move_owners), planner(self._settings, self._clock())
        plan = await self._reading.ask(lambda reader: plans(reader, ids, target, by))
        await self.review(plan, hidden)

    @work
    async def action_revoke(self) -> None:
        from tokendesk.views.planning import planner, revoke_tokens

        if self.query_shown.pane != "tokens":
            self.notify("X revokes tokens. Open them with 1, or the tokens of a user with enter.", severity="warning")
            return
        ids, hidden = self._meant()
        if not ids:
            self.notify("There is no token to revoke.", severity="warning")
            return
        by = planner(self._settings, self._clock())
        plan = await self._reading.ask(lambda reader: revoke_tokens(reader, ids, by))
        await self.review(plan, hidden)

    @work
    async def action_plans(self) -> None:
        await self.open_plans()

    async def open_plans(self, ids: Collection[int] | None = None) -> None:
        """Review what was decided on tokens: one move plan for each target, one revoke plan. Call it from a worker.

        `ids`: row ids of the tokens to look at; None stands for all.
        """
        from tokendesk.tui.screens.plan_chooser import PlanChooser
        from tokendesk.views.planning import decided, planner

        while True:
            moves, revoke = await self._reading.ask(
                lambda reader: decided(reader, planner(self._settings, self._clock()), ids)
            )
            plans = [*moves, *([revoke] if revoke else [])]
            if not plans:
                self.notify("No decision asks for a plan: decide to move or revoke first, with t.", severity="warning")
                return
            chosen = plans[0]
            if len(plans) > 1:
                picked = await self.app.push_screen_wait(PlanChooser(plans))
                if picked is None:
                    return
                chosen = picked
            await self.review(chosen)
            if len(plans) == 1:
                return

    @work
    async def action_open_plan(self) -> None:
        """Review a plan that somebody wrote to a file, against what is known now."""
        from tokendesk.reporting.plan_file import load_plan
        from tokendesk.tui.screens.name import NameScreen
        from tokendesk.views.planning import planner
        from tokendesk.views.recheck import recheck

        hint = "The file of a plan that was written with w in a review. Rows that changed since are refused."
        given = await self.app.push_screen_wait(NameScreen("Open plan", hint))
        if not given:
            return
        try:
            plan = await asyncio.to_thread(lambda: load_plan(Path(given).expanduser()))
            by = planner(self._settings, self._clock())
            plan, changed = await self._reading.ask(lambda reader: recheck(reader, plan, by))
        except TokendeskError as error:
            self.notify(str(error), severity="error", timeout=10)
            return
        if changed:
            many = "1 row has" if len(changed) == 1 else f"{len(changed):,} rows have"
            self.notify(f"{many} changed since the plan was made, and will not be touched.", severity="warning")
        await self.review(plan)

    async def review(self, plan: "Plan", hidden: Collection[str] = ()) -> None:
        """Show the plan, and carry it out where its words were typed. Call it from a worker."""
        from tokendesk.model.plan import REVOKE
        from tokendesk.tui.screens.review import ReviewScreen

        todo, way = plan, self.app.way  # type: ignore[attr-defined]
        while True:
            screen = ReviewScreen(todo, self._settings, way, self._why_off, self._clock, _hidden_records(todo, hidden))
            if todo.kind == REVOKE and todo.doing and way is not None and self._settings.allow_writes:
                self._ask_rights(way, todo.doing[0].account_id, screen)
            reviewed = await self.app.push_screen_wait(screen)
            if reviewed is None:
                return
            end = await self._run(reviewed.chosen)
            if end.refused:
                self.notify(end.refused, title="Nothing was sent", severity="error", timeout=12)
                todo = reviewed.plan
                continue
            await self._follow(reviewed.chosen, end)
            if end.undo:
                todo, hidden = await self._undoing(end.run_id), ()
            elif reviewed.rest is not None:
                todo = reviewed.rest
            else:
                return

    def _why_off(self, plan: "Plan") -> str:
        from tokendesk.model.plan import REVOKE
        from tokendesk.running.permission import why_off

        off = why_off(self._settings, self.app.way, plan, no_way=self.app.no_way)  # type: ignore[attr-defined]
        return off or (self._no_right if plan.kind == REVOKE else "")

    @work(group="rights", exclusive=True)
    async def _ask_rights(self, way: "Access", account_id: str, screen: "ReviewScreen") -> None:
        """Find out while the plan is read whether the key may revoke at all."""
        from tokendesk.running.rights import why_not_revoke

        self._no_right = await why_not_revoke(way, account_id)
        if screen.is_mounted and screen in self.app.screen_stack:  # it may have been left meanwhile
            screen.say_apply()

    async def _run(self, plan: "Plan") -> "RunEnd":
        from tokendesk.tui.screens.run import RunScreen

        app, now = self.app, self._clock()
        return await app.push_screen_wait(
            RunScreen(plan, self._settings, app.way, now, self._facts_of, app.sleep, app.moment)  # type: ignore[attr-defined]
        )

    async def _facts_of(self, run_id: str) -> "RunFacts | None":
        """Read a run out of the desk, which may be there for the first time."""
        from tokendesk.views.run_facts import run_facts

        await self.renew()
        return await self._reading.ask(lambda reader: run_facts(reader, run_id, self._clock()))

    async def _follow(self, plan: "Plan", end: "RunEnd") -> None:
        """Let list, counts and marks follow a run: what came out as planned is not marked any more, the rest is."""
        good = {row.record for row in end.rows if row.is_good}
        for row in plan.doing:
            on = row.record not in good
            if self.query_shown.pane == "users" or not on:
                self._marks.put("users", (row.account_id,), on)
            if self.query_shown.pane == "tokens" or not on:
                self._marks.put("tokens", (token.token_id for token in row.tokens if token.selected), on)
        await self.renew()

    async def _undoing(self, run_id: str) -> "Plan":
        from tokendesk.views.planning import planner
        from tokendesk.views.undo import undo_plan

        return await self._reading.ask(lambda reader: undo_plan(reader, run_id, planner(self._settings, self._clock())))

    # --- the journal

    @work
    async def action_undo_run(self) -> None:
        run_id = self._run_under_cursor()
        if run_id is not None:
            await self._take_back(run_id)

    def _run_under_cursor(self) -> str | None:
        if self.query_shown.pane != "journal" or self.rows.row_id is None:
            self.notify("U takes a run of the journal back. Open it with 5.", severity="warning")
            return None
        row = self._reading.near.row("journal", self.rows.row_id, self._clock())
        return row["run_id"] if row else None

    async def _take_back(self, run_id: str) -> None:
        try:
            plan = await self._undoing(run_id)
        except TokendeskError as error:
            self.notify(str(error), severity="warning")
            return
        await self.review(plan)

    async def open_run(self, run_id: str) -> None:
        """Show a run as a page. Call it from a worker."""
        from tokendesk.tui.screens.run_page import RunPageScreen
        from tokendesk.views.run_facts import run_facts

        facts = await self._reading.ask(lambda reader: run_facts(reader, run_id, self._clock()))
        if facts is None:
            return
        way = self.app.way  # type: ignore[attr-defined]
        end = await self.app.push_screen_wait(RunPageScreen(self._settings, way, self._clock(), facts))
        if end.undo:
            await self._take_back(run_id)
        elif end.give_up:
            await self._give_up(run_id, end.give_up)

    async def _give_up(self, run_id: str, why: str) -> None:
        from tokendesk.running.apply import give_up_run

        try:
            await asyncio.to_thread(give_up_run, self._settings, self.app.way, run_id, why)  # type: ignore[attr-defined]
        except TokendeskError as error:
            self.notify(str(error), severity="error", timeout=10)
            return
        await self.renew()
        await self.open_run(run_id)


def _hidden_records(plan: "Plan", hidden: Collection[str]) -> set[str]:
    """Return the records of the plan that no row on screen stood for. `hidden`: token or account ids."""
    found = set()
    for row in plan.rows if hidden else ():
        meant = [token.token_id for token in row.tokens if token.selected]
        if row.account_id in hidden or (meant and all(token_id in hidden for token_id in meant)):
            found.add(row.record)
    return found
