"""Moves users in batches; each step is stored before it is taken and after the response.

Bulk-fetch the batch, skip users whose policy changed since the plan -> store the intent -> POST -> store the task ->
poll it -> store the outcomes. At the end, all users are verified.

If the response to a POST was lost, its users may have moved or not. They are looked up before the next batch, and
searched for together at the end of the run.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby, islice

from tokendesk.api import calls
from tokendesk.api.http_errors import BadRequest, NotExecuted, NotFound, NotInPlan
from tokendesk.desk import runs
from tokendesk.desk.runs import CHANGED, FAILED
from tokendesk.errors import ApiError, KeyRefused, TokendeskError
from tokendesk.model.plan import Plan, PlanRow
from tokendesk.model.records import Membership
from tokendesk.running.finish import CANCELLED, DONE, STOPPED, finish
from tokendesk.running.run_context import Outcomes, RunContext, SearchProgress
from tokendesk.running.task_polling import SentUsers, UnknownMove, follow_task, locate_once, search_delays, search_users

MAX_LOST_IN_A_ROW = 3
"""After this many lost responses in a row, with no user found, the next batch waits a minute for them."""
_MAX_SEARCHES = 4
_LOST_RESPONSE = "the response to the move was lost"


def batches(rows: Sequence[PlanRow], size: int) -> Iterator[tuple[str, list[PlanRow]]]:
    """Yield (target policy, rows), one for each request."""
    by_target = sorted(rows, key=lambda row: row.to_id or "")
    for to_id, group in groupby(by_target, key=lambda row: row.to_id or ""):
        while part := list(islice(group, size)):
            yield to_id, part


async def run_move(ctx: RunContext, plan: Plan, size: int = 100) -> None:
    """Apply a move plan. Raises KeyRefused or ApiFailed if the run must be settled later."""
    parts = list(batches(plan.rows_to_do, size))
    await ctx.begin(plan, len(parts))
    state, words = DONE, ""
    unknown_moves = _UnknownMoves(ctx)
    for number, (to_id, rows) in enumerate(parts, 1):
        await unknown_moves.search()
        if ctx.cancelled() or ctx.stop_searching():
            state, words = CANCELLED, "cancelled between two batches"
            break
        ctx.batch = number
        try:
            await _Batch(ctx, plan, number, to_id, rows, unknown_moves).run()
        except _Stop as stop:
            state, words = STOPPED, str(stop)
            if number == 1 and isinstance(stop.__cause__, KeyRefused | ApiError):
                ctx.on_nothing_done(stop.__cause__)
            break
    await unknown_moves.settle()
    await finish(ctx, state, words)


class _UnknownMoves:
    """Users whose outcome is unknown, because the responses to their batches were lost."""

    def __init__(self, ctx: RunContext) -> None:
        self._ctx = ctx
        self._sent: list[tuple[UnknownMove, datetime]] = []
        self._in_a_row = 0

    def reset_losses(self) -> None:
        self._in_a_row = 0

    def add(self, sent: SentUsers, to_id: str) -> None:
        self._in_a_row += 1
        self._sent.append((UnknownMove(sent, to_id, _LOST_RESPONSE), self._ctx.clock()))

    async def search(self) -> None:
        """Search for all users, and keep those not found: once, or for a minute if responses keep getting lost."""
        ctx = self._ctx
        for delay in islice(search_delays(), _MAX_SEARCHES if self._in_a_row >= MAX_LOST_IN_A_ROW else 1):
            if delay and self._in_a_row < MAX_LOST_IN_A_ROW:
                return
            if delay:
                waited = max((ctx.seconds_since(at) for _, at in self._sent), default=0.0)
                users = sum(len(move.sent) for move, _ in self._sent)
                await ctx.wait(
                    SearchProgress(users, _LOST_RESPONSE, min(waited, ctx.search_seconds), ctx.search_seconds, delay)
                )
            if not self._sent or ctx.stop_searching():
                return
            await self._search_once()

    async def _search_once(self) -> None:
        waiting, self._sent = self._sent, []
        for move, at in waiting:
            found = await locate_once(self._ctx, move)
            await self._ctx.record_outcomes(found)
            self._in_a_row = 0 if found else self._in_a_row
            if rest := {record: email for record, email in move.sent.items() if record not in found}:
                self._sent.append((replace(move, sent=rest), at))

    async def settle(self) -> None:
        waiting, self._sent = self._sent, []
        unknown_moves = [replace(move, waited=self._ctx.seconds_since(at)) for move, at in waiting]
        await self._ctx.record_outcomes(await search_users(self._ctx, unknown_moves))


class _Stop(Exception):
    """Ends the run: no further batch makes sense, and nothing of this one was sent."""


class _Batch:
    def __init__(
        self,
        ctx: RunContext,
        plan: Plan,
        number: int,
        to_id: str,
        rows: Sequence[PlanRow],
        unknown_moves: _UnknownMoves,
    ) -> None:
        self._ctx = ctx
        self._unknown = unknown_moves
        self._plan = plan
        self._number = number
        self._to_id = to_id
        self._rows = {row.account_id: row for row in rows}

    async def run(self) -> None:
        ctx = self._ctx
        ctx.report_progress(f"asking where {len(self._rows):,} users are")
        try:
            found = await ctx.memberships.fetch({row.account_id: row.email for row in self._rows.values()})
        except TokendeskError as error:
            raise _Stop(str(error)) from error
        changed = self._changed(found)
        await ctx.record_outcomes(changed)
        sent: SentUsers = {record: row.email for record, row in self._rows.items() if record not in changed}
        if not sent:
            return
        before = {record: found[record].policy_id for record in sent}
        await ctx.write(runs.INTENDED, batch=self._number, to=self._to_id, rows=before)
        await ctx.record_outcomes(await self._send(sent))

    def _changed(self, found: Mapping[str, Membership]) -> Outcomes:
        """Return the rows that changed since the plan: they are skipped."""
        changed: Outcomes = {}
        for record, row in self._rows.items():
            now = found.get(record)
            if now is None or now.policy_id is None:
                why = f": {now.problem}" if now and now.problem else ""
                changed[record] = (CHANGED, f"its policy is unknown now{why}", None)
            elif now.policy_id != row.from_id:
                name = self._plan.policy_name(now.policy_id)
                changed[record] = (CHANGED, f"changed since the plan: it is in {name} now", now.policy_id)
            elif now.email is not None and now.email.casefold() != (row.email or "").casefold():
                changed[record] = (CHANGED, "changed since the plan: its e-mail address is different", now.policy_id)
        return changed

    async def _send(self, sent: SentUsers) -> Outcomes:
        ctx = self._ctx
        emails = [email for email in sent.values() if email]
        try:
            task_id = await calls.add_users(ctx.client, ctx.org_id, self._to_id, emails)
        except BadRequest as error:
            return self._failed(sent, error)
        except (KeyRefused, NotInPlan, NotFound, NotExecuted) as error:
            await ctx.record_outcomes(self._failed(sent, error))
            raise _Stop(str(error)) from error
        except ApiError:
            # The outcome is unknown: only the users' policies will tell. Never sent again.
            self._unknown.add(sent, self._to_id)
            return {}
        self._unknown.reset_losses()
        await ctx.write(runs.ACCEPTED, batch=self._number, task=task_id)
        return await follow_task(ctx, sent, self._to_id, task_id)

    @staticmethod
    def _failed(sent: SentUsers, error: TokendeskError) -> Outcomes:
        return {record: (FAILED, str(error), None) for record in sent}
