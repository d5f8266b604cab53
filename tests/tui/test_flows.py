"""Flows without screens: what each asks, plans, writes and returns."""

import csv
import io
import json
import os
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.practice import NOW
from tests.running.world import World
from tests.tui.driver import last_entry, notes
from tests.tui.scripted_ui import ScriptedUi, answer, answer_by, context_of, fill, select
from tokendesk.cli import main
from tokendesk.desk.entries import Desk
from tokendesk.desk.policies import write_policy
from tokendesk.errors import Refused, UsageError
from tokendesk.model.plan import MOVE, REVOKE
from tokendesk.reporting.values import COLUMNS
from tokendesk.running.apply import apply_plan
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Outcome, Refresh
from tokendesk.tui.flows.copy import copy_cell, copy_command, copy_id, copy_rows
from tokendesk.tui.flows.export import export
from tokendesk.tui.flows.letters import write_letters
from tokendesk.tui.flows.move import move
from tokendesk.tui.flows.note import note, undo
from tokendesk.tui.flows.policy import add, describe, set_goal
from tokendesk.tui.flows.quarantine import quarantine
from tokendesk.tui.flows.readiness import readiness
from tokendesk.tui.flows.revoke import revoke
from tokendesk.tui.screens.confirm import Confirm
from tokendesk.tui.screens.confirm_phrase import ConfirmPhraseDialog
from tokendesk.tui.screens.export import ExportScreen
from tokendesk.tui.screens.form import Form
from tokendesk.tui.screens.policy_picker import PolicyPicker
from tokendesk.tui.screens.quarantine import Answered, QuarantineScreen
from tokendesk.tui.screens.readiness import ReadinessScreen, StepChosen
from tokendesk.tui.screens.review import ReviewScreen
from tokendesk.tui.selection import Selection
from tokendesk.views.groups import count_groups
from tokendesk.views.list_command import list_command
from tokendesk.views.policies import policy_choices
from tokendesk.views.quarantine import as_quarantine, quarantines
from tokendesk.views.query import Query, Scope

MOVABLE = "status:active policy:default -is:admin"


def policy(ctx: AppContext, name: str) -> str:
    return next(choice.policy_id for choice in policy_choices(ctx.store.ui_reader) if choice.name == name)


def said(outcome: Outcome) -> str:
    assert outcome.notice is not None
    return outcome.notice.text


# --- moving and revoking


async def test_moving_marked_users_opens_the_review_of_their_plan(ctx: AppContext) -> None:
    ui = ScriptedUi(ctx, answer(PolicyPicker, policy(ctx, "Contractors")), answer(ReviewScreen, None))
    selection = select(ctx, "users", MOVABLE, mark=3)
    assert await move(ctx, ui, selection) == NOTHING
    plan = ui.last(ReviewScreen).plan
    assert (plan.kind, plan.phrase) == (MOVE, "move 3")
    assert {row.account_id for row in plan.rows} == selection.marked


async def test_without_marks_the_owner_of_the_token_under_the_cursor_is_moved(ctx: AppContext) -> None:
    ui = ScriptedUi(ctx, answer(PolicyPicker, policy(ctx, "Contractors")), answer(ReviewScreen, None))
    selection = select(ctx, "tokens", "owner.status:active policy:default")
    await move(ctx, ui, selection)
    (row,) = ui.last(ReviewScreen).plan.rows
    assert selection.record in {token.token_id for token in row.tokens}


async def test_nothing_is_planned_where_no_policy_is_chosen(ctx: AppContext) -> None:
    ui = ScriptedUi(ctx, answer(PolicyPicker, None))
    assert await move(ctx, ui, select(ctx, "users", MOVABLE, mark=2)) == NOTHING
    assert ui.is_done


async def test_marks_of_rows_from_before_a_pull_are_refused(ctx: AppContext) -> None:
    selection = select(ctx, "users", MOVABLE, mark=2)
    await ctx.store.reopen()
    with pytest.raises(Refused, match="newer snapshot"):
        await move(ctx, ScriptedUi(ctx), selection)


