"""Edited plan files with a valid hash are re-validated, not trusted."""

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.running.world import PRESENT, World, serve_world
from tokendesk.errors import Refused, UsageError
from tokendesk.model.plan import Plan, canonical, plan_to_record
from tokendesk.model.plan_record import plan_from_record
from tokendesk.model.plan_rules import first_rows, with_warnings
from tokendesk.reporting.plan_file import read_plan
from tokendesk.views.planning import planner
from tokendesk.views.recheck import recheck

Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with serve_world(tmp_path_factory.mktemp("home"), 300, 40) as made:
        yield made


def forged(plan: Plan, change: Change) -> Plan:
    record = json.loads(canonical(plan_to_record(plan)))
    change(record)
    sha = hashlib.sha256(canonical(record).encode()).hexdigest()
    return read_plan(json.dumps({"tokendesk_plan": 1, "sha256": sha, "plan": record}), "plan.json")


BIG = 10**30


@pytest.mark.parametrize(
    ("kind", "change", "why"),
    [
        ("move", lambda plan: plan.update(quarantine_until="soon"), "soon"),
        ("move", lambda plan: plan.update(quarantine_until="2026-99-99"), "month"),
        ("move", lambda plan: plan.update(pulled_at=BIG), "pulled_at"),
        ("move", lambda plan: plan["rows"][0]["tokens"][0].update(last_used=BIG), "last_used"),
        ("move", lambda plan: plan["rows"][0]["tokens"][0].update(expires=-BIG), "expires"),
        ("move", lambda plan: plan["rows"].append({**plan["rows"][0], "to_id": "elsewhere"}), "two rows"),
        ("revoke", lambda plan: plan["rows"].append(plan["rows"][0]), "two rows"),
    ],
)
def test_what_no_plan_can_say_is_no_plan(world: World, kind: str, change: Change, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        forged(plan_of_kind(world, kind), change)


def plan_of_kind(world: World, kind: str) -> Plan:
    if kind == "revoke":
        return world.revoke("is:in-use", 2)
    return first_rows(world.move_owners("policy:default is:in-use owner.status:active", "Executives"), 2)


def checked(world: World, plan: Plan) -> tuple[int, set[str]]:
    """Return how many rows of a plan may be carried out, and why the others may not."""
    with world.reader() as reader:
        now, _ = recheck(reader, plan, planner(world.settings, PRESENT))
    return now.count("do"), {row.reason for row in now.rows if row.outcome == "refused"}


def unused(plan: dict[str, Any]) -> None:
    plan["rows"][0]["tokens"] = [{**token, "last_used": None} for token in plan["rows"][0]["tokens"]]


def called_otherwise(plan: dict[str, Any]) -> None:
    for policy in plan["policies"]:
        if policy["name"] == "Executives":
            policy["name"] = "Integrations"


@pytest.mark.parametrize("kind", ["move", "revoke"])
def test_a_plan_as_it_was_saved_is_carried_out(world: World, kind: str) -> None:
    assert checked(world, forged(plan_of_kind(world, kind), lambda plan: None)) == (2, set())


@pytest.mark.parametrize(
    ("kind", "change", "left", "why"),
    [
        ("move", unused, 1, "came into use"),
        ("move", lambda plan: plan["rows"][0].update(tokens=[]), 1, "came into use"),
        ("move", lambda plan: plan.update(made_at=2 * PRESENT), 0, "came into use"),
        ("move", lambda plan: plan["rows"][0].update(name="Nobody"), 1, "its name is"),
        ("move", lambda plan: plan["rows"][0].update(email="gael.novak@example.com"), 1, "e-mail address is different"),
        ("move", called_otherwise, 0, "that the plan calls Integrations is Executives"),
        ("revoke", unused, 1, "came into use"),
        ("revoke", lambda plan: plan["rows"][0].update(name="Nobody"), 1, "the name of its owner is"),
        ("revoke", lambda plan: plan["rows"][0]["tokens"][0].update(label="old"), 1, "its label or owner is another"),
    ],
)
def test_what_a_plan_shows_otherwise_than_it_is_is_left_alone(
    world: World, kind: str, change: Change, left: int, why: str
) -> None:
    def with_its_warnings(plan: dict[str, Any]) -> None:
        change(plan)
        plan["warnings"] = json.loads(canonical(plan_to_record(with_warnings(plan_from_record(plan)))))["warnings"]

    doing, reasons = checked(world, forged(plan_of_kind(world, kind), with_its_warnings))
    assert doing == left
    assert all(reason.startswith("changed since: ") for reason in reasons)
    assert any(why in reason for reason in reasons), reasons


@pytest.mark.parametrize("kind", ["move", "revoke"])
def test_a_plan_without_its_warnings_is_refused(world: World, kind: str) -> None:
    plan = forged(plan_of_kind(world, kind), lambda plan: plan.update(warnings=[]))
    with pytest.raises(Refused, match="does not warn of"):
        checked(world, plan)
