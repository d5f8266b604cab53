"""What becomes of users who were asked to be moved: by the task that moves them, or by where they are found."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tokendesk.api import calls
from tokendesk.api.http_errors import BadRequest, InvalidId, NotFound
from tokendesk.api.policy_lookup import TooManyFailures
from tokendesk.desk.runs import FAILED, MOVED, UNKNOWN
from tokendesk.errors import ApiError
from tokendesk.model.counting import counted
from tokendesk.model.records import Membership, MoveTask
from tokendesk.running.run_context import Outcomes, RunContext, SearchProgress

_STABLE_POLLS = 4
"""Identical polls in a row, with nothing in progress, that mean the end of a task: it is not documented that the
counts add up to the number sent (api handbook 7.2)."""

_READ_LAG = 30.0
"""Seconds to search for users that a finished task does not mention: reads lag behind moves."""
_NO_REASON = "Atlassian did not say why"

SentUsers = Mapping[str, str | None]
"""account id -> e-mail address, as sent in one batch"""


@dataclass(frozen=True, slots=True)
class UnknownMove:
    """Users sent to a policy whose outcome is unknown. `waited`: seconds since the request."""

    sent: SentUsers
    to_id: str
    why: str
    waited: float = 0.0


def poll_delays() -> Iterator[float]:
    yield from (1.0, 2.0, 4.0, 8.0)
    while True:
        yield 15.0


def search_delays() -> Iterator[float]:
    """Seconds between searches: at 0, 5, 30 s and so on, less and less often."""
    yield from (0.0, 5.0, 25.0, 30.0, 60.0)
    while True:
        yield 120.0


async def follow_task(ctx: RunContext, sent: SentUsers, to_id: str, task_id: str, waited: float = 0.0) -> Outcomes:
    """Poll a task to its end. `waited`: seconds since it was accepted. Raises KeyRefused; other errors are retried."""
    last, steady = None, 0
    for delay in poll_delays():
        try:
            task = await calls.move_task(ctx.client, ctx.org_id, task_id)
        except (NotFound, BadRequest, InvalidId):
            return await locate_users(ctx, sent, to_id, "its task is no longer known", waited)
        except ApiError as error:
            said = f"the task cannot be read: {error}"
        else:
            steady = steady + 1 if task == last else 1
            last = task
            if _is_finished(task, len(sent), steady):
                return await _task_outcomes(ctx, sent, to_id, task)
            said = f"{task.succeeded + task.failed:,} of {len(sent):,} done"
        if waited >= ctx.search_seconds or ctx.stop_searching():
            break
        ctx.report_progress(said)
        ctx.on_wait("then it is checked again", delay)
        await ctx.pause(delay)
        waited += delay
    ended = "the wait for its task was cancelled" if ctx.stop_searching() else "its task did not end in time"
    return await locate_users(ctx, sent, to_id, ended, ctx.search_seconds)


def _is_finished(task: MoveTask, sent: int, steady: int) -> bool:
    done = task.succeeded + task.failed
    return task.in_progress == 0 and (done == sent or (done > 0 and steady >= _STABLE_POLLS))


async def _task_outcomes(ctx: RunContext, sent: SentUsers, to_id: str, task: MoveTask) -> Outcomes:
    """Return the outcomes of a finished task. If it does not say who failed, search for each user."""
    reasons = {email.casefold(): reason for email, reason in task.failures.items()}
    failed = {record for record, email in sent.items() if (email or "").casefold() in reasons}
    outcomes: Outcomes = {
        record: (FAILED, reasons[(sent[record] or "").casefold()] or _NO_REASON, None) for record in failed
    }
    rest = {record: email for record, email in sent.items() if record not in failed}
    if len(failed) == task.failed and task.succeeded + task.failed == len(sent):
        return outcomes | dict.fromkeys(rest, (MOVED, "", None))
    waited = max(0.0, ctx.search_seconds - _READ_LAG)
    found = await locate_users(ctx, rest, to_id, "Atlassian did not say whether it moved", waited)
    missing = [record for record, parts in found.items() if parts[0] != MOVED]
    if len(missing) == task.failed - len(failed):  # exactly these failed
        found |= {record: (FAILED, _NO_REASON, found[record][2]) for record in missing}
    return outcomes | found


async def locate_users(ctx: RunContext, sent: SentUsers, to_id: str, why: str, waited: float = 0.0) -> Outcomes:
    return await search_users(ctx, [UnknownMove(sent, to_id, why, waited)])


async def locate_once(ctx: RunContext, move: UnknownMove) -> Outcomes:
    """Return the users found in their target policy. Raises KeyRefused; other errors are left to the next search."""
    found_policies: dict[str, Membership] = {}
    ctx.report_progress(f"looking for {counted(len(move.sent), 'user')}: {move.why}")
    with suppress(ApiError):
        await ctx.memberships.fetch(move.sent, found_policies)
    return {
        record: (MOVED, "", move.to_id)
        for record, membership in found_policies.items()
        if membership.policy_id == move.to_id and record in move.sent
    }


async def search_users(ctx: RunContext, moves: Sequence[UnknownMove]) -> Outcomes:
    """Look up users until all are in their target policy, time is up, or the user cancels: moves are asynchronous,
    so the old policy may still show.

    Raises KeyRefused, and ApiFailed if no request succeeded: then the search can be repeated another day.
    """
    there: Outcomes = {}
    missing = {record: move for move in moves for record in move.sent}
    places: dict[str, str | None] = {}
    last_error: ApiError | None = None
    has_response = not missing
    waited = min((move.waited for move in moves), default=0.0)
    for delay in search_delays():
        if delay:
            if waited >= ctx.search_seconds or ctx.stop_searching():
                break
            seconds = min(delay, ctx.search_seconds - waited)
            whys = {move.why: None for move in missing.values()}
            await ctx.wait(SearchProgress(len(missing), "; ".join(whys), waited, ctx.search_seconds, seconds))
            waited += seconds
        found_policies: dict[str, Membership] = {}
        try:
            await ctx.memberships.fetch({record: move.sent[record] for record, move in missing.items()}, found_policies)
            has_response = True
        except ApiError as error:
            last_error, has_response = error, has_response or bool(found_policies) or isinstance(error, TooManyFailures)
            ctx.report_progress(f"cannot check where they are: {error}")
        for record, membership in found_policies.items():
            if membership.policy_id is None or record not in missing:
                continue
            places[record] = membership.policy_id
            if membership.policy_id == missing[record].to_id:
                there[record] = (MOVED, "", missing.pop(record).to_id)
        if not missing:
            break
    if last_error is not None and not has_response and not ctx.stop_searching():
        raise last_error
    return there | {record: (UNKNOWN, move.why, places.get(record)) for record, move in missing.items()}
