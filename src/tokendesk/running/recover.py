"""Runs that broke off: what became of them is found out by asking; nothing is ever sent a second time."""

from dataclasses import dataclass

from tokendesk.desk.entries import Desk
from tokendesk.desk.runs import NOT_TRIED
from tokendesk.model.moments import parse_moment
from tokendesk.model.plan import MOVE
from tokendesk.running.finish import DONE, STOPPED, finish
from tokendesk.running.following import follow_task, look
from tokendesk.running.revoke import settle_revocations
from tokendesk.running.work import Work


@dataclass(frozen=True, slots=True)
class Unfinished:
    run_id: str
    kind: str
    author: str
    began: str
    is_ours: bool
    """Whether this desk began it. Those of others, which came with their entries, are theirs to settle."""


def unfinished(desk: Desk) -> list[Unfinished]:
    """Return the runs that have no end, the oldest first."""
    rows = desk.rows(
        "SELECT run_id, kind, author, began, iif(run_id IN (SELECT entry_id FROM returned), NULL, desk_id) FROM run"
        " WHERE ended IS NULL AND kind IS NOT NULL"
    )
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
        waited = max(0.0, work.clock().timestamp() - (parse_moment(intended) or 0))
        if task_id:
            outcomes = await follow_task(work, sent, to_id, task_id, waited)
        else:
            outcomes = await look(work, sent, to_id, "the program ended before the move was answered", waited)
        await work.come_out(outcomes)
