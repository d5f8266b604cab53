"""What carrying out a plan needs: the desk to write down each step in, the way there, and who is told."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tokendesk.api.client import Client
from tokendesk.api.policy_lookup import BATCH
from tokendesk.desk import runs
from tokendesk.desk.entries import Desk
from tokendesk.errors import TokendeskError
from tokendesk.model.plan import Plan, as_record
from tokendesk.running.whereabouts import Whereabouts

PATIENCE = 15 * 60.0
"""Seconds after which what became of a move is called unknown (api handbook 7.2)."""


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is. `rows`: record -> (outcome, reason) of the rows that have come out since the last report."""

    run_id: str
    done: int
    total: int
    batch: int
    batches: int
    words: str
    rows: Mapping[str, tuple[str, str]] = field(default_factory=dict)


Outcomes = dict[str, tuple[str, str, str | None]]
"""record -> (outcome, reason, policy found or None)"""


def _silent(_: RunProgress) -> None:
    pass


def _heard(_: TokendeskError) -> None:
    pass


@dataclass(slots=True)
class Work:
    """One run under way. Every step is in the desk before the next one is taken."""

    desk: Desk
    client: Client
    org_id: str
    report: Callable[[RunProgress], None] = _silent
    cancelled: Callable[[], bool] = lambda: False
    sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    nothing_done: Callable[[TokendeskError], None] = _heard
    key_words: str | None = None
    asked_at_once: int = BATCH
    """How many users one question for policies asks about, at most."""
    run_id: str = ""
    total: int = 0
    done: int = 0
    batches: int = 0
    batch: int = 0
    whereabouts: Whereabouts = field(init=False)

    def __post_init__(self) -> None:
        self.whereabouts = Whereabouts(self.client, self.org_id, self.asked_at_once)

    async def write(self, kind: str, **payload: Any) -> str:
        """Append an entry of this run; return its id. Away from the event loop: the disk is waited for."""
        if kind != runs.BEGUN:
            payload["run"] = self.run_id
        return (await asyncio.to_thread(self.desk.append, kind, payload)).entry_id

    async def begin(self, plan: Plan, batches: int) -> None:
        self.run_id = await self.write(runs.BEGUN, plan=as_record(plan), digest=plan.digest, key=self.key_words)
        self.total, self.batches = len(plan.doing), batches
        self.say("begun")

    async def come_out(self, outcomes: Outcomes) -> None:
        if outcomes:
            await self.write(runs.OUTCOMES, rows={record: list(parts) for record, parts in outcomes.items()})
            self.done += len(outcomes)
            self.say("", {record: parts[:2] for record, parts in outcomes.items()})

    async def end(self, state: str, words: str = "") -> None:
        await self.write(runs.ENDED, state=state, words=words)
        self.say(words or state)

    def say(self, words: str, rows: Mapping[str, tuple[str, str]] | None = None) -> None:
        self.report(RunProgress(self.run_id, self.done, self.total, self.batch, self.batches, words, rows or {}))