async def test_revoking_reviews_the_marked_tokens_and_names_those_that_a_filter_hides(ctx: AppContext) -> None:
    marked = select(ctx, "tokens", "owner.status:active", mark=2)
    shown = select(ctx, "tokens", "-owner.status:active")
    ui = ScriptedUi(ctx, answer(ReviewScreen, None))
    await revoke(ctx, ui, replace(shown, marked=marked.marked))
    plan = ui.last(ReviewScreen).plan
    assert plan.kind == REVOKE
    assert {t.token_id for row in plan.rows for t in row.tokens if t.selected} == marked.marked


# --- notes


async def test_a_note_is_written_on_all_that_are_marked_and_taken_back(ctx: AppContext) -> None:
    selection = select(ctx, "tokens", mark=3)
    outcome = await note(ctx, ScriptedUi(ctx, fill(purpose="nightly backup", tags="ci, jenkins")), selection)
    assert outcome.refresh is Refresh.DESK
    assert said(outcome).startswith("Note on 3 tokens written.")
    written = notes(ctx.settings)
    assert {row["subject"] for row in written} == selection.marked
    assert {row["purpose"] for row in written} == {"nightly backup"}
    assert last_entry(ctx.settings) == {"purpose": "nightly backup", "tag:ci": True, "tag:jenkins": True}
    assert "Undone: the note on 3 tokens" in said(await undo(ctx, ScriptedUi(ctx), selection))
    assert notes(ctx.settings) == []
    assert "Nothing to undo" in said(await undo(ctx, ScriptedUi(ctx), selection))


# --- policies


async def test_the_goal_is_set_and_taken_away_by_the_same_key(ctx: AppContext) -> None:
    ui, selection = ScriptedUi(ctx), select(ctx, "policies")
    assert "Goal: block tokens in" in said(await set_goal(ctx, ui, selection))
    assert "The goal is cleared." in said(await set_goal(ctx, ui, selection))


async def test_what_is_known_of_a_policy_stands_in_its_form_the_next_time(ctx: AppContext) -> None:
    ui = ScriptedUi(ctx, fill(tokens="blocked", remarks="since May"), fill(tokens="unknown"))
    await describe(ctx, ui, select(ctx, "policies"))
    await describe(ctx, ui, select(ctx, "policies"))
    assert ui.last(Form).fields["remarks"].value == "since May"


async def test_a_policy_that_is_added_can_be_chosen(ctx: AppContext) -> None:
    ui = ScriptedUi(ctx, fill(policy="3f2a", name="Robots", tokens="unknown"))
    assert "Policy 3f2a added." in said(await add(ctx, ui, select(ctx, "policies")))
    assert policy(ctx, "Robots") == "3f2a"


# --- out of the screens


