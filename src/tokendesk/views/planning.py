"""Makes plans for selected or decided rows, from snapshot and desk only, so it also works offline."""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tokendesk.config import Settings
from tokendesk.desk.author import os_user
from tokendesk.errors import UsageError
from tokendesk.model.plan import DO, MOVE, REVOKE, Plan, PlanPolicy, PlanRow, PlanToken, PlanWarning
from tokendesk.model.plan_rules import (
    Candidate,
    NeverTouch,
    move_row,
    named_policies,
    revoke_row,
    token_setting,
    with_warnings,
)  # fmt: skip
from tokendesk.model.timestamps import is_unread
from tokendesk.snapshot.file import SnapshotInfo
from tokendesk.views.contradictions import contradictions
from tokendesk.views.decided_targets import decided_elsewhere
from tokendesk.views.never_touch import Protection, describe_unmatched, protections, unmatched
from tokendesk.views.pending_changes import policy_read, policy_read_as_entry, pull_began
from tokendesk.views.reach import STOPS, read_reach
from tokendesk.views.reader import Reader, Row


@dataclass(frozen=True, slots=True)
class Planner:
    """The author and time of plans, and what they may never change. `now`: epoch seconds."""

    now: int
    author: str
    never: NeverTouch
    protected: tuple[Protection, ...] = ()
    """The same, with the place of each in the configuration."""


def planner(settings: Settings, now: int) -> Planner:
    never = NeverTouch.of((*settings.admin_emails, *settings.never_touch))
    return Planner(now, settings.author or os_user(), never, protections(settings))


_REVOKED = "(SELECT token FROM temp.revoked_now)"
_STATUSES = """
SELECT u.policy, sum(t.status = 'ALLOWED'), sum(t.status = 'BLOCKED')
FROM main.token AS t JOIN main.user AS u ON u.id = t.user
WHERE u.policy IS NOT NULL AND t.id NOT IN (SELECT token FROM temp.revoked_now)
    AND u.id NOT IN (SELECT user FROM temp.moved_now WHERE policy IS NOT was) GROUP BY u.policy
"""


def known_policies(reader: Reader) -> dict[str, PlanPolicy]:
    """Return the policies of snapshot and desk, by id."""
    seen: dict[int, tuple[int, int]] = {row[0]: (row[1], row[2]) for row in reader.db.execute(_STATUSES)}
    found = {}
    for row in reader.db.execute("SELECT id, policy_id, name, setting FROM policy_name"):
        tokens, source = token_setting(row["setting"], *seen.get(row["id"], (0, 0)))
        found[row["policy_id"]] = PlanPolicy(row["policy_id"], row["name"], tokens, source)
    return found


def move_users(reader: Reader, ids: Iterable[int], target_id: str, planner: Planner) -> Plan:
    """Plan to move the users with these row ids."""
    _choose(reader, ids)
    return move_plan(reader, _candidates(reader, "SELECT id FROM temp.chosen", target_id), planner)


def move_owners(reader: Reader, ids: Iterable[int], target_id: str, planner: Planner) -> Plan:
    """Plan to move the owners of the tokens with these row ids; all their other tokens move too."""
    chosen = set(ids)
    _choose(reader, chosen)
    return move_plan(reader, [*_owners(reader, chosen, target_id), *_unmanaged_owners(reader, target_id)], planner)


