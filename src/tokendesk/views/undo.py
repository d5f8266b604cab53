"""Plans the undo of a run: a new plan that moves each user back, reviewed like any other."""

from collections.abc import Collection
from dataclasses import replace

from tokendesk.errors import UsageError
from tokendesk.model.plan import Plan
from tokendesk.model.plan_rules import Candidate
from tokendesk.views.planning import Planner, candidates, known_policies, move_plan
from tokendesk.views.reader import Reader

_MOVED = """
SELECT account_id, name, email, coalesce(before_id, from_id) AS back, to_id FROM desk.run_row
WHERE run_id = ? AND planned = 'do' AND intended IS NOT NULL
    AND (outcome IN ('moved', 'unknown') OR outcome IS NULL OR found_id = to_id)
ORDER BY fold(name), account_id
"""

_PUT_BACK = """
SELECT b.account_id, u.run_id FROM desk.run AS u JOIN desk.run_row AS b ON b.run_id = u.run_id
WHERE u.undoes = ? AND b.outcome = 'moved' AND coalesce(b.found_id, b.to_id) = b.to_id AND NOT EXISTS (
    SELECT 1 FROM desk.run AS v JOIN desk.run_row AS c ON c.run_id = v.run_id
    WHERE v.undoes = u.run_id AND c.account_id = b.account_id AND c.outcome = 'moved')
"""
"""Users restored by an undo of the run that was not itself undone."""


def undo_plan(reader: Reader, run_id: str, planner: Planner, records: Collection[str] | None = None) -> Plan:
    """Plan to move the users of a run back, or only those in `records` (account ids).

    Users who are no longer in the run's target policy were moved by somebody else and are refused, as are users that
    were put back already and moved there again.
    """
    run = reader.db.execute("SELECT kind FROM desk.run WHERE run_id = ?", (run_id,)).fetchone()
    if run is None:
        raise UsageError(f"There is no run {run_id}. See: tokendesk list journal")
    if run["kind"] != "move":
        raise UsageError("A revocation cannot be undone: Atlassian deletes the token for good.")
    rows = [row for row in reader.db.execute(_MOVED, (run_id,)) if records is None or row["account_id"] in records]
    known = {user.account_id: user for user in candidates(reader, {row["account_id"]: row["back"] for row in rows})}
    put_back = {row["account_id"]: row["run_id"] for row in reader.db.execute(_PUT_BACK, (run_id,))}
    names = known_policies(reader)
    users = []
    for row in rows:
        user = known.get(row["account_id"])
        if user is None:
            users.append(
                Candidate(
                    row["account_id"], row["name"], row["email"], None, None, None, None, False, row["back"] or "",
                    is_managed=False,
                )
            )  # fmt: skip
            continue
        elsewhere = user.policy_id not in (row["to_id"], row["back"])
        if elsewhere:
            where = names[user.policy_id].name if user.policy_id in names else "unknown"
            user = replace(user, trouble=f"moved since by somebody else: it is in {where} now")
        elif user.account_id in put_back and user.policy_id != row["back"]:
            by = put_back[user.account_id][:8]
            user = replace(user, trouble=f"put back already by run {by}, and moved again since")
        users.append(user)
    return move_plan(reader, users, planner, undoes=run_id)
