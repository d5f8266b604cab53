"""The key that asks what stops if a policy blocks tokens, and what its page asks for next."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from textual import work

from tokendesk.config import Settings
from tokendesk.model.text import clean
from tokendesk.tui.reading import Reading
from tokendesk.tui.source import source_words
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.views.query import Query, Scope

if TYPE_CHECKING:
    from textual.screen import Screen as _Base

    from tokendesk.model.readiness import Step
else:
    _Base = object


class Preparing(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen."""

    query_shown: Query
    _reading: Reading
    _settings: Settings
    _clock: Callable[[], int]

    @property
    def rows(self) -> RecordList:
        raise NotImplementedError

    async def open_plans(self, ids: Collection[int] | None = None) -> None:
        raise NotImplementedError

    async def move_rows(self, pane: str, ids: Collection[int], hidden: Collection[str] = ()) -> None:
        raise NotImplementedError

    async def _step_in(self, pane: str, scope: Scope, record: str, keep: str | None = None) -> None:
        raise NotImplementedError

    @work
    async def action_readiness(self) -> None:
        from tokendesk.tui.screens.readiness import ReadinessScreen
        from tokendesk.views.readiness import policy_readiness

        policy_id = await self._policy_meant()
        if policy_id is None:
            return
        now = self._clock()
        info = self._reading.near.info
        source = source_words(self._settings, self.app.way, info.pulled_at if info else None, now)  # type: ignore[attr-defined]
        org = clean(info.org_name or info.org_id) if info else "no snapshot"
        while True:
            found = await self._reading.ask(lambda reader: policy_readiness(reader, policy_id, self._clock()))
            chosen = await self.app.push_screen_wait(ReadinessScreen(self._settings, found, source, org, now))
            if chosen is None:
                return
            if not chosen.plan:
                scope = Scope(f"{found.name}: {chosen.step.title}", chosen.step.filter)
                await self._step_in("tokens", scope, policy_id)
                return
            await self._plan_for(chosen.step)

    async def _plan_for(self, step: "Step") -> None:
        """Review the plan that a step asks for; then its page is shown again."""
        query = Query("tokens", filter=step.filter)
        ids = list(await self._reading.ask(lambda reader: reader.ids(query, self._clock())))
        if "decision:keep" in step.filter:
            await self.move_rows("tokens", ids)
        else:
            await self.open_plans(ids)

    async def _policy_meant(self) -> str | None:
        """Return the policy under the cursor; elsewhere the goal's, or the one that is chosen."""
        from tokendesk.tui.screens.policy_picker import PolicyPicker
        from tokendesk.views.goals import the_goal
        from tokendesk.views.policies import policy_choices

        near = self._reading.near
        if self.query_shown.pane == "policies" and self.rows.row_id is not None:
            return near.records("policies", (self.rows.row_id,)).get(self.rows.row_id)
        goal = the_goal(near)
        if goal is not None and goal.policy is not None:
            return goal.policy_id
        hint = "What stops if tokens are blocked there now, and what must happen before."
        picker = PolicyPicker("Readiness of a policy", hint, policy_choices(near))
        return await self.app.push_screen_wait(picker)