def plans_of_decisions(
    reader: Reader, planner: Planner, ids: Iterable[int] | None = None
) -> tuple[list[Plan], Plan | None]:
    """Return plans for the decisions on tokens: one move plan for each target, and one revoke plan.

    `ids`: row ids of the tokens to include; None for all. Decisions already applied become rows
    "already there"; plans with nothing left to do are omitted.
    """
    decisions: list[Row] = reader.db.execute(
        "SELECT id, token_id, user, owner_id, decision, target FROM token_row WHERE decision = 'revoke'"
        f" OR (decision = 'move' AND id NOT IN {_REVOKED})"
    ).fetchall()
    if ids is not None:
        wanted = set(ids)
        decisions = [row for row in decisions if row["id"] in wanted]
    moving = [row for row in decisions if row["decision"] == "move"]
    targets: dict[str, set[str]] = {}
    for row in moving:
        targets.setdefault(row["owner_id"] or "", set()).add(row["target"] or "")
    chosen = {row["id"] for row in moving}
    _choose(reader, chosen)
    names = {policy.policy_id: policy.name for policy in known_policies(reader).values()}
    by_target: dict[str, list[Candidate]] = {}
    for user in [*_owners(reader, chosen, ""), *_unmanaged_owners(reader, "")]:
        wanted_by = sorted(targets[user.account_id], key=lambda target: names.get(target, target))
        words = ", ".join(names.get(target, target) or "no target" for target in wanted_by)
        trouble = f"two decisions: {words}" if len(wanted_by) > 1 else "" if wanted_by[0] else "no target was chosen"
        for target in wanted_by:
            by_target.setdefault(target, []).append(replace(user, to_id=target, trouble=trouble))
    moves = [move_plan(reader, by_target[target], planner) for target in sorted(by_target)]
    revoking = [row["id"] for row in decisions if row["decision"] == "revoke"]
    revoke = revoke_tokens(reader, revoking, planner) if revoking else None
    worth = [plan for plan in moves if any(row.outcome != "there" for row in plan.rows)]
    return worth, revoke if revoke and any(row.outcome != "there" for row in revoke.rows) else None


def move_plan(
    reader: Reader,
    users: Iterable[Candidate],
    planner: Planner,
    *,
    undoes: str | None = None,
    quarantine_until: str | None = None,
) -> Plan:
    """Return the plan to move each of `users` to their `to_id`."""
    known = known_policies(reader)
    doubtful = _in_doubt(reader)
    users = (
        replace(user, trouble=user.trouble or doubtful[user.account_id]) if user.account_id in doubtful else user
        for user in users
    )
    rows = tuple(move_row(user, known.get(user.to_id), planner.never) for user in users)
    beside = [
        (row, token)
        for row in rows
        if row.outcome == DO
        for token in row.tokens
        if token.decision == "revoke" and token.status != "REVOKED"
    ]
    plan = _plan(reader, MOVE, rows, known, planner)
    return with_warnings(
        replace(
            plan,
            undoes=undoes,
            quarantine_until=quarantine_until,
            beside=tuple(
                revoke_row(
                    token, row.account_id, row.name, row.email, row.from_id,
                    status=row.status, is_admin=row.is_admin, gone=False, never=planner.never,
                    owner_decision=row.owner_decision,
                )
                for row, token in beside
            ),
        )
    )  # fmt: skip


_IN_DOUBT = """
SELECT b.account_id, r.run_id FROM desk.run_aside AS a JOIN desk.run AS r ON r.run_id = a.run_id
JOIN desk.run_row AS b ON b.run_id = r.run_id
WHERE r.ended IS NULL AND r.desk_id = (SELECT desk_id FROM desk.desk)
    AND b.intended IS NOT NULL AND b.outcome IS NULL
"""


_UNKNOWN_SINCE = """
SELECT m.account_id, m.run_id FROM desk.moved AS m
JOIN desk.run_row AS b ON b.run_id = m.run_id AND b.account_id = m.account_id
LEFT JOIN main.user AS u ON u.account_id = m.account_id
WHERE m.state = 'under way' AND b.outcome = 'unknown' AND m.at > {read}
"""


def _in_doubt(reader: Reader) -> dict[str, str]:
    """Return the users that a run may have changed, without a pull since: account id -> why nothing is planned."""
    words = "what run {} did to this user is not known: {}"
    db = reader.db
    pull = db.execute(_UNKNOWN_SINCE.format(read=policy_read_as_entry(db)), {"pull": pull_began(db)})
    found = {row["account_id"]: words.format(row["run_id"][:8], "pull, then plan again") for row in pull}
    for row in db.execute(_IN_DOUBT):
        found[row["account_id"]] = words.format(row["run_id"][:8], "settle it, or give it up")
    return found


