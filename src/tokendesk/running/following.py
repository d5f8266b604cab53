"""What becomes of users who were asked to be moved: by the task that moves them, or by where they are found."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tokendesk.api import calls
from tokendesk.api.http_errors import BadRequest, InvalidId, NotFound
from tokendesk.api.policy_lookup import TooManyFailures
from tokendesk.desk.runs import FAILED, MOVED, UNKNOWN
from tokendesk.errors import ApiFailed
from tokendesk.model.records import Membership, MoveTask
from tokendesk.running.work import Outcomes, Search, Work

_STEADY = 4
"""So many answers in a row with the same counts, nothing in progress, mean the end: that the counts add up to what
was sent is an inference (api handbook 7.2)."""

_LATE = 30.0
"""Seconds for which users are looked for of whom a task that ended says nothing: reading lags behind moving."""
_NO_REASON = "Atlassian did not say why"

Sent = Mapping[str, str | None]
"""account id -> e-mail address, as sent in one batch"""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Users who were sent to a policy and may have moved or not. `waited`: seconds since they were sent."""

    sent: Sent
    to_id: str
    why: str
    waited: float = 0.0


def poll_delays() -> Iterator[float]:
    yield from (1.0, 2.0, 4.0, 8.0)
    while True:
        yield 15.0


def look_delays() -> Iterator[float]:
    """Seconds between looks at 0, 5, 30 s and so on, ever rarer."""
    yield from (0.0, 5.0, 25.0, 30.0, 60.0)
    while True:
        yield 120.0


async def follow_task(work: Work, sent: Sent, to_id: str, task_id: str, waited: float = 0.0) -> Outcomes:
    """Poll a task to its end. `waited`: seconds since it was accepted. Raises KeyRefused; all else is waited out."""
    last, steady = None, 0
    for delay in poll_delays():
        try:
            task = await calls.move_task(work.client, work.org_id, task_id)
        except (NotFound, BadRequest, InvalidId):
            return await look(work, sent, to_id, "its task is not known any more", waited)
        except ApiFailed as error:
            said = f"the task cannot be read: {error}"
        else:
            steady = steady + 1 if task == last else 1
            last = task
            if _is_over(task, len(sent), steady):
                return await _by_task(work, sent, to_id, task)
            said = f"{task.succeeded + task.failed:,} of {len(sent):,} done"
        if waited >= work.patience or work.enough():
            break
        work.say(said)
        work.waiting("then asked again", delay)
        await work.pause(delay)
        waited += delay
    ended = "nobody waited for the end of its task" if work.enough() else "its task did not end in time"
    return await look(work, sent, to_id, ended, work.patience)


def _is_over(task: MoveTask, sent: int, steady: int) -> bool:
    done = task.succeeded + task.failed
    return task.in_progress == 0 and (done == sent or (done > 0 and steady >= _STEADY))


async def _by_task(work: Work, sent: Sent, to_id: str, task: MoveTask) -> Outcomes:
    """Return the outcomes a finished task tells. Where it does not say who failed, each one is looked for."""
    reasons = {email.casefold(): reason for email, reason in task.failures.items()}
    failed = {record for record, email in sent.items() if (email or "").casefold() in reasons}
    told: Outcomes = {
        record: (FAILED, reasons[(sent[record] or "").casefold()] or _NO_REASON, None) for record in failed
    }
    untold = {record: email for record, email in sent.items() if record not in failed}
    if len(failed) == task.failed and task.succeeded + task.failed == len(sent):
        return told | dict.fromkeys(untold, (MOVED, "", None))
    waited = max(0.0, work.patience - _LATE)
    found = await look(work, untold, to_id, "Atlassian did not say whether it moved", waited)
    missing = [record for record, parts in found.items() if parts[0] != MOVED]
    if len(missing) == task.failed - len(failed):  # these and no others failed
        found |= {record: (FAILED, _NO_REASON, found[record][2]) for record in missing}
    return told | found


async def look(work: Work, sent: Sent, to_id: str, why: str, waited: float = 0.0) -> Outcomes:
    return await search(work, [Doubt(sent, to_id, why, waited)])


async def look_once(work: Work, doubt: Doubt) -> Outcomes:
    """Return those who are found where they were sent. Raises KeyRefused; what cannot be asked now is asked later."""
    told: dict[str, Membership] = {}
    work.say(f"looking for {len(doubt.sent):,} users: {doubt.why}")
    with suppress(ApiFailed):
        await work.whereabouts.of(doubt.sent, told)
    return {
        record: (MOVED, "", doubt.to_id)
        for record, membership in told.items()
        if membership.policy_id == doubt.to_id and record in doubt.sent
    }


async def search(work: Work, doubts: Sequence[Doubt]) -> Outcomes:
    """Ask where each user is until all are there, or it has taken too long, or somebody has had enough of it: moves
    are asynchronous, so the old policy may still show.

    Raises KeyRefused, and ApiFailed where no question was answered at all: then it is not too late to ask another day.
    """
    there: Outcomes = {}
    missing = {record: doubt for doubt in doubts for record in doubt.sent}
    places: dict[str, str | None] = {}
    unheard: ApiFailed | None = None
    is_heard = not missing
    waited = min((doubt.waited for doubt in doubts), default=0.0)
    for delay in look_delays():
        if delay:
            if waited >= work.patience or work.enough():
                break
            seconds = min(delay, work.patience - waited)
            whys = {doubt.why: None for doubt in missing.values()}
            await work.wait(Search(len(missing), "; ".join(whys), waited, work.patience, seconds))
            waited += seconds
        told: dict[str, Membership] = {}
        try:
            await work.whereabouts.of({record: doubt.sent[record] for record, doubt in missing.items()}, told)
            is_heard = True
        except ApiFailed as error:
            unheard, is_heard = error, is_heard or bool(told) or isinstance(error, TooManyFailures)
            work.say(f"where they are cannot be asked: {error}")
        for record, membership in told.items():
            if membership.policy_id is None or record not in missing:
                continue
            places[record] = membership.policy_id
            if membership.policy_id == missing[record].to_id:
                there[record] = (MOVED, "", missing.pop(record).to_id)
        if not missing:
            break
    if unheard is not None and not is_heard and not work.enough():
        raise unheard
    return there | {record: (UNKNOWN, doubt.why, places.get(record)) for record, doubt in missing.items()}
