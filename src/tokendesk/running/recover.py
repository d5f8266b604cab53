"""Runs that broke off: what became of them is found out by asking; nothing is ever sent a second time.

What cannot be found out is set aside with the reason, asked about again at each start, and given up by a person.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass

from tokendesk.desk import runs
from tokendesk.desk.entries import Desk
from tokendesk.desk.runs import NOT_TRIED, UNCHECKED, UNKNOWN
from tokendesk.errors import Refused, TokendeskError, UsageError
from tokendesk.model.moments import parse_moment
from tokendesk.model.plan import MOVE
from tokendesk.model.text import clean
from tokendesk.running.finish import DONE, STOPPED, finish
from tokendesk.running.following import Doubt, follow_task, search
from tokendesk.running.revoke import settle_revocations
from tokendesk.running.work import Work

log = logging.getLogger("tokendesk.running")

GIVEN_UP = "given-up"
LONGEST_WHY = 1_000
"""Characters of the reason for which a run is given up."""
_LONGEST_REASON = 500
_NOT_ANSWERED = "the program ended before the move was answered"


@dataclass(frozen=True, slots=True)
class Unfinished:
    run_id: str
    kind: str
    author: str
    began: str
    is_ours: bool
    """Whether this desk began it, be it before it was restored from a copy. Those of others are theirs to settle."""


def unfinished(desk: Desk) -> list[Unfinished]:
    """Return the runs that have no end, the oldest first."""
    rows = desk.rows("SELECT run_id, kind, author, began, desk_id FROM run WHERE ended IS NULL AND kind IS NOT NULL")
    found = [Unfinished(row[0], row[1], row[2], row[3], row[4] == desk.desk_id) for row in rows]
    return sorted(found, key=lambda run: (run.began, run.run_id))


async def settle_run(work: Work, run: Unfinished) -> None:
    """Find out what became of a run of this desk and end it. Only while holding the run lock: it may be alive.

    Raises KeyRefused or ApiFailed; what was found out until then is kept.
    """
    work.run_id = run.run_id
    work.say("settling a run that broke off")
    if run.kind == MOVE:
        await _settle_moves(work)
    else:
        await settle_revocations(work)
    untried = "SELECT 1 FROM run_row WHERE run_id = ? AND planned = 'do' AND coalesce(outcome, ?) = ? LIMIT 1"
    state = STOPPED if work.desk.rows(untried, run.run_id, NOT_TRIED, NOT_TRIED) else DONE
    await finish(work, state, "it broke off and was settled at a later start")


async def _settle_moves(work: Work) -> None:
    doubts: list[Doubt] = []
    for batch, to_id, task_id, intended in work.desk.rows(
        "SELECT batch, to_id, task_id, intended FROM run_batch WHERE run_id = ? ORDER BY batch", work.run_id
    ):
        rows = work.desk.rows(
            "SELECT record, email FROM run_row WHERE run_id = ? AND batch = ? AND outcome IS NULL",
            work.run_id, batch,
        )  # fmt: skip
        sent: dict[str, str | None] = dict(rows)
        if not sent:
            continue
        # By the clock that dated it. One that was set back since must not make anybody wait for as long as that.
        waited = max(0.0, work.desk.now().timestamp() - (parse_moment(intended) or 0))
        if task_id:
            await work.come_out(await follow_task(work, sent, to_id, task_id, waited))
        else:
            doubts.append(Doubt(sent, to_id, _NOT_ANSWERED, waited))
    if doubts:
        await work.come_out(await search(work, doubts))


def set_aside(desk: Desk, run_id: str, error: Exception) -> str:
    """Write down why a run could not be settled, unless that is known already; return the reason."""
    if isinstance(error, TokendeskError):
        why = str(error)
    else:
        log.warning("settling a run: %s", type(error).__name__)
        why = f"An answer was given that this version cannot work with ({type(error).__name__}). Please report it."
    why = clean(" ".join(why.split()))[:_LONGEST_REASON]
    if why_aside(desk, run_id) != why:
        desk.append(runs.SET_ASIDE, {"run": run_id, "why": why})
    return why


def why_aside(desk: Desk, run_id: str) -> str | None:
    """Return why a run could not be settled, None where that was not tried yet."""
    row = next(iter(desk.rows("SELECT why FROM run_aside WHERE run_id = ?", run_id)), None)
    return None if row is None else str(row[0])


_OPEN = """
SELECT b.account_id, r.run_id FROM run AS r JOIN run_row AS b ON b.run_id = r.run_id
WHERE r.ended IS NULL AND r.kind IS NOT NULL AND r.desk_id = ? AND b.intended IS NOT NULL AND b.outcome IS NULL
"""


def refuse_touched(desk: Desk, account_ids: Collection[str]) -> None:
    """Raise Refused where one of these users may have been changed by a run of this desk that was not settled."""
    touched = {account_id: run_id for account_id, run_id in desk.rows(_OPEN, desk.desk_id) if account_id in account_ids}
    if not touched:
        return
    run_id = next(iter(touched.values()))
    count = "1 user of the plan" if len(touched) == 1 else f"{len(touched):,} users of the plan"
    raise Refused(
        f"What an earlier run ({run_id[:8]}) did to {count} is not known, so nothing was sent: leave them out, or "
        f"look at them in the console and give that run up with: tokendesk settle --give-up {run_id[:8]} --why TEXT"
    )


def give_up(desk: Desk, run_id: str, why: str) -> None:
    """End a run of this desk for which nothing more is to be asked. Only while holding the run lock: it may be alive.

    Whoever it may have changed stays unknown: only a review brings them back.
    """
    why = " ".join(why.split()) if len(why) <= LONGEST_WHY else why
    if not why or len(why) > LONGEST_WHY:
        raise UsageError(f"Say why it is given up, in {LONGEST_WHY:,} characters at most: it stays in the journal.")
    run = next((run for run in unfinished(desk) if run.run_id == run_id), None)
    if run is None:
        raise Refused(f"Run {run_id[:8]} has an end already: there is nothing to give up. See: tokendesk list journal")
    if not run.is_ours:
        raise Refused(f"Run {run_id[:8]} was begun at another desk, by {clean(run.author)}, and is given up there.")
    words = f"given up by {desk.author}: {why}"
    unsure = UNKNOWN if run.kind == MOVE else UNCHECKED
    rows = {
        record: [unsure, words, None] if intended else [NOT_TRIED, "the run ended before", None]
        for record, intended in desk.rows(
            "SELECT record, intended FROM run_row WHERE run_id = ? AND planned = 'do' AND outcome IS NULL", run_id
        )
    }
    entries = [(runs.OUTCOMES, {"run": run_id, "rows": rows})] if rows else []
    desk.append_all([*entries, (runs.ENDED, {"run": run_id, "state": GIVEN_UP, "words": words})])


def unfinished_named(desk: Desk, text: str) -> Unfinished:
    """Return the run without an end whose id begins with `text`. Raises UsageError."""
    found = [run for run in unfinished(desk) if text and run.run_id.startswith(text.lower())]
    if len(found) != 1:
        what = "Several unfinished runs begin" if found else "No unfinished run begins"
        raise UsageError(f"{what} with {clean(text[:70])!r}. See: tokendesk list journal state:unfinished")
    return found[0]
