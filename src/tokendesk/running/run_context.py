"""What a run needs: the desk that stores each step, the API client, and the callbacks for progress."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from tokendesk.api.client import Client
from tokendesk.background import to_its_end
from tokendesk.desk import runs
from tokendesk.desk.entries import Desk
from tokendesk.errors import TokendeskError
from tokendesk.model.plan import Plan, plan_to_record
from tokendesk.running.memberships import MembershipLookup

SEARCH_SECONDS = 15 * 60.0
"""Seconds after which the outcome of a move counts as unknown (api handbook 7.2)."""
_STEP = 1.0
"""Seconds between two checks whether to stop waiting."""


@dataclass(frozen=True, slots=True)
class SearchProgress:
    """A search for users whose outcome is unknown. Times in seconds.

    `waited` since they were sent, `timeout` in all, `next_in` until the next lookup.
    """

    users: int
    why: str
    waited: float
    timeout: float
    next_in: float

    @property
    def message(self) -> str:
        who = "1 user is" if self.users == 1 else f"{self.users:,} users are"
        waited = f"waited {_format_duration(self.waited)} of {_format_duration(self.timeout)}"
        return f"{who} looked for ({self.why}): {waited}, next check in {self.next_in:.0f} s"


def _format_duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return " ".join(filter(None, (f"{minutes} min" if minutes else "", f"{rest} s" if rest or not minutes else "")))


@dataclass(frozen=True, slots=True)
class RunProgress:
    """The progress of a run. `rows`: record -> (outcome, reason) of the rows with new outcomes.

    `search`: the search for users, while the run waits for their outcomes.
    """

    run_id: str
    done: int
    total: int
    batch: int
    batches: int
    message: str
    rows: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    search: SearchProgress | None = None


Outcomes = dict[str, tuple[str, str, str | None]]
"""record -> (outcome, reason, policy found or None)"""


def _ignore_progress(_: RunProgress) -> None:
    pass


def _ignore_error(_: TokendeskError) -> None:
    pass


@dataclass(slots=True)
class RunContext:
    """One active run. Every step is stored in the desk before the next one.

    `stop_searching` is checked while outcomes are unknown: whether to stop the search. `search_seconds`: its longest
    time.
    """

    desk: Desk
    client: Client
    org_id: str
    report: Callable[[RunProgress], None] = _ignore_progress
    cancelled: Callable[[], bool] = lambda: False
    sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    on_nothing_done: Callable[[TokendeskError], None] = _ignore_error
    key_label: str | None = None
    batch_size: int | None = None
    """Most users in one policy lookup."""
    on_wait: Callable[[str, float], None] = lambda why, seconds: None
    stop_searching: Callable[[], bool] = lambda: False
    search_seconds: float = SEARCH_SECONDS
    run_id: str = ""
    total: int = 0
    done: int = 0
    batches: int = 0
    batch: int = 0
    memberships: MembershipLookup = field(init=False)

    def __post_init__(self) -> None:
        self.memberships = MembershipLookup(self.client, self.org_id, self.batch_size)

    async def write(self, kind: str, **payload: Any) -> str:
        """Append an entry of this run; return its id. In a thread: it waits for the disk."""
        if kind != runs.BEGUN:
            payload["run"] = self.run_id
        return (await to_its_end(self.desk.append, kind, payload)).entry_id

    async def begin(self, plan: Plan, batches: int) -> None:
        self.run_id = await self.write(runs.BEGUN, plan=plan_to_record(plan), digest=plan.digest, key=self.key_label)
        self.total, self.batches = len(plan.rows_to_do), batches
        self.report_progress("started")

    async def record_outcomes(self, outcomes: Outcomes) -> None:
        if outcomes:
            await self.write(runs.OUTCOMES, rows={record: list(parts) for record, parts in outcomes.items()})
            self.done += len(outcomes)
            self.report_progress("", {record: parts[:2] for record, parts in outcomes.items()})

    async def end(self, state: str, words: str = "") -> None:
        await self.write(runs.ENDED, state=state, words=words)
        self.report_progress(words or state)

    def seconds_since(self, moment: datetime) -> float:
        """Return the seconds since `moment`; 0 if the clock was set back."""
        return max(0.0, (self.clock() - moment).total_seconds())

    async def pause(self, seconds: float, told: Callable[[float], None] = lambda left: None) -> None:
        """Wait before the next request, unless the user cancels. `told` gets the seconds left."""
        while seconds > 0 and not self.stop_searching():
            told(seconds)
            step = min(_STEP, seconds)
            await self.sleep(step)
            seconds -= step

    async def wait(self, search: SearchProgress) -> None:
        """Wait for the next lookup, and report the time waited."""

        def tell(left: float) -> None:
            self.report_progress("", search=replace(search, waited=search.waited + search.next_in - left, next_in=left))

        await self.pause(search.next_in, tell)

    def report_progress(
        self, words: str, rows: Mapping[str, tuple[str, str]] | None = None, *, search: SearchProgress | None = None
    ) -> None:
        self.report(
            RunProgress(self.run_id, self.done, self.total, self.batch, self.batches, words, rows or {}, search)
        )
