"""Revokes tokens one at a time: finds each in its owner's list, deletes it, verifies. It cannot be undone.

Handbook 5 and 10.4. A token counts as gone only if its owner's list can be read and lacks it, and if that list is
empty or known to use the ids of the organization's list.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from tokendesk.api import calls
from tokendesk.api.http_errors import BadRequest, Forbidden, NotExecuted, NotFound
from tokendesk.desk import runs
from tokendesk.desk.runs import FAILED, GONE, REVOKED, UNCHECKED
from tokendesk.errors import ApiError, KeyRefused, TokendeskError
from tokendesk.model.plan import Plan, PlanRow
from tokendesk.model.records import UserToken
from tokendesk.model.timestamps import parse_timestamp
from tokendesk.running.finish import CANCELLED, DONE, STOPPED, finish
from tokendesk.running.run_context import RunContext
from tokendesk.snapshot.owned import OwnedToken

MAX_REFUSALS = 3
"""After this many in a row the run stops: it is the wrong key."""
_RECHECK_DELAYS = (5.0, 25.0)
"""Seconds before a list that still has a deleted token is read again: lists may lag."""


OwnedTokens = Mapping[str, Sequence[OwnedToken]]
"""account id -> its tokens in the organization's list"""


async def run_revoke(ctx: RunContext, plan: Plan, owned: OwnedTokens) -> None:
    """Apply a revoke plan."""
    rows = plan.rows_to_do
    await ctx.begin(plan, len(rows))
    state, words, refused = DONE, "", 0
    in_vain: list[TokendeskError] = []
    for number, row in enumerate(rows, 1):
        if ctx.cancelled():
            state, words = CANCELLED, "cancelled between two tokens"
            break
        ctx.batch = number
        ctx.report_progress(f"revoking {row.tokens[0].label or '(no label)'}")
        try:
            outcome, reason = await _revoke(ctx, number, row, owned.get(row.account_id, ()))
            refused = 0
        except _Unchecked as unchecked:
            outcome, reason = UNCHECKED, f"could not be checked: {unchecked.error}"
            in_vain.append(unchecked.error)
        except KeyRefused as error:
            outcome, reason = FAILED, str(error)
            refused = refused + 1 if isinstance(error, Forbidden) else MAX_REFUSALS
            in_vain.append(error)
        await ctx.record_outcomes({row.record: (outcome, reason, None)})
        if refused >= MAX_REFUSALS:
            state, words = STOPPED, reason
            break
    if in_vain and len(in_vain) == ctx.done and all(isinstance(e, KeyRefused | ApiError) for e in in_vain):
        ctx.on_nothing_done(in_vain[0])  # no list could be read, or nothing was allowed
    await finish(ctx, state, words)


class _Unchecked(Exception):
    """The list of a token's owner cannot be read: nothing was changed."""

    def __init__(self, error: TokendeskError) -> None:
        super().__init__(str(error))
        self.error = error


async def _revoke(ctx: RunContext, number: int, row: PlanRow, owned: Sequence[OwnedToken]) -> tuple[str, str]:
    """Revoke one token; return its outcome. Raises KeyRefused or _Unchecked if nothing was deleted."""
    try:
        held = await calls.account_tokens(ctx.client, row.account_id)
    except KeyRefused:
        raise
    except TokendeskError as error:
        raise _Unchecked(error) from error
    matching, by = _matching(held, row)
    if not matching:
        return _unmatched(held, owned)
    if len(matching) > 1 or (by != runs.BY_ID and _has_twin(row, owned)):
        return FAILED, "its owner has several tokens with this label and creation date, so the right one is unknown"
    token_id = matching[0].token_id
    matched = {row.record: {"by": by, "disabled": matching[0].disabled}}
    await ctx.write(runs.INTENDED, batch=number, to=None, rows={row.record: token_id}, matched=matched)
    try:
        was_there = await calls.delete_token(ctx.client, row.account_id, token_id)
    except (BadRequest, NotExecuted) as error:
        return FAILED, str(error)
    except ApiError:
        return await _verify_deleted(ctx, row.account_id, token_id, REVOKED)
    return await _verify_deleted(ctx, row.account_id, token_id, REVOKED if was_there else GONE)


def _matching(held: Sequence[UserToken], row: PlanRow) -> tuple[list[UserToken], str]:
    """Return the token with this id, otherwise those with this label and creation time (handbook 5: ids may differ)."""
    planned = row.tokens[0]
    by_id = [token for token in held if token.token_id == planned.token_id]
    if by_id:
        return by_id, runs.BY_ID
    made = parse_timestamp(planned.created_at)
    if made is None:
        return [], ""
    alike = [token for token in held if token.label == planned.label and parse_timestamp(token.created_at) == made]
    return alike, runs.BY_LABEL


def _has_twin(row: PlanRow, owned: Sequence[OwnedToken]) -> bool:
    """Whether the owner has another token with this label and time: the one in the owner's list may be that one."""
    planned = row.tokens[0]
    alike = (planned.label, parse_timestamp(planned.created_at))
    return any((o.label, o.created) == alike and o.token_id != planned.token_id for o in owned)


def _unmatched(held: Sequence[UserToken], owned: Sequence[OwnedToken]) -> tuple[str, str]:
    """Return the outcome if the owner's list lacks the token: unknown, if the two lists have no id in common."""
    if not held:
        return GONE, "its owner's list is empty"
    if {token.token_id for token in held} & {token.token_id for token in owned}:
        return GONE, "its owner's list lacks it"
    return UNCHECKED, (
        f"could not be checked: only the organization's list has it. Its owner's list has {len(held):,}, none with "
        "an id known from the organization's list, so the ids of the two lists may differ. Look in the console."
    )


async def _verify_deleted(ctx: RunContext, account_id: str, token_id: str, outcome: str) -> tuple[str, str]:
    """Return `outcome` once the owner's list lacks the token; read it a few times before giving up."""
    for pause in (*_RECHECK_DELAYS, None):
        try:
            held = await calls.account_tokens(ctx.client, account_id)
        except NotFound as error:
            return UNCHECKED, f"could not be checked: {error}"
        except (KeyRefused, ApiError) as error:
            if pause is None or isinstance(error, KeyRefused):
                return UNCHECKED, f"could not be checked: {error}"
        else:
            if all(token.token_id != token_id for token in held):
                return outcome, ""
        if pause is not None:
            await ctx.pause(pause)
    return FAILED, "it is still in its owner's list"


async def settle_revocations(ctx: RunContext) -> None:
    """Find the outcomes of tokens whose deletion was stored without one; never delete again."""
    for record, account_id, token_id in ctx.desk.rows(
        "SELECT record, account_id, before_id FROM run_row"
        " WHERE run_id = ? AND intended IS NOT NULL AND outcome IS NULL ORDER BY batch",
        ctx.run_id,
    ):
        with suppress(BadRequest, NotFound):
            await calls.account_tokens(ctx.client, account_id)  # a key that cannot read settles nothing
        outcome, reason = await _verify_deleted(ctx, account_id, token_id, REVOKED)
        await ctx.record_outcomes({record: (outcome, reason, None)})