def revoke_tokens(reader: Reader, ids: Iterable[int], planner: Planner) -> Plan:
    """Plan to revoke the tokens with these row ids."""
    _choose(reader, ids)
    read_reach(reader.db)
    sql = (
        f"SELECT {_ABOUT_TOKENS}, owner_id, owner, email, owner_status, org_admin, policy_id,"
        f" {_OWNER_DECISION} AS owner_decision FROM token_row AS r"
        " WHERE id IN (SELECT id FROM temp.chosen) ORDER BY owner_folded, label_folded, id"
    )
    rows = tuple(
        revoke_row(
            _token(row), row["owner_id"], row["owner"] or "", row["email"], row["policy_id"],
            status=row["owner_status"], is_admin=row["org_admin"] == 1, gone=row["status"] == "REVOKED",
            never=planner.never, owner_decision=_decision(row["owner_decision"]),
        )
        for row in reader.db.execute(sql)
    )  # fmt: skip
    return with_warnings(_plan(reader, REVOKE, rows, known_policies(reader), planner))


def candidates(reader: Reader, account_ids: Mapping[str, str]) -> list[Candidate]:
    """Return the current rows of these users (account id -> target policy); unknown users are omitted."""
    ids, rows = list(account_ids), list[int]()
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        marks = ", ".join("?" * len(part))
        found = reader.db.execute(f"SELECT id FROM main.user WHERE account_id IN ({marks})", part)
        rows += [row[0] for row in found]
    _choose(reader, rows)
    users = _candidates(reader, "SELECT id FROM temp.chosen", "")
    return [replace(user, to_id=account_ids[user.account_id]) for user in users]


def _plan(
    reader: Reader, kind: str, rows: tuple[PlanRow, ...], known: Mapping[str, PlanPolicy], planner: Planner
) -> Plan:
    info = reader.info
    if info is None:
        raise UsageError("There is no snapshot to plan with. Make one with: tokendesk pull")
    return Plan(
        kind=kind,
        org_id=info.org_id,
        org_name=info.org_name,
        pull_id=info.pull_id,
        pulled_at=_read_at(reader.db, info, rows),
        made_at=planner.now,
        author=planner.author,
        rows=rows,
        policies=named_policies(rows, known),
        warnings=tuple(plan_warnings(reader, kind, rows, planner)),
        in_use_days=reader.thresholds.in_use,
    )


def _read_at(db: sqlite3.Connection, info: SnapshotInfo, rows: Collection[PlanRow]) -> int:
    """Return when the oldest of what the rows show was read."""
    values = {"pull": pull_began(db), "accounts": json.dumps([row.account_id for row in rows])}
    found = db.execute(_OLDEST.format(read=policy_read(db)), values).fetchone()[0]
    return min(info.tokens_at, info.pulled_at if found is None else int(found))


_OLDEST = """
SELECT min(CAST(strftime('%s', {read}) AS INTEGER)) FROM main.user AS u
WHERE u.account_id IN (SELECT value FROM json_each(:accounts))
"""


def plan_warnings(reader: Reader, kind: str, rows: Collection[PlanRow], planner: Planner) -> Iterator[PlanWarning]:
    """Yield the warnings named in FOUND_WITH: they depend on more than the rows."""
    if words := describe_unmatched(unmatched(reader, planner.protected)):
        yield PlanWarning("never-touch", words)
    targets = {row.to_id for row in rows if row.to_id}
    if words := " ".join(contradictions(reader, targets)):
        yield PlanWarning("contradicted", words)
    if kind == MOVE and (warning := decided_elsewhere(reader, rows)):
        yield warning
    if kind == MOVE and reader.info is not None and reader.info.only_owners:
        words = "Users without tokens were not read, so none of them is in this plan. To include them, pull all users."
        yield PlanWarning("users-unread", words)
    if kind == MOVE and (unknown := _unknown_admins(reader.db, [row.record for row in rows if row.outcome == DO])):
        yield unknown


def _unknown_admins(db: sqlite3.Connection, moving: list[str]) -> PlanWarning | None:
    untold = tuple(row[0] for row in db.execute(_UNTOLD_ADMINS, (json.dumps(moving),)))
    if not untold:
        return None
    if db.execute("SELECT 1 FROM main.user WHERE org_admin IS NOT NULL LIMIT 1").fetchone() is None:
        return PlanWarning("admins-unknown", "Atlassian reported no organization admins.", untold)
    text = "Atlassian did not say whether some of these users are organization admins; their details say which."
    return PlanWarning("admins-unknown", text, untold)


_UNTOLD_ADMINS = """
SELECT account_id FROM main.user
WHERE org_admin IS NULL AND account_id IN (SELECT value FROM json_each(?)) ORDER BY id
"""


