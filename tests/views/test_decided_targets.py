"""A move to another policy than the one that was decided on is warned of."""

from tests.desk.pulled import PRESENT, Office
from tokendesk.desk.notes import write_note
from tokendesk.model.plan import Plan
from tokendesk.model.plan_rules import NeverTouch, without
from tokendesk.views.plan_groups import RowText
from tokendesk.views.planning import Planner, move_owners

BY = Planner(PRESENT, "ada", NeverTouch.of(()))


def warning(plan: Plan) -> str:
    return next((each.text for each in plan.warnings if each.code == "decided-elsewhere"), "")


def test_a_move_against_the_decision_names_the_token_and_the_decided_policy(office: Office) -> None:
    row_id = office.ids("owner.status:active policy:default owner.tokens:1")[0]
    row = office.reader.row("tokens", row_id, PRESENT)
    assert row
    with office.desk() as desk:
        fields = {"decision": "move", "target": office.policy("Integrations")}
        write_note(desk, "token", [row["token_id"]], fields)
    assert warning(move_owners(office.reader, [row_id], office.policy("Integrations"), BY)) == ""
    plan = move_owners(office.reader, [row_id], office.policy("Contractors"), BY)
    assert warning(plan) == (f"1 token has the decision to move to another policy: {row['label']} (Integrations).")
    assert "decided: another policy" in RowText(plan).outcome(plan.rows[0])
    assert warning(without(plan, {plan.rows[0].record})) == ""
