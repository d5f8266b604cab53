"""The end of a run: everybody is looked for once more, and what was not tried is said."""

from itertools import islice

from tokendesk.api.policy_lookup import TooManyFailures
from tokendesk.desk import runs
from tokendesk.desk.runs import NOT_TRIED
from tokendesk.errors import ApiFailed
from tokendesk.model.records import Membership
from tokendesk.running.following import look_delays
from tokendesk.running.work import Work

DONE, CANCELLED, STOPPED = "done", "cancelled", "stopped"
_LOOKS = 3
_LATE = "found there in the end"


async def finish(work: Work, state: str, words: str) -> None:
    """Look for everybody once more, say what was not tried, and end the run."""
    await verify(work)
    rest = work.desk.rows(
        "SELECT record FROM run_row WHERE run_id = ? AND planned = 'do' AND outcome IS NULL", work.run_id
    )
    if rest:
        await work.write(runs.OUTCOMES, rows={row[0]: [NOT_TRIED, "the run ended before", None] for row in rest})
        work.say("", {row[0]: (NOT_TRIED, "the run ended before") for row in rest})
    await work.end(state, words)


async def verify(work: Work) -> None:
    """Write down where everybody is who was asked to be moved; those who moved, or may have, are looked for again.

    Raises KeyRefused, and ApiFailed where no question was answered at all.
    """
    rows = work.desk.rows(
        "SELECT record, email, to_id, outcome FROM run_row"
        " WHERE run_id = ? AND intended IS NOT NULL AND to_id IS NOT NULL",
        work.run_id,
    )
    if not rows:
        return
    wanted = {record: to_id for record, _, to_id, outcome in rows if outcome in (runs.MOVED, runs.UNKNOWN)}
    waiting: dict[str, str | None] = {record: email for record, email, _, _ in rows}
    found: dict[str, str | None] = dict.fromkeys(waiting)
    unheard, is_heard, waited = None, False, 0.0
    for delay in islice(look_delays(), _LOOKS):
        if delay:
            seconds = min(delay, work.patience - waited)
            if work.enough() or seconds <= 0:
                break
            work.waiting("then asked again", seconds)
            await work.pause(seconds)
            waited += seconds
        work.say(f"checking where {len(waiting):,} users are")
        told: dict[str, Membership] = {}
        try:
            await work.whereabouts.of(waiting, told)
            is_heard = True
        except ApiFailed as error:
            unheard, is_heard = error, is_heard or bool(told) or isinstance(error, TooManyFailures)
            work.say(f"where they are cannot be asked: {error}")
        found.update({record: m.policy_id for record, m in told.items() if m.policy_id is not None})
        waiting = {r: email for r, email in waiting.items() if r in wanted and found[r] != wanted[r]}
        if not waiting:
            break
    if unheard is not None and not is_heard and not work.enough():
        raise unheard
    await work.write(runs.VERIFIED, rows=found)
    # What was given up as unknown, and is found where it was to go, did move after all.
    late = {record: to_id for record, _, to_id, outcome in rows if outcome == runs.UNKNOWN and found[record] == to_id}
    if late:
        await work.write(runs.OUTCOMES, rows={record: [runs.MOVED, _LATE, to_id] for record, to_id in late.items()})
        work.say("", dict.fromkeys(late, (runs.MOVED, _LATE)))
