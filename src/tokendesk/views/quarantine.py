"""Quarantine: users are moved to a policy that blocks tokens, until a day on which an admin decides what happens next.

It is per owner: all tokens of a user stop. Only an admin's answer ends it.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from tokendesk.desk.runs import PUT_BACK, REVOKE
from tokendesk.errors import Refused, UsageError
from tokendesk.model.dates import today
from tokendesk.model.plan import DO, MOVE, REFUSED, Plan, refusals
from tokendesk.model.timestamps import utc
from tokendesk.model.token_reach import MAY_NOT_STOP, NOT_TOLD
from tokendesk.views.planning import Planner, revoke_tokens
from tokendesk.views.reach import STOPS, read_reach
from tokendesk.views.reader import Reader
from tokendesk.views.undo import undo_plan


@dataclass(frozen=True, slots=True)
class Quarantine:
    """One run's quarantine: the users still in it, and which of their tokens were used since the move."""

    run_id: str
    until: str
    account_ids: tuple[str, ...]
    token_ids: tuple[str, ...]
    used: tuple[str, ...]
    may_not_stop: tuple[str, ...]
    """Tokens that reach Bitbucket: the policy may not stop them, so a use proves nothing."""
    not_told: tuple[str, ...]
    """Tokens for which it is unknown whether the policy stops them."""

    @property
    def kept_apart(self) -> str:
        """Return `2 may not stop (Bitbucket), 1 cannot be told`; empty if the policy stops them all."""
        parts = [f"{len(self.may_not_stop):,} may not stop (Bitbucket)"] if self.may_not_stop else []
        parts += [f"{len(self.not_told):,} cannot be told"] if self.not_told else []
        return ", ".join(parts)

    def is_due(self, now: int) -> bool:
        return self.until <= today(now).isoformat()


def as_quarantine(plan: Plan, until: str) -> Plan:
    """Return the move plan as a quarantine; refused unless the target is known to block tokens."""
    if plan.kind != MOVE or plan.undoes:
        raise UsageError("Only a move can be a quarantine. Leave the date out.")
    if date.fromisoformat(until) <= utc(plan.made_at).date():
        raise UsageError(f"A quarantine must end on a future day, and {until} is not. Choose a later day.")
    for policy in plan.targets:
        if policy.tokens != "blocked":
            raise Refused(
                f"{policy.name} is not known to block user API tokens, so a quarantine there would prove nothing. "
                "Choose one that does, or note that it does: with e in Policies, or with: tokendesk policies name"
            )
    return replace(plan, quarantine_until=until)


_APART = (MAY_NOT_STOP, NOT_TOLD)
_ACTIVE = (
    "SELECT run_id, quarantine_until FROM desk.run WHERE quarantine_until IS NOT NULL AND quarantine_ended IS NULL"
)
_TOKENS = f"""
SELECT q.account_id, r.token_id, r.status,
    r.last_used > CAST(strftime('%s', substr(q.outcome_at, 1, 27)) AS INTEGER) AS used, {STOPS} AS stops
FROM temp.quarantined AS q LEFT JOIN token_row AS r ON r.owner_id = q.account_id WHERE q.run_id = ?
ORDER BY q.account_id, r.token_id
"""


def quarantines(reader: Reader) -> list[Quarantine]:
    """Return the active quarantines in which somebody still is, the next one due first."""
    return [each for each in _not_ended(reader) if each.account_ids]


def _not_ended(reader: Reader) -> list[Quarantine]:
    found = []
    read_reach(reader.db)
    for run in reader.db.execute(f"{_ACTIVE} ORDER BY quarantine_until, run_id").fetchall():
        rows = reader.db.execute(_TOKENS, (run["run_id"],)).fetchall()
        living = [row for row in rows if row["token_id"] is not None and row["status"] != "REVOKED"]
        found.append(
            Quarantine(
                run["run_id"], run["quarantine_until"], tuple(dict.fromkeys(row["account_id"] for row in rows)),
                tuple(row["token_id"] for row in living), tuple(row["token_id"] for row in living if row["used"]),
                *(tuple(row["token_id"] for row in living if row["stops"] == group) for group in _APART),
            )
        )  # fmt: skip
    return found


def active_quarantine(reader: Reader, run_id: str) -> Quarantine:
    found = next((each for each in _not_ended(reader) if each.run_id == run_id), None)
    if found is None:
        raise UsageError(f"Run {run_id[:8]} is not in quarantine. See: tokendesk quarantine")
    return found


def answer_plan(reader: Reader, run_id: str, how: str, planner: Planner) -> Plan | None:
    """Return the plan for the answer; None if nothing changes."""
    each = active_quarantine(reader, run_id)
    if how == PUT_BACK:
        return undo_plan(reader, run_id, planner, each.account_ids)
    if how == REVOKE:
        return revoke_tokens(reader, _rows(reader, each.token_ids), planner)
    return None


def open_reason(plan: Plan, how: str) -> str:
    """Return why the quarantine continues after `plan`; empty if all of it is done."""
    if doing := plan.count(DO):
        return f"{doing:,} are left: the quarantine continues until they are done."
    if refused := plan.count(REFUSED):
        done = "put back" if how == PUT_BACK else "revoked"
        why = "; ".join(reason for reason, _ in refusals(plan))
        return f"{refused:,} cannot be {done} ({why}): the quarantine continues until that is fixed, or keep ends it."
    return ""


def _rows(reader: Reader, token_ids: Collection[str]) -> list[int]:
    return [row_id for token_id in token_ids if (row_id := reader.find("tokens", token_id)) is not None]