_ABOUT_TOKENS = (
    "id, user, token_id, label, status, created_text, last_used, last_used_text, expires, expires_text, purpose,"
    f" decision, {STOPS} AS stops"
)
"""Columns of `token_row AS r`; call `read_reach` first."""


_OWNER_DECISION = "(SELECT n.decision FROM desk.note AS n WHERE n.about = 'user' AND n.subject = r.owner_id)"


def _decision(found: str | None) -> str | None:
    return None if found == "undecided" else found


def _token(row: Row, *, selected: bool = True) -> PlanToken:
    return PlanToken(
        row["token_id"], row["label"], row["status"], row["created_text"], row["last_used"], row["expires"],
        row["purpose"], _decision(row["decision"]), selected, row["stops"],
        tuple(name for name in ("last_used", "expires") if is_unread(row[name], row[f"{name}_text"])),
    )  # fmt: skip


def _choose(reader: Reader, ids: Iterable[int]) -> None:
    """Fill `temp.chosen` with these row ids."""
    reader.db.execute("CREATE TEMP TABLE IF NOT EXISTS chosen (id INTEGER PRIMARY KEY)")
    reader.db.execute("DELETE FROM temp.chosen")
    reader.db.executemany("INSERT OR IGNORE INTO temp.chosen VALUES (?)", ((row_id,) for row_id in ids))


def _owners(reader: Reader, chosen: set[int], to_id: str) -> list[Candidate]:
    """Return the owners of the chosen tokens with all their tokens."""
    users = "SELECT user FROM main.token WHERE id IN (SELECT id FROM temp.chosen) AND user IS NOT NULL"
    return _candidates(reader, users, to_id, chosen)


def _candidates(reader: Reader, users: str, to_id: str, selected: set[int] | None = None) -> list[Candidate]:
    """Return the users whose row ids the SQL `users` selects. `selected`: the selected tokens; None: all."""
    db = reader.db
    read_reach(db)
    tokens: dict[int, list[PlanToken]] = {}
    about = (
        f"SELECT {_ABOUT_TOKENS} FROM token_row AS r WHERE user IN ({users})"
        f" AND id NOT IN {_REVOKED} ORDER BY last_used DESC, id"
    )
    for row in db.execute(about):
        token = _token(row, selected=selected is None or row["id"] in selected)
        tokens.setdefault(row["user"], []).append(token)
    shared = _shared_emails(db)
    found = db.execute(
        "SELECT id, account_id, name, email, account_type, claim_status, status, policy_id, org_admin, decision"
        f" FROM user_row WHERE id IN ({users}) ORDER BY name_folded, id"
    )
    return [
        Candidate(
            row["account_id"], row["name"], row["email"], row["account_type"], row["claim_status"], row["status"],
            row["policy_id"], row["org_admin"] == 1, to_id, tuple(tokens.get(row["id"], ())),
            decision=_decision(row["decision"]), shares_email=(row["email"] or "").casefold() in shared,
        )
        for row in found
    ]  # fmt: skip


def _unmanaged_owners(reader: Reader, to_id: str) -> list[Candidate]:
    """Return the owners of chosen tokens who are not managed users, as the tokens name them."""
    owners: dict[str, list[Any]] = {}
    read_reach(reader.db)
    sql = f"SELECT {_ABOUT_TOKENS}, owner_id, owner, email FROM token_row AS r WHERE id IN (SELECT id FROM temp.chosen)"
    for row in reader.db.execute(sql):
        if row["user"] is None:
            owners.setdefault(row["owner_id"] or "", []).append(row)
    return [
        Candidate(
            owner_id, rows[0]["owner"] or "unknown", rows[0]["email"], None, None, None, None, False, to_id,
            tuple(_token(row) for row in rows), is_managed=False,
        )
        for owner_id, rows in owners.items()
    ]  # fmt: skip


def _shared_emails(db: sqlite3.Connection) -> frozenset[str]:
    """Return the case-folded addresses that more than one managed account has."""
    emails = [
        row[0] for row in db.execute("SELECT replace(email, char(10), ' ') FROM main.user WHERE email IS NOT NULL")
    ]
    folded = "\n".join(emails).casefold().split("\n")  # in one call: ten times as fast as one by one
    if len(set(folded)) == len(folded):
        return frozenset()
    return frozenset(email for email, count in Counter(folded).items() if count > 1)
