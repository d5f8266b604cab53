"""Moving users: batch by batch, each step written down before it is taken and after it is answered.

Bulk-fetch the batch, leave out who is not where the plan has them -> write down what is intended -> POST -> write down
the task -> follow it -> write down what came out. In the end everybody is looked for once more.

Where the answer to a POST was lost, its users may have moved or not. They are looked for before the next batch, and
waited for at the end of the run, all of them together.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby, islice

from tokendesk.api import calls
from tokendesk.api.http_errors import BadRequest, NotExecuted, NotFound, NotInPlan
from tokendesk.desk import runs
from tokendesk.desk.runs import CHANGED, FAILED
from tokendesk.errors import ApiFailed, KeyRefused, TokendeskError
from tokendesk.model.plan import Plan, PlanRow
from tokendesk.model.records import Membership
from tokendesk.running.finish import CANCELLED, DONE, STOPPED, finish
from tokendesk.running.following import Doubt, Sent, follow_task, look_delays, look_once, search
from tokendesk.running.work import Outcomes, Search, Work

MOST_DOUBTS = 3
"""After so many lost answers in a row, nobody of whom was found, the next batch waits a minute for them."""
_LOOKS = 4
_LOST = "the answer to the move was lost"


def batches(rows: Sequence[PlanRow], size: int) -> Iterator[tuple[str, list[PlanRow]]]:
    """Yield (target policy, rows): one request's worth each."""
    by_target = sorted(rows, key=lambda row: row.to_id or "")
    for to_id, group in groupby(by_target, key=lambda row: row.to_id or ""):
        while part := list(islice(group, size)):
            yield to_id, part


async def run_move(work: Work, plan: Plan, size: int = 100) -> None:
    """Carry out a move plan. Raises KeyRefused or ApiFailed where the run has to be settled later."""
    parts = list(batches(plan.doing, size))
    await work.begin(plan, len(parts))
    state, words = DONE, ""
    doubts = _Doubts(work)
    for number, (to_id, rows) in enumerate(parts, 1):
        await doubts.look()
        if work.cancelled() or work.enough():
            state, words = CANCELLED, "cancelled between two batches"
            break
        work.batch = number
        try:
            await _Batch(work, plan, number, to_id, rows, doubts).carry_out()
        except _Stop as stop:
            state, words = STOPPED, str(stop)
            if number == 1 and isinstance(stop.__cause__, KeyRefused | ApiFailed):
                work.nothing_done(stop.__cause__)
            break
    await doubts.settle()
    await finish(work, state, words)


class _Doubts:
    """Users who may have moved or not, since the answers to their batches were lost."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._sent: list[tuple[Doubt, datetime]] = []
        self._in_a_row = 0

    def answered(self) -> None:
        self._in_a_row = 0

    def add(self, sent: Sent, to_id: str) -> None:
        self._in_a_row += 1
        self._sent.append((Doubt(sent, to_id, _LOST), self._work.clock()))

    async def look(self) -> None:
        """Look for everybody, and keep in doubt who is not found: once, or for a minute where nothing is answered."""
        work = self._work
        for delay in islice(look_delays(), _LOOKS if self._in_a_row >= MOST_DOUBTS else 1):
            if delay and self._in_a_row < MOST_DOUBTS:
                return
            if delay:
                waited = max((work.since(at) for _, at in self._sent), default=0.0)
                users = sum(len(doubt.sent) for doubt, _ in self._sent)
                await work.wait(Search(users, _LOST, min(waited, work.patience), work.patience, delay))
            if not self._sent or work.enough():
                return
            await self._look_once()

    async def _look_once(self) -> None:
        waiting, self._sent = self._sent, []
        for doubt, at in waiting:
            found = await look_once(self._work, doubt)
            await self._work.come_out(found)
            self._in_a_row = 0 if found else self._in_a_row
            if rest := {record: email for record, email in doubt.sent.items() if record not in found}:
                self._sent.append((replace(doubt, sent=rest), at))

    async def settle(self) -> None:
        waiting, self._sent = self._sent, []
        doubts = [replace(doubt, waited=self._work.since(at)) for doubt, at in waiting]
        await self._work.come_out(await search(self._work, doubts))


class _Stop(Exception):
    """No further batch makes sense; nothing of this one is under way."""


class _Batch:
    def __init__(
        self, work: Work, plan: Plan, number: int, to_id: str, rows: Sequence[PlanRow], doubts: _Doubts
    ) -> None:
        self._work = work
        self._doubts = doubts
        self._plan = plan
        self._number = number
        self._to_id = to_id
        self._rows = {row.account_id: row for row in rows}

    async def carry_out(self) -> None:
        work = self._work
        work.say(f"asking where {len(self._rows):,} users are")
        try:
            found = await work.whereabouts.of({row.account_id: row.email for row in self._rows.values()})
        except TokendeskError as error:
            raise _Stop(str(error)) from error
        changed = self._changed(found)
        await work.come_out(changed)
        sent: Sent = {record: row.email for record, row in self._rows.items() if record not in changed}
        if not sent:
            return
        before = {record: found[record].policy_id for record in sent}
        await work.write(runs.INTENDED, batch=self._number, to=self._to_id, rows=before)
        await work.come_out(await self._send(sent))

    def _changed(self, found: Mapping[str, Membership]) -> Outcomes:
        """Return the rows that are not as the plan has them: they are left alone."""
        changed: Outcomes = {}
        for record, row in self._rows.items():
            now = found.get(record)
            if now is None or now.policy_id is None:
                why = f": {now.problem}" if now and now.problem else ""
                changed[record] = (CHANGED, f"its policy cannot be told now{why}", None)
            elif now.policy_id != row.from_id:
                name = self._plan.policy_name(now.policy_id)
                changed[record] = (CHANGED, f"changed since the plan: it is in {name} now", now.policy_id)
            elif now.email is not None and now.email.casefold() != (row.email or "").casefold():
                changed[record] = (CHANGED, "changed since the plan: its e-mail address is another", now.policy_id)
        return changed

    async def _send(self, sent: Sent) -> Outcomes:
        work = self._work
        emails = [email for email in sent.values() if email]
        try:
            task_id = await calls.add_users(work.client, work.org_id, self._to_id, emails)
        except BadRequest as error:
            return self._failed(sent, error)
        except (KeyRefused, NotInPlan, NotFound, NotExecuted) as error:
            await work.come_out(self._failed(sent, error))
            raise _Stop(str(error)) from error
        except ApiFailed:
            # It may have been carried out or not: only where the users turn up tells. Never sent again.
            self._doubts.add(sent, self._to_id)
            return {}
        self._doubts.answered()
        await work.write(runs.ACCEPTED, batch=self._number, task=task_id)
        return await follow_task(work, sent, self._to_id, task_id)

    @staticmethod
    def _failed(sent: Sent, error: TokendeskError) -> Outcomes:
        return {record: (FAILED, str(error), None) for record in sent}
