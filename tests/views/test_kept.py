"""A plan that contradicts a decision to keep a token says so everywhere."""

from dataclasses import replace

import pytest

from tests.desk.pulled import PRESENT, Office
from tokendesk.desk.notes import write_note
from tokendesk.desk.policies import write_policy
from tokendesk.model.plan import Plan, plan_to_record, summary
from tokendesk.model.plan_record import plan_from_record
from tokendesk.model.plan_rules import NeverTouch, without
from tokendesk.reporting.plan_text import review_lines
from tokendesk.views.plan_groups import RowText, plan_groups
from tokendesk.views.planning import Planner, move_owners, move_users, revoke_tokens
from tokendesk.views.recheck import recheck

BY = Planner(PRESENT, "ada", NeverTouch.of(()))


def say(office: Office, policy: str, tokens: str) -> None:
    with office.desk() as desk:
        write_policy(desk, office.policy(policy), {"tokens": tokens})


def keep(office: Office, token: str) -> None:
    with office.desk() as desk:
        write_note(desk, "token", [token], {"decision": "keep"})


def owner_with_two(office: Office) -> tuple[str, list[int], list[str]]:
    """Return an owner in Default, with the rows and ids of two tokens or more."""
    for row_id in office.ids("owner.status:active policy:default owner.tokens:>1"):
        row = office.reader.row("tokens", row_id, PRESENT)
        assert row
        ids = office.ids(f"owner.id:{row['owner_id']}")
        return row["owner_id"], ids, [office.reader.records("tokens", [each])[each] for each in ids]
    raise AssertionError("nobody has two tokens")


def kept_warning(plan: Plan) -> str:
    return next((warning.text for warning in plan.warnings if warning.code == "kept"), "")


def test_revoking_a_kept_token_is_warned_of_in_counts_row_and_phrase(office: Office) -> None:
    ids = office.ids("policy:default")[:4]
    kept = office.reader.records("tokens", ids)[ids[2]]
    assert revoke_tokens(office.reader, ids, BY).phrase == "revoke 4"
    keep(office, kept)
    plan = revoke_tokens(office.reader, ids, BY)
    assert plan.phrase == "revoke 4 (1 kept)"
    assert summary(plan).startswith("will revoke 4 (1 kept)")
    assert kept_warning(plan).startswith("1 token has the decision keep: ")
    (count,) = [part for part in plan_groups(plan) if part.name == "kept"]
    (place,) = count.indexes or ()
    assert plan.rows[place].record == kept
    words = RowText(plan)
    assert words.outcome(plan.rows[place]).startswith("decided: keep")
    assert words.tone(plan.rows[place]) == "bad"
    assert (
        sum("decided: keep" in line or "decision keep" in line for line in review_lines(plan)) == 2
    )  # the row, and the warning
    assert without(plan, {kept}).phrase == "revoke 3"


def test_moving_an_owner_to_where_tokens_are_blocked_names_the_kept_token_that_was_not_selected(
    office: Office,
) -> None:
    account, ids, tokens = owner_with_two(office)
    keep(office, tokens[1])
    target = office.policy("Contractors")
    say(office, "Contractors", "blocked")
    by_token = move_owners(office.reader, ids[:1], target, BY)
    by_user = move_users(office.reader, office.ids(f"id:{account}", "users"), target, BY)
    for plan in (by_token, by_user):
        assert plan.phrase == "move 1 (1 kept)"
        assert "the decision keep, and Contractors blocks tokens: " in kept_warning(plan)
        assert RowText(plan).outcome(plan.rows[0]).startswith("1 decided: keep")
    say(office, "Contractors", "allowed")
    plan = move_users(office.reader, office.ids(f"id:{account}", "users"), target, BY)
    assert plan.phrase == "move 1"
    assert kept_warning(plan) == ""


def test_a_target_of_which_nobody_knows_whether_it_blocks_is_not_taken_for_one_that_does_not(office: Office) -> None:
    account, _, tokens = owner_with_two(office)
    keep(office, tokens[0])
    with office.desk() as desk:
        write_policy(desk, "a-new-policy", {"name": "Trial"})
    plan = move_users(office.reader, office.ids(f"id:{account}", "users"), "a-new-policy", BY)
    assert "the decision keep, and whether Trial blocks tokens is not known: " in kept_warning(plan)
    assert plan.phrase == "move 1 (1 kept)"


def test_a_saved_plan_is_refused_where_a_token_was_decided_to_be_kept_since(office: Office) -> None:
    ids = office.ids("policy:default")[:3]
    plan = revoke_tokens(office.reader, ids, BY)
    kept = office.reader.records("tokens", ids)[ids[0]]
    keep(office, kept)
    fresh, changed = recheck(office.reader, plan, replace(BY))
    assert changed == (kept,)
    assert "changed since: it was decided to be kept" in {row.reason for row in fresh.rows}


@pytest.mark.parametrize("what", ["revoke", "move"])
def test_the_command_line_says_it_before_and_while_it_is_carried_out(
    office: Office, command: object, what: str
) -> None:
    assert callable(command)
    account, _, tokens = owner_with_two(office)
    keep(office, tokens[0])
    say(office, "Contractors", "blocked")
    words = (
        ("revoke", f"id:{tokens[0]}") if what == "revoke" else ("move", "users", f"id:{account}", "--to", "Contractors")
    )
    said = command(*words)
    assert f"will {what} 1 (1 kept)" in said
    assert "! 1 token has the decision keep" in said
    assert "--apply --expect 1." in said


def test_a_decision_to_keep_an_owner_is_warned_of_as_one_on_a_token(office: Office) -> None:
    account, ids, tokens = owner_with_two(office)
    users = office.ids(f"id:{account}", "users")
    target = office.policy("Contractors")
    say(office, "Contractors", "blocked")
    before = revoke_tokens(office.reader, ids, BY)
    moving = move_users(office.reader, users, target, BY)
    assert "owner_decision" not in str(plan_to_record(before)), "a plan without one keeps the hash it had"
    with office.desk() as desk:
        write_note(desk, "user", [account], {"decision": "keep"})
    revoke = revoke_tokens(office.reader, ids, BY)
    assert revoke.phrase == f"revoke {len(ids)} ({len(ids)} kept)"
    assert kept_warning(revoke).startswith("1 owner has the decision keep: ")
    move = move_users(office.reader, users, target, BY)
    assert move.phrase == "move 1 (1 kept)"
    assert kept_warning(move).startswith("1 owner has the decision keep, and Contractors blocks tokens: ")
    for plan in (revoke, move):
        assert {part.name for part in plan_groups(plan)} >= {"kept"}
        assert RowText(plan).outcome(plan.rows[0]).startswith("owner decided: keep")
        assert plan_from_record(plan_to_record(plan)) == plan
    for old in (before, moving):
        fresh, changed = recheck(office.reader, old, BY)
        assert changed and all("decided to be kept" in row.reason for row in fresh.rows)
    keep(office, tokens[0])
    both = move_users(office.reader, users, target, BY)
    assert both.phrase == "move 1 (2 kept)"
    assert kept_warning(both).startswith("1 token and 1 owner have the decision keep")
    assert revoke_tokens(office.reader, ids, BY).phrase == f"revoke {len(ids)} ({len(ids)} kept)"
    say(office, "Contractors", "allowed")
    assert move_users(office.reader, users, target, BY).phrase == "move 1"
