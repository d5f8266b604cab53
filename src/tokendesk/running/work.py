"""What carrying out a plan needs: the desk to write down each step in, the way there, and who is told."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from tokendesk.api.client import Client
from tokendesk.desk import runs
from tokendesk.desk.entries import Desk
from tokendesk.errors import TokendeskError
from tokendesk.model.plan import Plan, as_record
from tokendesk.running.whereabouts import Whereabouts

PATIENCE = 15 * 60.0
"""Seconds after which what became of a move is called unknown (api handbook 7.2)."""
_STEP = 1.0
"""Seconds between two questions whether to go on waiting."""


@dataclass(frozen=True, slots=True)
class Search:
    """Users who are looked for: of whom it is not known whether they moved. Times in seconds.

    `waited` since they were sent, `most` in all, `again` until the next look.
    """

    users: int
    why: str
    waited: float
    most: float
    again: float

    @property
    def words(self) -> str:
        who = "1 user is" if self.users == 1 else f"{self.users:,} users are"
        waited = f"waited {_minutes(self.waited)} of {_minutes(self.most)}"
        return f"{who} looked for ({self.why}): {waited}, asked again in {self.again:.0f} s"


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return " ".join(filter(None, (f"{minutes} min" if minutes else "", f"{rest} s" if rest or not minutes else "")))


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is. `rows`: record -> (outcome, reason) of the rows that have come out since the last report.

    `search`: who is being looked for, while a run waits to find out what became of them.
    """

    run_id: str
    done: int
    total: int
    batch: int
    batches: int
    words: str
    rows: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    search: Search | None = None


Outcomes = dict[str, tuple[str, str, str | None]]
"""record -> (outcome, reason, policy found or None)"""


def _silent(_: RunProgress) -> None:
    pass


def _heard(_: TokendeskError) -> None:
    pass


@dataclass(slots=True)
class Work:
    """One run under way. Every step is in the desk before the next one is taken.

    `enough` is asked while it is not known what became of users: whether to stop looking for them. `patience`: for
    how many seconds they are looked for at most.
    """

    desk: Desk
    client: Client
    org_id: str
    report: Callable[[RunProgress], None] = _silent
    cancelled: Callable[[], bool] = lambda: False
    sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    nothing_done: Callable[[TokendeskError], None] = _heard
    key_words: str | None = None
    asked_at_once: int | None = None
    """How many users one question for policies asks about, at most."""
    waiting: Callable[[str, float], None] = lambda why, seconds: None
    enough: Callable[[], bool] = lambda: False
    patience: float = PATIENCE
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

    def since(self, moment: datetime) -> float:
        """Return the seconds since then; 0 where the clock was set back meanwhile."""
        return max(0.0, (self.clock() - moment).total_seconds())

    async def pause(self, seconds: float, told: Callable[[float], None] = lambda left: None) -> None:
        """Wait before something is asked again, until somebody has had enough of it. `told` hears what is left."""
        while seconds > 0 and not self.enough():
            told(seconds)
            step = min(_STEP, seconds)
            await self.sleep(step)
            seconds -= step

    async def wait(self, search: Search) -> None:
        """Wait for the next look, and tell for how long already."""

        def tell(left: float) -> None:
            self.say("", search=replace(search, waited=search.waited + search.again - left, again=left))

        await self.pause(search.again, tell)

    def say(
        self, words: str, rows: Mapping[str, tuple[str, str]] | None = None, *, search: Search | None = None
    ) -> None:
        self.report(
            RunProgress(self.run_id, self.done, self.total, self.batch, self.batches, words, rows or {}, search)
        )
