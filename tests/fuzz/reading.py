"""Reads all that is read from a saved snapshot: panes, details, reports, runs, changes."""

import random
from io import StringIO
from pathlib import Path

from tests.running.world import PRESENT
from tokendesk.filtering.errors import FilterError
from tokendesk.filtering.fields import Kind
from tokendesk.model.findings import Thresholds
from tokendesk.paths import ProfilePaths
from tokendesk.reporting.document import render
from tokendesk.reporting.formats import FORMATS
from tokendesk.reporting.readiness_page import readiness_document
from tokendesk.reporting.run_report import run_document
from tokendesk.reporting.tables import write_rows
from tokendesk.running.snapshot_export import compare_snapshots
from tokendesk.views.cells import cell
from tokendesk.views.contradictions import contradictions
from tokendesk.views.counts import scope_counts
from tokendesk.views.decisions import decisions, moves
from tokendesk.views.details import details
from tokendesk.views.goals import current_goal, describe_goal
from tokendesk.views.journal import run_head, run_page
from tokendesk.views.notes import names_of, suggested_purposes, tags_used, used_before
from tokendesk.views.panes import Pane
from tokendesk.views.policies import policy_choices
from tokendesk.views.quarantine import quarantines
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader
from tokendesk.views.readiness import policy_readiness
from tokendesk.views.run_view import run_view
from tokendesk.views.since_last_pull import describe_absence
from tokendesk.views.successors import offers
from tokendesk.views.triage import triage_groups
from tokendesk.views.values import occurring_values


def read_everything(paths: ProfilePaths, dice: random.Random) -> None:
    """Read the panes and details of a file, with filters and sorts as they come; all other reports."""
    with Reader(paths, Thresholds()) as reader:
        for pane in reader.panes.values():
            _read_pane(reader, pane, dice)
        _read_reports(reader)
        _read_runs(reader)


def compare(before: ProfilePaths, after: ProfilePaths, history: Path) -> None:
    history.unlink(missing_ok=True)
    compare_snapshots(before, after, history, 90)
    with Reader(after._replace(compared=history), Thresholds()) as reader:
        for form in FORMATS:
            write_rows(StringIO(), reader, Query("changes"), form, (), PRESENT)


def _read_pane(reader: Reader, pane: Pane, dice: random.Random) -> None:
    sorts = [column.name for column in pane.columns if column.kind != "findings"]
    for form in ("table", dice.choice(FORMATS)):
        write_rows(StringIO(), reader, Query(pane.name), form, (), PRESENT)
    for name in (dice.choice(sorts), f"-{dice.choice(sorts)}"):
        reader.ids(Query(pane.name, sort=(name,)), PRESENT)
    fields = pane.fields.fields
    field = dice.choice(fields)
    words = ("any", "a", "e") if field.kind in (Kind.TEXT, Kind.CHOICE) else ("any", "<1000d", ">3")
    for text in (
        f"is:{dice.choice(list(pane.fields.flags))}",
        f"has:{dice.choice(fields).name}",
        f"{field.name}:{dice.choice(words)}",
        "e",
        "example",
    ):
        ids = _ids(reader, pane, text)
        reader.first(Query(pane.name, filter=text), PRESENT, 2) if ids else ()
    reader.counts(pane.name, ("e",), PRESENT)
    occurring_values(reader, pane, dice.choice(fields))
    scope_counts(reader, pane.name, PRESENT)
    shown = list(reader.ids(Query(pane.name), PRESENT))
    for row in reader.window(pane, shown[:50], PRESENT, renewals=True).values():
        for column in pane.columns:
            str(cell(row, column, PRESENT))
        reader.find(pane.name, str(row[pane.record]))
    for row_id in {*shown[:2], *dice.sample(shown, min(3, len(shown)))}:
        details(reader, pane.name, row_id, PRESENT)


def _ids(reader: Reader, pane: Pane, text: str) -> list[int]:
    try:
        return list(reader.ids(Query(pane.name, filter=text), PRESENT))
    except FilterError:  # not every word fits every field
        return []


def _read_reports(reader: Reader) -> None:
    for choice in policy_choices(reader)[:3]:
        found = policy_readiness(reader, choice.policy_id, PRESENT)
        for form in ("text", "markdown", "html"):
            render(readiness_document(found, reader.info, PRESENT), form)
    policies = [choice.policy_id for choice in policy_choices(reader)]
    list(contradictions(reader, policies))
    quarantines(reader)
    if current_goal(reader) is not None:
        describe_goal(reader, PRESENT)
    offers(reader, PRESENT)
    describe_absence(reader, 0, PRESENT)
    triage_groups(reader, reader.ids(Query("tokens"), PRESENT), PRESENT)
    decisions(reader), moves(reader, decisions(reader))
    used_before(reader, "purpose"), tags_used(reader), suggested_purposes(reader, ["nightly export"])
    names_of(reader, "token", list(decisions(reader)))


def _read_runs(reader: Reader) -> None:
    for (run_id,) in reader.db.execute("SELECT run_id FROM journal_row").fetchall():
        page = run_page(reader, run_id)
        if page is not None:
            document = run_document(page, run_head(reader, run_id), "Example Ltd", PRESENT)
            for form in ("text", "markdown", "html"):
                render(document, form)
        view = run_view(reader, run_id, PRESENT)
        assert view is None or view.ending is not None
