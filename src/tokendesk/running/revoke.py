"""Revoking tokens, one at a time: found in its owner's list, deleted, looked for again. It cannot be taken back.

Handbook 5 and 10.4. A token counts as gone only where its owner's list can be read and lacks it, and where that list
is empty or known to have the ids of the organization's list.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from tokendesk.api import calls
from tokendesk.api.http_errors import BadRequest, Forbidden, NotExecuted, NotFound
from tokendesk.desk import runs
from tokendesk.desk.runs import FAILED, GONE, REVOKED, UNCHECKED
from tokendesk.errors import ApiFailed, KeyRefused, TokendeskError
from tokendesk.model.moments import parse_moment
from tokendesk.model.plan import Plan, PlanRow
from tokendesk.model.records import UserToken
from tokendesk.running.finish import CANCELLED, DONE, STOPPED, finish
from tokendesk.running.work import Work
from tokendesk.snapshot.owned import OwnedToken

MOST_REFUSALS = 3
"""After so many in a row the run stops: the key is not the right one."""
_AGAIN = (5.0, 25.0)
"""Seconds until a list that still has a deleted token is read again: lists may lag behind."""


Owned = Mapping[str, Sequence[OwnedToken]]
"""account id -> its tokens as the organization's list has them"""


async def run_revoke(work: Work, plan: Plan, owned: Owned) -> None:
    """Carry out a revoke plan."""
    rows = plan.doing
    await work.begin(plan, len(rows))
    state, words, refused = DONE, "", 0
    in_vain: list[TokendeskError] = []
    for number, row in enumerate(rows, 1):
        if work.cancelled():
            state, words = CANCELLED, "cancelled between two tokens"
            break
        work.batch = number
        work.say(f"revoking {row.tokens[0].label or '(no label)'}")
        try:
            outcome, reason = await _revoke(work, number, row, owned.get(row.account_id, ()))
            refused = 0
        except _Unchecked as unchecked:
            outcome, reason = UNCHECKED, f"could not be checked: {unchecked.error}"
            in_vain.append(unchecked.error)
        except KeyRefused as error:
            outcome, reason = FAILED, str(error)
            refused = refused + 1 if isinstance(error, Forbidden) else MOST_REFUSALS
            in_vain.append(error)
        await work.come_out({row.record: (outcome, reason, None)})
        if refused >= MOST_REFUSALS:
            state, words = STOPPED, reason
            break
    if in_vain and len(in_vain) == work.done and all(isinstance(e, KeyRefused | ApiFailed) for e in in_vain):
        work.nothing_done(in_vain[0])  # nobody could be asked, or nothing was allowed
    await finish(work, state, words)


class _Unchecked(Exception):
    """The list of a token's owner cannot be read: nothing was sent that changes anything."""

    def __init__(self, error: TokendeskError) -> None:
        super().__init__(str(error))
        self.error = error


async def _revoke(work: Work, number: int, row: PlanRow, owned: Sequence[OwnedToken]) -> tuple[str, str]:
    """Return what became of one token. Raises KeyRefused or _Unchecked where nothing was deleted."""
    try:
        held = await calls.account_tokens(work.client, row.account_id)
    except KeyRefused:
        raise
    except TokendeskError as error:
        raise _Unchecked(error) from error
    matching, by = _matching(held, row)
    if not matching:
        return _unmatched(held, owned)
    if len(matching) > 1 or (by != runs.BY_ID and _has_twin(row, owned)):
        return FAILED, "its owner has several tokens with this label and day of making: which one is meant is unknown"
    token_id = matching[0].token_id
    matched = {row.record: {"by": by, "disabled": matching[0].disabled}}
    await work.write(runs.INTENDED, batch=number, to=None, rows={row.record: token_id}, matched=matched)
    try:
        was_there = await calls.delete_token(work.client, row.account_id, token_id)
    except (BadRequest, NotExecuted) as error:
        return FAILED, str(error)
    except ApiFailed:
        return await _look(work, row.account_id, token_id, REVOKED)
    return await _look(work, row.account_id, token_id, REVOKED if was_there else GONE)


def _matching(held: Sequence[UserToken], row: PlanRow) -> tuple[list[UserToken], str]:
    """Return the token of this id; else those of this label and moment of making (handbook 5: ids may differ)."""
    planned = row.tokens[0]
    by_id = [token for token in held if token.token_id == planned.token_id]
    if by_id:
        return by_id, runs.BY_ID
    made = parse_moment(planned.created_at)
    if made is None:
        return [], ""
    alike = [token for token in held if token.label == planned.label and parse_moment(token.created_at) == made]
    return alike, runs.BY_LABEL


def _has_twin(row: PlanRow, owned: Sequence[OwnedToken]) -> bool:
    """Whether another token of the owner has this label and moment: the one in the owner's list may be that one."""
    planned = row.tokens[0]
    alike = (planned.label, parse_moment(planned.created_at))
    return any((o.label, o.created) == alike and o.token_id != planned.token_id for o in owned)


def _unmatched(held: Sequence[UserToken], owned: Sequence[OwnedToken]) -> tuple[str, str]:
    """Say what it means that the owner's list lacks the token: nothing, where no id of the two lists is the same."""
    if not held:
        return GONE, "its owner's list is empty"
    if {token.token_id for token in held} & {token.token_id for token in owned}:
        return GONE, "its owner's list lacks it"
    return UNCHECKED, (
        f"could not be checked: only the organization's list has it. Its owner's list holds {len(held):,}, none with "
        "an id known from the organization's list, so the ids of the two lists may differ. Look in the console."
    )


async def _look(work: Work, account_id: str, token_id: str, outcome: str) -> tuple[str, str]:
    """Return `outcome` if the owner's list lacks the token now; read it a few times before saying it does not."""
    for pause in (*_AGAIN, None):
        try:
            held = await calls.account_tokens(work.client, account_id)
        except NotFound as error:
            return UNCHECKED, f"could not be checked: {error}"
        except (KeyRefused, ApiFailed) as error:
            if pause is None or isinstance(error, KeyRefused):
                return UNCHECKED, f"could not be checked: {error}"
        else:
            if all(token.token_id != token_id for token in held):
                return outcome, ""
        if pause is not None:
            await work.pause(pause)
    return FAILED, "it is still in its owner's list"


async def settle_revocations(work: Work) -> None:
    """Find out what became of tokens whose deletion was written down but not its outcome; never delete again."""
    for record, account_id, token_id in work.desk.rows(
        "SELECT record, account_id, before_id FROM run_row"
        " WHERE run_id = ? AND intended IS NOT NULL AND outcome IS NULL ORDER BY batch",
        work.run_id,
    ):
        with suppress(BadRequest, NotFound):
            await calls.account_tokens(work.client, account_id)  # a key that may not even look settles nothing
        outcome, reason = await _look(work, account_id, token_id, REVOKED)
        await work.come_out({record: (outcome, reason, None)})
