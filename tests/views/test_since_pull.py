"""Filters and counts for users and tokens that runs changed after the pull."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from string import Template
from typing import Any

import pytest

from tests.desk.pulled import PRESENT, Office
from tests.practice import NOW
from tokendesk.desk.entries import Desk
from tokendesk.desk.goals import write_goal
from tokendesk.desk.notes import write_note
from tokendesk.desk.runs import BEGUN, INTENDED, OUTCOMES, VERIFIED
from tokendesk.reporting.letters import OWNERS, compose_letters, default_template
from tokendesk.reporting.values import COLUMNS
from tokendesk.views.counts import scope_counts
from tokendesk.views.details import details
from tokendesk.views.goals import describe_goal
from tokendesk.views.planning import move_users, planner, plans_of_decisions
from tokendesk.views.readiness import policy_readiness
from tokendesk.views.triage import triage_groups
from tokendesk.views.values import occurring_values


def planned(account: str, came_from: str | None, to: str | None, *tokens: dict[str, str]) -> dict[str, Any]:
    return {
        "account_id": account, "name": "Bo Test", "email": "bo@example.com", "from_id": came_from, "to_id": to,
        "outcome": "do", "reason": "", "tokens": list(tokens),
    }  # fmt: skip


def run(
    office: Office,
    kind: str,
    rows: Sequence[dict[str, Any]],
    outcome: str,
    undoes: str | None = None,
    later: int | None = None,
) -> str:
    """Write a run into the desk as it is written while it goes; what was moved is found where it was to go."""
    if later is None:
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


@pytest.mark.parametrize("hours", [2, -2])
def test_a_run_counts_over_the_snapshot_with_a_wrong_clock(office: Office, hours: int) -> None:
    with office.desk() as desk:
        desk.measure_clock(hours * 3_600)  # as the pull does; entries are dated by the server's clock from now on
    owner = owner_in(office, "Contractors")
    token = office.records(f"owner.id:{owner}")[0]
    run(office, "move", [planned(owner, office.policy("Contractors"), office.policy("Executives"))], "moved")
    run(office, "revoke", [planned(owner, None, None, {"token_id": token, "label": ""})], "revoked")
    assert owner in office.records("policy:executives", "users")
    assert token in office.records("status:revoked")


def test_a_run_long_before_the_pull_does_not_count_with_a_wrong_clock(office: Office) -> None:
    with office.desk() as desk:
        desk.measure_clock(-2 * 3_600)  # two hours behind: what happened an hour ago seems to be in the future
    owner = owner_in(office, "Contractors")
    rows = [planned(owner, office.policy("Contractors"), office.policy("Executives"))]
    run(office, "move", rows, "moved", later=-3_600)
    assert owner in office.records("policy:contractors", "users")


def revoke(office: Office, token: str) -> tuple[str, str]:
    """Have a run revoke a token; return its owner and its label."""
    owner, label = office.reader.db.execute(
        "SELECT owner_id, label FROM token_row WHERE token_id = ?", (token,)
    ).fetchone()
    run(office, "revoke", [planned(owner, None, None, {"token_id": token, "label": label})], "revoked")
    return owner, label


def test_a_revoked_token_is_in_no_count_no_finding_no_triage_and_no_plan(office: Office) -> None:
    reader = office.reader
    policy = office.policy("Default")
    with office.desk() as desk:
        write_goal(desk, policy)
    token = office.records("is:in-use is:no-purpose policy:default owner.status:active owner.tokens:>1")[0]
    with office.desk() as desk:
        write_note(desk, "token", [token], {"decision": "move", "target": office.policy("Integrations")})
    (row_id,) = office.ids(f"id:{token}")
    total = len(office.ids())

    def counted() -> dict[str, int | None]:
        found = scope_counts(reader, "tokens", PRESENT)
        lines = (found.everything, *found.policies, *found.findings, *found.decisions)
        return {line.title: line.count for line in lines}

    def owners() -> tuple[int, int]:
        row = reader.db.execute(
            "SELECT tokens, token_used FROM user_row WHERE account_id = (SELECT owner_id FROM token_row WHERE id = ?)",
            (row_id,),
        ).fetchone()
        return row["tokens"], row["token_used"]

    by = planner(office.settings, PRESENT)
    before, goal, ready, held = (
        counted(),
        describe_goal(reader, PRESENT),
        policy_readiness(reader, policy, PRESENT),
        owners(),
    )
    row = reader.row("tokens", row_id, PRESENT)
    assert row
    named = {finding.title for finding in row["findings"]}
    assert len(plans_of_decisions(reader, by)[0]) == 1
    owner, _ = revoke(office, token)

    after = counted()
    lowered = {title for title, count in before.items() if after[title] != count}
    assert {"All tokens", "Default", "move", *named} <= lowered
    assert all(after[title] == (before[title] or 0) - 1 for title in ("All tokens", "Default", "move", *named))
    assert after["revoked"] == 1
    assert len(office.ids()) == total  # it is still shown, as what it is
    row = reader.row("tokens", row_id, PRESENT)
    assert row
    assert (row["status"], [finding.name for finding in row["findings"]]) == ("REVOKED", ["revoked"])
    assert describe_goal(reader, PRESENT) != goal
    assert "unknown status" not in str(describe_goal(reader, PRESENT))
    assert token in {each.token_id for each in ready.stopping}
    assert token not in {each.token_id for each in policy_readiness(reader, policy, PRESENT).stopping}
    assert all(row_id not in group.ids for group in triage_groups(reader, office.ids(), PRESENT))
    assert owners()[0] == held[0] - 1
    assert plans_of_decisions(reader, by) == ([], None)
    (user,) = office.ids(f"id:{owner}", "users")
    (moved,) = move_users(reader, [user], office.policy("Integrations"), by).rows
    assert token not in {each.token_id for each in moved.tokens}
    page = details(reader, "users", user, PRESENT)
    assert "revoked" in [fact.value for section in page.sections for fact in section.facts] if page else False
    post = compose_letters(
        reader, OWNERS, [row_id], Template(default_template(OWNERS)), reply_by="2026-12-07", sender="ada", now=PRESENT
    )
    assert (post.letters, post.nobody) == ((), ())


def test_what_a_policy_is_inferred_to_let_does_not_rest_on_revoked_tokens(office: Office) -> None:
    (user,) = office.ids("policy:executives tokens:1", "users")[:1]
    account = office.reader.records("users", [user])[user]
    name = "Executives"
    others = [t for t in office.records("policy:executives") if t not in office.records(f"owner.id:{account}")]
    for token in [*others, *office.records(f"owner.id:{account}")]:
        revoke(office, token)
    plan = move_users(
        office.reader, office.ids("policy:default tokens:1", "users")[:1], office.policy(name),
        planner(office.settings, PRESENT),
    )  # fmt: skip
    assert (plan.targets[0].tokens, plan.targets[0].source) == (None, "unknown")
    assert office.reader.db.execute("SELECT tokens, last_used FROM policy_row WHERE name = ?", (name,)).fetchone()[
        :
    ] == (0, None)


def began_elsewhere(office: Office, colleague: Desk, account: str, here: str, there: str) -> None:
    """Let another desk begin a move and never say how it ended; its entries reach this desk."""
    plan = {"kind": "move", "undoes": None, "quarantine_until": None, "rows": [planned(account, here, there)]}
    run_id = colleague.append(BEGUN, {"plan": plan, "digest": "d", "key": None}).entry_id
    colleague.append(INTENDED, {"run": run_id, "batch": 1, "to": there, "rows": {account: here}})
    with office.desk() as desk, desk.transaction(commit=True):
        desk.import_entries(list(colleague.entries()))


@pytest.mark.parametrize("minutes", [5, 60])
def test_a_snapshot_newer_than_an_unfinished_run_of_another_desk_wins(
    office: Office, tmp_path: Path, minutes: int
) -> None:
    account = office.records("policy:contractors tokens:>0 status:active", "users")[0]
    here, there = office.policy("Default"), office.policy("Contractors")
    earlier = NOW - timedelta(minutes=minutes)
    with Desk(tmp_path / "colleague.sqlite", author="bo", clock=lambda: earlier) as colleague:
        began_elsewhere(office, colleague, account, here, there)
    row = office.reader.row("users", office.ids(f"id:{account}", "users")[0], PRESENT)
    assert row
    assert (row["policy_name"], row["policy_moving"]) == ("Contractors", None)


def test_what_another_desk_began_after_the_snapshot_is_shown_as_pending(office: Office, tmp_path: Path) -> None:
    account = office.records("policy:default tokens:>0 status:active", "users")[0]
    here, there = office.policy("Default"), office.policy("Contractors")
    later = NOW + timedelta(minutes=5)
    with Desk(tmp_path / "colleague.sqlite", author="bo", clock=lambda: later) as colleague:
        began_elsewhere(office, colleague, account, here, there)
    row = office.reader.row("users", office.ids(f"id:{account}", "users")[0], PRESENT)
    assert row
    assert (row["policy_name"], row["policy_moving"]) == ("Default", "Default → Contractors (pending)")


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
    assert occurring_values(office.reader, pane, field) == (("Contractors", 2), ("Default", 1))


def test_a_program_is_told_the_whole_id_of_a_policy_without_a_name(office: Office) -> None:
    unnamed = "11111111-2222-3333-4444-555555555555"
    account = office.records("policy:default", "users")[0]
    run(office, "move", [planned(account, office.policy("Default"), unnamed)], "moved")
    with office.desk() as desk:
        write_note(desk, "token", [office.records()[0]], {"decision": "move", "target": unnamed})
    journal = office.reader.window(office.reader.panes["journal"], office.ids("", "journal"), PRESENT)
    assert [COLUMNS["journal"]["to"](row) for row in journal.values()] == [unnamed]
    token = office.reader.row("tokens", office.ids("decision:move")[0], PRESENT)
    assert token
    assert (COLUMNS["tokens"]["target"](token), COLUMNS["tokens"]["to"](token)) == (unnamed, None)
