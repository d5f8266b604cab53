"""What becomes of users who were asked to be moved: by the task that moves them, or by where they are found."""

from collections.abc import Iterator, Mapping

from tokendesk.api import calls
from tokendesk.api.problems import BadRequest, NotThere
from tokendesk.desk.runs import FAILED, MOVED, UNKNOWN
from tokendesk.errors import ApiFailed
from tokendesk.model.records import MoveTask
from tokendesk.running.work import PATIENCE, Outcomes, Work

_STEADY = 4
"""So many answers in a row with the same counts, nothing in progress, mean the end: that the counts add up to what
was sent is an inference (api handbook 7.2)."""

_LATE = 30.0
"""Seconds for which users are looked for of whom a task that ended says nothing: reading lags behind moving."""
_NO_REASON = "Atlassian did not say why"

Sent = Mapping[str, str | None]
"""account id -> e-mail address, as sent in one batch"""


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
        except (NotThere, BadRequest):
            return await look(work, sent, to_id, "its task is not known any more", waited)
        except ApiFailed as error:
            work.say(f"the task cannot be read: {error}")
        else:
            steady = steady + 1 if task == last else 1
            last = task
            if _is_over(task, len(sent), steady):
                return await _by_task(work, sent, to_id, task)
            work.say(f"{task.succeeded + task.failed:,} of {len(sent):,} done")
        if waited >= PATIENCE:
            break
        await work.sleep(delay)
        waited += delay
    return await look(work, sent, to_id, "its task did not end in time", PATIENCE)


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
    found = await look(work, untold, to_id, "Atlassian did not say whether it moved", PATIENCE - _LATE)
    missing = [record for record, parts in found.items() if parts[0] != MOVED]
    if len(missing) == task.failed - len(failed):  # these and no others failed
        found |= {record: (FAILED, _NO_REASON, found[record][2]) for record in missing}
    return told | found


async def look(work: Work, sent: Sent, to_id: str, why: str, waited: float = 0.0) -> Outcomes:
    """Ask where each user is until all are there, or it has taken too long: moves are asynchronous, so the old
    policy may still show. `waited`: seconds since they were sent."""
    there: Outcomes = {}
    missing = dict(sent)
    places: dict[str, str | None] = {}
    for delay in look_delays():
        if delay and waited >= PATIENCE:
            break
        if delay:
            work.say(f"{len(missing):,} are looked for again in {delay:.0f} s")
            await work.sleep(delay)
            waited += delay
        try:
            found = await work.whereabouts.of(missing)
        except ApiFailed as error:
            work.say(f"where they are cannot be asked: {error}")
            continue
        for record, membership in found.items():
            if membership.policy_id is None:
                continue
            places[record] = membership.policy_id
            if membership.policy_id == to_id:
                there[record] = (MOVED, "", to_id)
                missing.pop(record, None)
        if not missing:
            break
    return there | {record: (UNKNOWN, why, places.get(record)) for record in missing}
