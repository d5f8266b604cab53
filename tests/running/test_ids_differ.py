"""Tokens with a different id in their owner's list: matched by label and time, or of unknown outcome."""

import json
from pathlib import Path

import pytest

from tests.running.profile import world
from tests.running.rewriting import Answered, Rewriting
from tests.running.world import PRESENT, World, serve_world
from tokendesk.cli import main
from tokendesk.reporting.run_report import run_document, run_record
from tokendesk.sandbox.faults import with_faults
from tokendesk.views.journal import run_page

__all__ = ["world"]


def living(world: World) -> set[str]:
    return {world.made.tokens.id(life.number) for _, life in world.made.living()}


def outcomes(world: World, run_id: str) -> dict[str, tuple[str, str]]:
    return {record: (row["outcome"], row["reason"]) for record, row in world.rows(run_id).items()}


def matched(world: World, run_id: str) -> dict[str, str | None]:
    with world.reader() as reader:
        page = run_page(reader, run_id)
        assert page is not None
        found = {row["record"]: row["matched"] for row in run_record(page)["rows"]}
        (table,) = [part.table for part in run_document(page, None, "Acme", PRESENT).parts if part.heading == "Rows"]
        assert table is not None
        assert [row[3] or None for row in table.rows] == list(found.values())
    return found


@pytest.mark.parametrize("fault", ["ids-differ", "disabled-status"])
def test_the_run_says_how_it_found_a_token_in_its_owners_list(fault: str, tmp_path: Path) -> None:
    with serve_world(tmp_path, wrap=with_faults([fault])) as world:
        before, plan = living(world), world.revoke("idle:>90d owner.status:active", 3)
        run_id = world.apply(plan)
        records = {row.record for row in plan.rows_to_do}
        assert before - living(world) == records
        assert {outcome for outcome, _ in outcomes(world, run_id).values()} == {"revoked"}
        words = set(matched(world, run_id).values())
        if fault == "ids-differ":
            assert words == {"in its owner's list by label and time of creation"}
        else:
            assert words <= {f"in its owner's list by its id; disabled there: {said}" for said in ("yes", "no")}


def test_where_no_id_of_the_two_lists_is_the_same_nothing_is_said_to_be_gone(tmp_path: Path) -> None:
    with serve_world(tmp_path, wrap=with_faults(["ids-differ", "owner-list-rounded"])) as world:
        before = living(world)
        run_id = world.apply(world.revoke("owner.status:active", 3))
        found = outcomes(world, run_id)
        assert {outcome for outcome, _ in found.values()} == {"unchecked"}
        assert all("only the organization's list has it" in reason for _, reason in found.values())
        assert living(world) == before
        with world.reader() as reader:
            assert not reader.db.execute("SELECT 1 FROM token_row WHERE status = 'REVOKED'").fetchall()


def test_a_token_is_gone_where_its_owners_list_has_others_by_the_same_ids(tmp_path: Path) -> None:
    with serve_world(tmp_path) as world:
        plan = world.revoke("owner.status:active owner.tokens:>1", 1)
        world.made.revoke(plan.rows_to_do[0].record)
        assert outcomes(world, world.apply(plan)) == {plan.rows_to_do[0].record: ("gone", "its owner's list lacks it")}


@pytest.mark.parametrize("fault", ["ids-differ", "disabled-status"])
def test_a_token_is_gone_where_its_owners_list_is_empty(fault: str, tmp_path: Path) -> None:
    with serve_world(tmp_path, wrap=with_faults([fault])) as world:
        plan = world.revoke("owner.status:active owner.tokens:1", 1)
        world.made.revoke(plan.rows_to_do[0].record)
        assert outcomes(world, world.apply(plan)) == {plan.rows_to_do[0].record: ("gone", "its owner's list is empty")}


def test_a_token_that_is_missing_where_ids_differ_could_not_be_checked(tmp_path: Path) -> None:
    """Its owner's list can be read and lacks it, but of what it holds no id is known: it may be there under another."""
    with serve_world(tmp_path, wrap=with_faults(["ids-differ"])) as world:
        plan = world.revoke("owner.status:active owner.tokens:>1", 1)
        world.made.revoke(plan.rows_to_do[0].record)
        before = living(world)
        ((outcome, _),) = outcomes(world, world.apply(plan)).values()
        assert outcome == "unchecked"
        assert living(world) == before


def test_of_two_tokens_that_look_alike_none_is_taken_for_the_other(tmp_path: Path) -> None:
    """One of them is gone, and by label and time the other would be found in its place."""
    with serve_world(tmp_path) as world:
        owners: dict[str, list[str]] = {}
        for life in (life for _, life in world.made.living()):
            owner = world.made.person(world.made.tokens.holders.owner(life.slot))
            owners.setdefault(owner.account_id, []).append(world.made.tokens.id(life.number))
        one, other = next(ids[:2] for ids in owners.values() if len(ids) > 1)

        def alike(line: str, answered: Answered) -> Answered:
            status, headers, body = answered
            if line == "GET api-tokens":
                content = json.loads(body)
                for item in content if isinstance(content, list) else content["data"]:
                    if item["id"].removeprefix("container-") in (one, other, one[::-1], other[::-1]):
                        item |= {"label": "same", "createdAt": "2026-11-01T00:00:00Z"}
                body = json.dumps(content).encode()
            return status, headers, body

        world.sandbox.handler = Rewriting(alike)(with_faults(["ids-differ"])(world.sandbox.handler))
        world.pull()
        plan = world.revoke("label:=same", 2)
        assert {row.record for row in plan.rows_to_do} == {one, other}
        world.made.revoke(one)
        before = living(world)
        found = outcomes(world, world.apply(plan))
        assert {outcome for outcome, _ in found.values()} == {"failed"}
        assert all("so the right one is unknown" in reason for _, reason in found.values())
        assert living(world) == before


def test_the_report_for_the_ticket_says_how_each_token_was_found(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.sandbox.handler = with_faults(["ids-differ", "disabled-status"])(world.sandbox.handler)
    run_id = world.apply(world.revoke("idle:>30d owner.status:active owner.tokens:1", 1))
    capsys.readouterr()
    assert main(["report", "run", run_id, "--format", "text"]) == 0
    assert "in its owner's list by label and time of creation; disabled there: " in capsys.readouterr().out