async def test_the_export_has_the_rows_that_were_shown(ctx: AppContext, tmp_path: Path) -> None:
    selection = select(ctx, "tokens", "used:never")
    ui = ScriptedUi(ctx, answer(ExportScreen, (tmp_path / "tokens.csv", "csv")))
    assert f"Wrote {len(selection.shown)} tokens" in said(await export(ctx, ui, selection))
    with (tmp_path / "tokens.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.reader(file))) == len(selection.shown) + 1


@pytest.mark.parametrize("pane", ["tokens", "users", "policies"])
async def test_the_id_that_is_copied_is_that_of_the_row(ctx: AppContext, pane: str) -> None:
    ui, selection = ScriptedUi(ctx), select(ctx, pane)
    assert said(await copy_id(ctx, ui, selection)) == f"Copied here: id {selection.record}"
    assert ui.copied == [selection.record]


async def test_a_cell_is_copied_and_rows_as_lines_with_tabs(ctx: AppContext) -> None:
    ui = ScriptedUi(ctx)
    await copy_cell(ctx, ui, select(ctx, "tokens", column="owner"))
    selection = select(ctx, "tokens", mark=2)
    outcome = await copy_rows(ctx, ui, selection)
    assert "2 tokens, tab-separated" in said(outcome)
    _, rows = ui.copied
    assert [line.count("\t") for line in rows.splitlines()] == [rows.splitlines()[0].count("\t")] * 3
    assert {line.split("\t")[-1] for line in rows.splitlines()} == {"Id", *selection.marked}


COMMANDED = (
    Query("tokens"),
    Query("tokens", filter="used"),
    Query("tokens", filter="-is:idle created:2020.. or label:*e*", sort=("-used", "label")),
    Query("tokens", (Scope("It's", "owner:e or policy:default"), Scope("", "-is:stale")), "-x", ("owner",)),
    Query("tokens", filter='-(label:"a\tb" or "é\nc")'),
    Query("users", filter="""-"it's `$HOME` \\\\ !x" or -'--help'""", sort=("-tokens",)),
    Query("users", filter="--profile or tokens:>0"),
    Query("users", filter="-a"),
    Query("policies", filter="-name:none"),
    Query("changes", sort=("what",)),
    Query("journal"),
)


async def test_the_command_that_is_copied_gives_the_rows_shown(
    ctx: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(ctx.settings.paths.config_file.parent))
    monkeypatch.setenv("TOKENDESK_CLOCK", NOW.isoformat())
    reader = ctx.store.ui_reader
    for query in COMMANDED:
        ui = ScriptedUi(ctx)
        outcome = await copy_command(ctx, ui, Selection(query, ctx.store.generation))
        assert "Copied here: tokendesk list" in said(outcome)
        assert main([*_words_of_shell(ui.copied[0], tmp_path), "--columns", "id", "--format", "csv"]) == 0
        printed = [line["id"] for line in csv.DictReader(io.StringIO(capsys.readouterr().out))]
        shown = reader.ids(query, ctx.now())
        rows, of = reader.window(reader.panes[query.pane], shown, ctx.now()), COLUMNS[query.pane]["id"]
        assert printed == [of(rows[row_id]) for row_id in shown], ui.copied[0]


async def test_the_command_for_groups_prints_them(
    ctx: AppContext, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(ctx.settings.paths.config_file.parent))
    monkeypatch.setenv("TOKENDESK_CLOCK", NOW.isoformat())
    query = Query("tokens", filter="-used:never", by=("owner", "policy"), sort=("-value2",))
    ui = ScriptedUi(ctx)
    await copy_command(ctx, ui, Selection(query, ctx.store.generation))
    assert main([*_words_of_shell(ui.copied[0], tmp_path), "--format", "jsonl"]) == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = count_groups(ctx.store.ui_reader, query._replace(sort=()), query.by, ctx.now(), "-value2")
    assert [line["rows"] for line in printed] == [group.rows for group in found.groups]
    policies = [line["policy"] for line in printed]
    assert policies == sorted(policies, reverse=True)


async def test_marked_rows_are_exported_by_a_filter_for_marks(ctx: AppContext, tmp_path: Path) -> None:
    marked = select(ctx, "tokens", "used:never")
    records = [*ctx.store.ui_reader.records("tokens", marked.shown).values()]
    ctx.store.set_marks("tokens", records)
    selection, file = select(ctx, "tokens", "is:marked"), tmp_path / "marked.csv"
    await export(ctx, ScriptedUi(ctx, answer(ExportScreen, (file, "csv"))), selection)
    assert len(file.read_text(encoding="utf-8").splitlines()) == 1 + len(records) > 1


def _words_of_shell(command: str, folder: Path) -> list[str]:
    """Return the arguments that a shell gives to tokendesk."""
    if os.name != "posix":
        pytest.skip("this system has no POSIX shell")
    program = folder / "tokendesk"
    program.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
    program.chmod(0o700)
    with_program = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-c", command], env=with_program, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().split("\0")[:-1]


async def test_the_command_for_a_saved_snapshot_names_its_file(ctx: AppContext, tmp_path: Path) -> None:
    file = tmp_path / "it's of May.sqlite"
    settings = ctx.settings._replace(paths=ctx.settings.paths._replace(file=file))
    command = list_command(Query("tokens"), ctx.store.ui_reader.panes["tokens"].fields, settings)
    assert shlex.split(command) == ["tokendesk", "list", "tokens", "--file", str(file)]


@pytest.mark.parametrize(
    ("text", "why"), [("x or -is:marked", "marked"), ("label:", "value"), ("a\u200bb", "invisible")]
)
async def test_what_no_command_can_give_is_not_copied(ctx: AppContext, text: str, why: str) -> None:
    ui, selection = ScriptedUi(ctx), Selection(Query("tokens", filter=text), ctx.store.generation)
    assert why in said(await copy_command(ctx, ui, selection))
    assert ui.copied == []


async def test_letters_are_written_once_and_those_asked_recorded(ctx: AppContext, tmp_path: Path) -> None:
    folder, selection = tmp_path / "letters", select(ctx, "tokens", "used:<30d")
    whole = {"folder": str(folder), "form": "letters", "reply_by": "2026-12-07"}
    ui = ScriptedUi(ctx, fill(**whole), answer(Confirm, True))
    assert "Recorded that" in said(await write_letters(ctx, ui, selection))
    assert list(folder.iterdir())
    asked = {(row["decision"], row["asked_on"], row["reply_by"]) for row in notes(ctx.settings)}
    assert asked == {("ask", "2026-11-23", "2026-12-07")}
    with pytest.raises(UsageError, match="is there already"):
        await write_letters(ctx, ScriptedUi(ctx, fill(**whole)), selection)


# --- readiness and quarantine


async def test_a_step_of_readiness_leads_to_its_tokens(ctx: AppContext) -> None:
    ui = ScriptedUi(ctx, answer_by(ReadinessScreen, lambda page: StepChosen(page.found.steps[0], False)))
    selection = select(ctx, "policies", "name:default")
    outcome = await readiness(ctx, ui, selection)
    assert outcome.step is not None
    assert outcome.step.record == selection.record
    found = ui.last(ReadinessScreen).found
    assert len(ctx.store.ui_reader.ids(outcome.step.query, ctx.now())) == found.steps[0].tokens


async def test_readiness_asks_for_the_policy_where_none_is_under_the_cursor(ctx: AppContext) -> None:
    ui = ScriptedUi(ctx, answer(PolicyPicker, policy(ctx, "Default")), answer(ReadinessScreen, None))
    assert await readiness(ctx, ui, select(ctx, "tokens")) == NOTHING
    assert ui.last(ReadinessScreen).found.name == "Default"


async def test_nobody_is_in_quarantine_at_first(ctx: AppContext) -> None:
    assert "Nobody is in quarantine." in said(await quarantine(ctx, ScriptedUi(ctx), select(ctx, "users")))


async def quarantine_of_one(world: World) -> str:
    """Move a user to a policy that blocks tokens, whom nobody may touch from then on; return the run."""
    with Desk(world.settings.paths.desk) as desk:
        write_policy(desk, world.policy("Contractors"), {"tokens": "blocked"})
    plan = as_quarantine(world.move("policy:default status:active tokens:>0 -is:admin", "Contractors", 1), "2026-12-23")
    run_id = await apply_plan(world.settings, world.access, plan, world.means())
    world.settings = world.settings._replace(never_touch=(plan.rows_to_do[0].email or "",))
    return run_id


async def test_a_quarantine_ends_where_everybody_is_to_stay(world: World) -> None:
    run_id = await quarantine_of_one(world)
    async with context_of(world.settings, world.access) as ctx:
        ui = ScriptedUi(ctx, answer(QuarantineScreen, Answered(run_id, "keep")), answer(ConfirmPhraseDialog, True))
        assert "Nobody is in quarantine." in said(await quarantine(ctx, ui, select(ctx, "users")))
        assert [notice.text for notice in ui.notices] == ["The quarantine has ended: all stays as it is."]
        assert quarantines(ctx.store.ui_reader) == []


async def test_a_quarantine_goes_on_while_somebody_cannot_be_put_back(world: World) -> None:
    run_id = await quarantine_of_one(world)
    async with context_of(world.settings, world.access) as ctx:
        put_back = answer(QuarantineScreen, Answered(run_id, "put-back"))
        ui = ScriptedUi(ctx, put_back, answer(ReviewScreen, None), answer(QuarantineScreen, None))
        assert await quarantine(ctx, ui, select(ctx, "users")) == NOTHING
        (notice,) = ui.notices
        assert "cannot be put back" in notice.text
        assert [each.run_id for each in quarantines(ctx.store.ui_reader)] == [run_id]


# --- the port


async def test_a_dialog_that_was_not_expected_fails_the_test(ctx: AppContext) -> None:
    with pytest.raises(AssertionError, match="PolicyPicker was not expected"):
        await move(ctx, ScriptedUi(ctx), select(ctx, "users", MOVABLE))
