"""Settles interrupted runs: finds out their outcome by read requests; nothing is ever sent a second time.

A run that cannot be settled is set aside with the reason, tried again at each start, until the user gives it up.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass

from tokendesk.desk import runs
from tokendesk.desk.entries import Desk
from tokendesk.desk.runs import NOT_TRIED, UNCHECKED, UNKNOWN
from tokendesk.errors import Refused, TokendeskError, UsageError
from tokendesk.model.plan import MOVE
from tokendesk.model.text import printable
from tokendesk.model.timestamps import parse_timestamp
from tokendesk.running.finish import DONE, STOPPED, finish
from tokendesk.running.revoke import settle_revocations
from tokendesk.running.run_context import RunContext
from tokendesk.running.task_polling import UnknownMove, follow_task, search_users

log = logging.getLogger("tokendesk.running")

GIVEN_UP = "given-up"
MAX_REASON = 1_000
"""Characters of the reason for giving up a run."""
_MAX_STORED_REASON = 500
_NOT_ANSWERED = "the program ended before the response to the move"


@dataclass(frozen=True, slots=True)
class UnfinishedRun:
    run_id: str
    kind: str
    author: str
    began: str
    is_ours: bool
    """Whether this desk began it, perhaps before it was restored from a copy. Other desks settle their own."""


def unfinished_runs(desk: Desk) -> list[UnfinishedRun]:
    """Return the runs without an end, oldest first."""
    rows = desk.rows("SELECT run_id, kind, author, began, desk_id FROM run WHERE ended IS NULL AND kind IS NOT NULL")
    found = [UnfinishedRun(row[0], row[1], row[2], row[3], row[4] == desk.desk_id) for row in rows]
    return sorted(found, key=lambda run: (run.began, run.run_id))


async def settle_run(ctx: RunContext, run: UnfinishedRun) -> None:
    """Find out the outcomes of a run of this desk and end it. Hold the run lock: the run may be active.

    Raises KeyRefused or ApiFailed; outcomes found before that are kept.
    """
    ctx.run_id = run.run_id
    ctx.report_progress("settling an interrupted run")
    if run.kind == MOVE:
        await _settle_moves(ctx)
    else:
        await settle_revocations(ctx)
    untried = "SELECT 1 FROM run_row WHERE run_id = ? AND planned = 'do' AND coalesce(outcome, ?) = ? LIMIT 1"
    state = STOPPED if ctx.desk.rows(untried, run.run_id, NOT_TRIED, NOT_TRIED) else DONE
    await finish(ctx, state, "it was interrupted, and settled at a later start")


async def _settle_moves(ctx: RunContext) -> None:
    unknown_moves: list[UnknownMove] = []
    for batch, to_id, task_id, intended in ctx.desk.rows(
        "SELECT batch, to_id, task_id, intended FROM run_batch WHERE run_id = ? ORDER BY batch", ctx.run_id
    ):
        rows = ctx.desk.rows(
            "SELECT record, email FROM run_row WHERE run_id = ? AND batch = ? AND outcome IS NULL",
            ctx.run_id, batch,
        )  # fmt: skip
        sent: dict[str, str | None] = dict(rows)
        if not sent:
            continue
        # By the clock that dated it. A clock set back since then must not lengthen the wait.
        waited = max(0.0, ctx.desk.now().timestamp() - (parse_timestamp(intended) or 0))
        if task_id:
            await ctx.record_outcomes(await follow_task(ctx, sent, to_id, task_id, waited))
        else:
            unknown_moves.append(UnknownMove(sent, to_id, _NOT_ANSWERED, waited))
    if unknown_moves:
        await ctx.record_outcomes(await search_users(ctx, unknown_moves))


def set_aside(desk: Desk, run_id: str, error: Exception) -> str:
    """Store why a run could not be settled, unless it is stored already; return the reason."""
    if isinstance(error, TokendeskError):
        why = str(error)
    else:
        log.warning("settling a run: %s", type(error).__name__)
        why = f"This version cannot handle the response ({type(error).__name__}). Please report it."
    why = printable(" ".join(why.split()))[:_MAX_STORED_REASON]
    if set_aside_reason(desk, run_id) != why:
        desk.append(runs.SET_ASIDE, {"run": run_id, "why": why})
    return why


def set_aside_reason(desk: Desk, run_id: str) -> str | None:
    """Return why a run could not be settled, None if that was not tried yet."""
    row = next(iter(desk.rows("SELECT why FROM run_aside WHERE run_id = ?", run_id)), None)
    return None if row is None else str(row[0])


_TOUCHED = """
SELECT b.account_id, r.run_id FROM run AS r JOIN run_row AS b ON b.run_id = r.run_id
WHERE r.ended IS NULL AND r.kind IS NOT NULL AND r.desk_id = ? AND b.intended IS NOT NULL AND b.outcome IS NULL
"""


def refuse_touched(desk: Desk, account_ids: Collection[str]) -> None:
    """Raise Refused if a run of this desk that is not settled may have changed one of these users."""
    touched = {
        account_id: run_id for account_id, run_id in desk.rows(_TOUCHED, desk.desk_id) if account_id in account_ids
    }
    if not touched:
        return
    run_id = next(iter(touched.values()))
    count = "1 user of the plan" if len(touched) == 1 else f"{len(touched):,} users of the plan"
    raise Refused(
        f"An earlier run ({run_id[:8]}) has an unknown outcome for {count}, so nothing was sent: leave them out, or "
        f"check them in the console and give that run up with: tokendesk settle --give-up {run_id[:8]} --why TEXT"
    )


def give_up(desk: Desk, run_id: str, why: str) -> None:
    """End a run of this desk without settling it. Hold the run lock: the run may be active.

    Users that it may have changed stay unknown: only a new plan moves them back.
    """
    why = " ".join(why.split()) if len(why) <= MAX_REASON else why
    if not why or len(why) > MAX_REASON:
        raise UsageError(f"Give a reason of at most {MAX_REASON:,} characters: it stays in the journal.")
    run = next((run for run in unfinished_runs(desk) if run.run_id == run_id), None)
    if run is None:
        raise Refused(f"Run {run_id[:8]} has already ended: there is nothing to give up. See: tokendesk list journal")
    if not run.is_ours:
        raise Refused(f"Run {run_id[:8]} was started at another desk by {printable(run.author)}: give it up there.")
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


def find_unfinished_run(desk: Desk, text: str) -> UnfinishedRun:
    """Return the run without an end whose id begins with `text`. Raises UsageError."""
    found = [run for run in unfinished_runs(desk) if text and run.run_id.startswith(text.lower())]
    if len(found) != 1:
        what = "Several unfinished runs begin" if found else "No unfinished run begins"
        raise UsageError(f"{what} with {printable(text[:70])!r}. See: tokendesk list journal state:unfinished")
    return found[0]
