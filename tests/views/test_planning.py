"""Plans for the practice organization: moves, rows that are done already, refusals and warnings."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.practice import NOW, name_policies, organization, practice, pull_quietly, settings_in
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.desk.policies import write_policy
from tokendesk.errors import Refused, UsageError
from tokendesk.model.plan import MOVING, Plan, plan_to_record, summary
from tokendesk.model.plan_record import plan_from_record
from tokendesk.model.plan_rules import NeverTouch, with_warnings, without
from tokendesk.reporting.plan_file import load_plan, save_plan
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.people import ORG_ADMIN
from tokendesk.views.planning import Planner, move_owners, move_users, plans_of_decisions, revoke_tokens
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

PRESENT = int(NOW.timestamp())


@dataclass
class World:
    settings: Settings
    made: Organization
    reader: Reader

    def ids(self, pane: str, text: str) -> list[int]:
        return list(self.reader.ids(Query(pane, filter=text), PRESENT))

    def policy(self, name: str) -> str:
        return next(policy.id for policy in self.made.policies if policy.name == name)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = organization()
    settings = settings_in(tmp_path_factory.mktemp("plans"))
    name_policies(settings, made)
    with Desk(settings.paths.desk, author="admin", clock=lambda: NOW) as desk:
        write_policy(desk, made.policies[2].id, {"tokens": "blocked"})
    with practice(made) as access:
        asyncio.run(pull_quietly(settings, access))
    with Reader(settings.paths, settings.thresholds) as reader:
        yield World(settings, made, reader)


def planner(*never: str) -> Planner:
    return Planner(PRESENT, "admin", NeverTouch.of(never))


def outcomes(plan: Plan) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in plan.rows:
        found.setdefault(f"{row.outcome} {row.reason}".strip(), set()).add(row.record)
    return found


def test_every_user_of_the_organization_gets_the_row_the_rules_give(world: World) -> None:
    """Counted over the organization's own people, not over the snapshot."""
    target = world.policy("Integrations")
    people = [world.made.person(index) for index in range(world.made.users)]
    managed = [person for person in people if person.managed]
    admin = next(person for person in managed if ORG_ADMIN in person.roles)
    assert admin.email
    plan = move_users(world.reader, world.ids("users", ""), target, planner(admin.email.upper()))
    expected: dict[str, str] = {}
    for person in managed:
        if person is admin:
            words = "refused on the never-touch list"
        elif (person.email or "").endswith("serviceaccount.atlassian.com"):
            words = "refused a service account: whether a policy applies to it is unknown"
        elif person.account_status in ("closed", "inactive"):
            words = f"refused the account is {'closed' if person.account_status == 'closed' else 'deactivated'}"
        elif not person.email:
            words = "refused no e-mail address, which a move needs"
        else:
            words = "there" if world.made.policy_of(person.index) == target else "do"
        expected[person.account_id] = words
    assert {record: words for words, records in outcomes(plan).items() for record in records} == expected
    assert len({*expected.values()}) >= 5
    assert summary(plan).startswith(f"will move {list(expected.values()).count('do'):,} · already there ")


def test_moving_owners_takes_all_their_tokens_and_says_which_stop(world: World) -> None:
    used = world.ids("tokens", "is:in-use policy:default owner.tokens:>1 owner.status:active")[:1]
    plan = move_owners(world.reader, used, world.policy("Contractors"), planner())
    (row,) = plan.rows
    held = world.ids("tokens", f"owner.id:{row.account_id}")
    assert len(row.tokens) == len(held) > 1
    assert [token.selected for token in row.tokens].count(True) == 1
    warnings = {warning.code: warning for warning in plan.warnings}
    in_use = {
        world.reader.records("tokens", [i])[i] for i in world.ids("tokens", f"owner.id:{row.account_id} is:in-use")
    }
    groups = ("tokens-in-use", "tokens-of-bitbucket", "tokens-not-told")
    assert {token for code in groups if code in warnings for token in warnings[code].tokens} == in_use
    assert set(warnings["other-tokens"].tokens) == {token.token_id for token in row.tokens if not token.selected}
    assert plan.notice == MOVING


