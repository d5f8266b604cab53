"""What filters and counts say of users and tokens that runs changed after the pull."""

from collections.abc import Sequence
from typing import Any

from tests.desk.pulled import Office
from tokendesk.desk.runs import BEGUN, INTENDED, OUTCOMES, VERIFIED
from tokendesk.views.values import occurring


def planned(account: str, came_from: str | None, to: str | None, *tokens: dict[str, str]) -> dict[str, Any]:
    return {
        "account_id": account, "name": "Bo Test", "email": "bo@example.com", "from_id": came_from, "to_id": to,
        "outcome": "do", "reason": "", "tokens": list(tokens),
    }  # fmt: skip


def run(office: Office, kind: str, rows: Sequence[dict[str, Any]], outcome: str, undoes: str | None = None) -> str:
    """Write a run into the desk as it is written while it goes; what was moved is found where it was to go."""
    later = 3_600 if undoes is None else 7_200
    with office.desk(later=later) as desk:
        plan = {"kind": kind, "undoes": undoes, "quarantine_until": None, "rows": list(rows)}
        run_id = desk.append(BEGUN, {"plan": plan, "digest": "d", "key": None}).entry_id
        for row in rows:
            record = row["tokens"][0]["token_id"] if kind == "revoke" else row["account_id"]
            of_run = {"run": run_id}
            desk.append(INTENDED, {**of_run, "batch": 1, "to": row["to_id"], "rows": {record: row["from_id"]}})
            desk.append(OUTCOMES, {**of_run, "rows": {record: [outcome, "", None]}})
            if outcome == "moved":
                desk.append(VERIFIED, {**of_run, "rows": {record: row["to_id"]}})
    return run_id


def counted(office: Office, name: str) -> tuple[int, int]:
    row = office.reader.db.execute("SELECT allowed, blocked FROM policy_row WHERE name = ?", (name,)).fetchone()
    return row["allowed"], row["blocked"]


def owner_in(office: Office, policy: str) -> str:
    sql = "SELECT owner_id FROM token_row WHERE policy_name = ? AND status = 'ALLOWED' ORDER BY token_id"
    return str(office.reader.db.execute(sql, (policy,)).fetchone()[0])


def test_a_revoked_token_is_allowed_no_more_wherever_one_asks(office: Office) -> None:
    token = office.records("status:allowed policy:contractors")[0]
    sql = "SELECT owner_id, label FROM token_row WHERE token_id = ?"
    owner, label = office.reader.db.execute(sql, (token,)).fetchone()
    allowed, blocked = counted(office, "Contractors")
    run(office, "revoke", [planned(owner, None, None, {"token_id": token, "label": label})], "revoked")
    assert office.records("status:revoked") == [token]
    assert office.records("token.status:revoked", "users") == [owner]
    assert counted(office, "Contractors") == (allowed - 1, blocked)
    # Its owner moves on: the token is not taken away a second time.
    ids = office.policy("Contractors"), office.policy("Executives")
    others = len(office.records(f"owner.id:{owner} status:allowed"))
    run(office, "move", [planned(owner, *ids)], "moved")
    assert counted(office, "Contractors") == (allowed - 1 - others, blocked)


def test_a_user_whose_way_back_is_unknown_stays_where_the_run_before_put_them(office: Office) -> None:
    owner = owner_in(office, "Integrations")
    here, there = office.policy("Integrations"), office.policy("Executives")
    first = run(office, "move", [planned(owner, here, there)], "moved")
    assert owner in office.records("policy:executives", "users")
    run(office, "move", [planned(owner, there, here)], "unknown", undoes=first)
    assert owner in office.records("policy:executives", "users")
    assert owner not in office.records("policy:integrations", "users")


def test_a_run_to_several_policies_is_found_by_each_of_them(office: Office) -> None:
    default, others = office.policy("Default"), office.policy("Contractors")
    rows = [
        planned(office.records("policy:default", "users")[0], default, others),
        planned(office.records("policy:contractors", "users")[0], others, default),
    ]
    both = run(office, "move", rows, "moved")
    one = run(office, "move", rows[:1], "failed")
    assert set(office.records("policy:=Contractors", "journal")) == {both, one}
    assert office.records("policy:=Default", "journal") == [both]
    assert office.records("policy:none", "journal") == []
    pane = office.reader.panes["journal"]
    field = pane.fields.find("policy")
    assert field is not None
    assert occurring(office.reader, pane, field) == (("Contractors", 2), ("Default", 1))
