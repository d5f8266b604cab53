"""The end of a run: verifies where all users are, and marks rows that were not tried."""

from itertools import islice

from tokendesk.api.policy_lookup import TooManyFailures
from tokendesk.desk import runs
from tokendesk.desk.runs import NOT_TRIED
from tokendesk.errors import ApiError
from tokendesk.model.records import Membership
from tokendesk.running.run_context import RunContext
from tokendesk.running.task_polling import search_delays

DONE, CANCELLED, STOPPED = "done", "cancelled", "stopped"
_MAX_SEARCHES = 3
_FOUND_LATE = "found in the new policy at the end"


async def finish(ctx: RunContext, state: str, words: str) -> None:
    """Verify where all users are, mark rows that were not tried, and end the run."""
    await verify(ctx)
    rest = ctx.desk.rows(
        "SELECT record FROM run_row WHERE run_id = ? AND planned = 'do' AND outcome IS NULL", ctx.run_id
    )
    if rest:
        await ctx.write(runs.OUTCOMES, rows={row[0]: [NOT_TRIED, "the run ended before", None] for row in rest})
        ctx.report_progress("", {row[0]: (NOT_TRIED, "the run ended before") for row in rest})
    await ctx.end(state, words)


async def verify(ctx: RunContext) -> None:
    """Store where each user of the run is; those who moved, or may have, are looked up again if needed.

    Raises KeyRefused, and ApiFailed if no request succeeded.
    """
    rows = ctx.desk.rows(
        "SELECT record, email, to_id, outcome FROM run_row"
        " WHERE run_id = ? AND intended IS NOT NULL AND to_id IS NOT NULL",
        ctx.run_id,
    )
    if not rows:
        return
    wanted = {record: to_id for record, _, to_id, outcome in rows if outcome in (runs.MOVED, runs.UNKNOWN)}
    waiting: dict[str, str | None] = {record: email for record, email, _, _ in rows}
    found: dict[str, str | None] = dict.fromkeys(waiting)
    last_error, has_response, waited = None, False, 0.0
    for delay in islice(search_delays(), _MAX_SEARCHES):
        if delay:
            seconds = min(delay, ctx.search_seconds - waited)
            if ctx.stop_searching() or seconds <= 0:
                break
            ctx.on_wait("then it is checked again", seconds)
            await ctx.pause(seconds)
            waited += seconds
        ctx.report_progress(f"checking where {len(waiting):,} users are")
        fetched: dict[str, Membership] = {}
        try:
            await ctx.memberships.fetch(waiting, fetched)
            has_response = True
        except ApiError as error:
            last_error, has_response = error, has_response or bool(fetched) or isinstance(error, TooManyFailures)
            ctx.report_progress(f"cannot check where they are: {error}")
        found.update({record: m.policy_id for record, m in fetched.items() if m.policy_id is not None})
        waiting = {r: email for r, email in waiting.items() if r in wanted and found[r] != wanted[r]}
        if not waiting:
            break
    if last_error is not None and not has_response and not ctx.stop_searching():
        raise last_error
    await ctx.write(runs.VERIFIED, rows=found)
    # An unknown outcome, found in the target policy, was a move after all.
    late = {record: to_id for record, _, to_id, outcome in rows if outcome == runs.UNKNOWN and found[record] == to_id}
    if late:
        await ctx.write(
            runs.OUTCOMES, rows={record: [runs.MOVED, _FOUND_LATE, to_id] for record, to_id in late.items()}
        )
        ctx.report_progress("", dict.fromkeys(late, (runs.MOVED, _FOUND_LATE)))