def test_a_target_that_lets_tokens_be_used_stops_nothing(world: World) -> None:
    used = world.ids("tokens", "is:in-use policy:default")
    with Desk(world.settings.paths.desk) as desk:
        entry = write_policy(desk, world.policy("Integrations"), {"tokens": "allowed"})
        plan = move_owners(world.reader, used, world.policy("Integrations"), planner())
        desk.append("undo", {"entry": entry.entry_id})
    assert {"tokens-in-use", "setting-unknown"}.isdisjoint(warning.code for warning in plan.warnings)


def test_an_unknown_target_refuses_every_row(world: World) -> None:
    plan = move_users(world.reader, world.ids("users", "tokens:>0"), "no-such-policy", planner())
    assert set(outcomes(plan)) == {"refused the target policy is unknown"}


def test_a_plan_says_how_old_its_rows_are(world: World) -> None:
    later = replace(planner(), now=PRESENT + 3 * 86_400)
    plan = move_users(world.reader, world.ids("users", "tokens:>0"), world.policy("Integrations"), later)
    assert [warning.text.partition(" (")[0] for warning in plan.warnings if warning.code == "old-snapshot"] == [
        "These users were read 3 d ago"
    ]


def test_dropped_rows_are_in_no_count_and_no_warning(world: World) -> None:
    plan = move_users(world.reader, world.ids("users", "tokens:>0"), world.policy("Contractors"), planner())
    admins = {row.record for row in plan.rows_to_do if row.is_admin}
    stopping = next(warning for warning in plan.warnings if warning.code == "tokens-in-use")
    assert "would stop:" in stopping.text
    less = without(plan, admins | set(stopping.records))
    assert {"tokens-in-use", "org-admins"}.isdisjoint(warning.code for warning in less.warnings)
    assert len(less.rows_to_do) == len(plan.rows_to_do) - len(admins | set(stopping.records))
    assert less.digest != plan.digest


def test_decisions_become_one_plan_for_each_target_and_one_of_revocations(world: World) -> None:
    """Two tokens of one owner with two targets: nobody is moved twice."""
    owners: dict[str, list[str]] = {}
    for index in world.ids("tokens", "owner.status:active policy:default"):
        row = world.reader.row("tokens", index, PRESENT)
        assert row
        owners.setdefault(row["owner_id"], []).append(row["token_id"])
    torn, mixed = [owner for owner, tokens in owners.items() if len(tokens) > 1][:2]
    plain = next(owner for owner, tokens in owners.items() if len(tokens) == 1)
    a, b = world.policy("Integrations"), world.policy("Contractors")
    with Desk(world.settings.paths.desk) as desk:
        entries = [
            write_note(desk, "token", [owners[torn][0]], {"decision": "move", "target": a}),
            write_note(desk, "token", [owners[torn][1]], {"decision": "move", "target": b}),
            write_note(desk, "token", [owners[mixed][0]], {"decision": "move", "target": a}),
            write_note(desk, "token", [owners[mixed][1]], {"decision": "revoke"}),
            write_note(desk, "token", [owners[plain][0]], {"decision": "move", "target": b}),
        ]
        moves, revoke = plans_of_decisions(world.reader, planner())
        for entry in entries:
            desk.append("undo", {"entry": entry.entry_id})
    by_target = {plan.targets[0].policy_id: plan for plan in moves}
    assert {row.account_id for row in by_target[a].rows_to_do} == {mixed}
    assert {row.account_id for row in by_target[b].rows_to_do} == {plain}
    for plan in moves:
        (planned,) = (row for row in plan.rows if row.account_id == torn)
        assert planned.reason == "two decisions: Contractors, Integrations"
    assert [row.record for row in by_target[a].beside] == [owners[mixed][1]]
    assert revoke is not None
    assert [row.record for row in revoke.rows_to_do] == [owners[mixed][1]]


@pytest.mark.parametrize(
    "written", ["José  Peña", "Jose\u0301 Pen\u0303a", "JOSÉ\u00a0PEÑA", "\u200bjosé peña ", "jose pena"]
)
def test_the_never_touch_list_is_read_as_a_person_reads_it(written: str) -> None:
    assert NeverTouch.of([written]).has(None, "José Peña")
    assert NeverTouch.of(["José Peña"]).has(written)
    assert not NeverTouch.of([written, "", "\u0301", "\u200b"]).has(None, "", " ", "\u0300", "José", "Peña José")


def test_a_label_on_the_never_touch_list_keeps_its_token_and_its_owner(world: World) -> None:
    ids = world.ids("tokens", "owner.status:active policy:default")
    row = world.reader.row("tokens", ids[0], PRESENT)
    assert row
    revoke = revoke_tokens(world.reader, ids, planner(row["label"]))
    refused = [planned for planned in revoke.rows if planned.outcome == "refused"]
    assert {planned.tokens[0].label for planned in refused} == {row["label"]}
    move = move_owners(world.reader, ids, world.policy("Contractors"), planner(row["label"]))
    assert f"its token {row['label']!r} is on the never-touch list" in {planned.reason for planned in move.rows}


@pytest.mark.parametrize("kind", ["move", "revoke"])
def test_a_plan_file_gives_the_plan_back_and_shows_every_edit(world: World, kind: str, tmp_path: Path) -> None:
    ids = world.ids("tokens", "policy:default")
    if kind == "move":
        plan = move_owners(world.reader, ids, world.policy("Integrations"), planner())
    else:
        plan = revoke_tokens(world.reader, ids, planner())
    file = tmp_path / "plan.json"
    save_plan(plan, file)
    assert load_plan(file) == plan
    assert plan_from_record(json.loads(json.dumps(plan_to_record(plan)))) == plan
    record = json.loads(file.read_text("utf-8"))
    record["plan"]["rows"][0]["email"] = "mallory@example.com"
    file.write_text(json.dumps(record), "utf-8")
    with pytest.raises(Refused, match="was changed after it was saved"):
        load_plan(file)


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan.pop("rows"),
        lambda plan: plan.update(kind="wipe"),
        lambda plan: plan.update(made_at=True),
        lambda plan: plan["rows"][0].update(outcome="perhaps"),
        lambda plan: plan["rows"][0].update(to_id="x", surprise=1),
        lambda plan: plan["rows"][0].update(tokens=[]),
        lambda plan: plan["rows"].append(3),
    ],
)
def test_a_file_that_is_no_whole_plan_is_refused_with_a_sentence(world: World, change: object, tmp_path: Path) -> None:
    plan = revoke_tokens(world.reader, world.ids("tokens", "policy:default"), planner())
    file = tmp_path / "plan.json"
    save_plan(plan, file)
    record = json.loads(file.read_text("utf-8"))
    assert callable(change)
    change(record["plan"])
    file.write_text(json.dumps(record), "utf-8")
    with pytest.raises(UsageError, match="not a complete plan"):
        load_plan(file)


def test_a_plan_from_before_reach_was_known_keeps_its_hash_and_claims_less(world: World) -> None:
    plan = move_users(world.reader, world.ids("users", "tokens:>0"), world.policy("Executives"), planner())
    old = with_warnings(
        replace(
            plan,
            rows=tuple(
                replace(row, tokens=tuple(replace(token, stops=None) for token in row.tokens)) for row in plan.rows
            ),
        )
    )
    record = plan_to_record(old)
    assert '"stops"' not in json.dumps(record)
    assert plan_from_record(record).digest == old.digest
    assert plan_from_record(plan_to_record(plan)).digest == plan.digest
    warnings = {warning.code: warning.text for warning in old.warnings}
    assert "may stop" in warnings["tokens-in-use"]
    assert "would stop" not in warnings["tokens-in-use"]
    assert {"tokens-of-bitbucket", "tokens-not-told"}.isdisjoint(warnings)
