"""Reads what the desk has of a run: for its page, and for the end of a run that was watched."""

from collections.abc import Mapping

from tokendesk.desk.runs import beginning
from tokendesk.model.plan import Plan
from tokendesk.model.plan_record import plan_from_record
from tokendesk.model.runs import RunRow
from tokendesk.model.text import printable
from tokendesk.model.timestamps import day_and_time
from tokendesk.views.journal import RunPage, run_details, run_page
from tokendesk.views.reader import Reader
from tokendesk.views.run_rows import RunFacts


def run_facts(reader: Reader, run_id: str, now: int) -> RunFacts | None:
    page, details = run_page(reader, run_id), run_details(reader, run_id, now)
    if page is None or details is None:
        return None
    notes = [fact for fact in details.sections[0].facts if fact.name != "state"]
    for section in details.sections:
        if section.title.startswith("Atlassian"):
            notes += section.facts
    names = {row["policy_id"]: row["name"] for row in reader.db.execute("SELECT policy_id, name FROM policy_name")}
    return RunFacts(
        run_id=run_id,
        title=page.title,
        rows=tuple(_named(row, names) for row in page.rows),
        plan=_plan(reader, run_id),
        state=page.facts["state"],
        ending=_ending(page),
        notes=tuple(notes),
        no_undo=_no_undo(page),
        no_giving_up=_no_giving_up(page),
    )


def _named(row: RunRow, names: Mapping[str, str]) -> RunRow:
    """Return the row with policies by their names: where a user was found instead, the plan did not know the name."""
    reason = row.reason or ""
    met = next((policy_id for policy_id in names if policy_id in reason), None)
    return row._replace(reason=reason.replace(met, names[met])) if met else row


def _plan(reader: Reader, run_id: str) -> Plan | None:
    try:
        return plan_from_record(beginning(reader.db, run_id)["plan"])
    except (KeyError, TypeError, ValueError):
        return None  # written by a newer version, or by hand: the rows are there all the same


def _ending(page: RunPage) -> str:
    """Return how the run ended, in sentences."""
    facts, row = [], page.facts
    if row["state"] == "unfinished" and row["aside"]:
        return f"It broke off, and what became of it cannot be found out: {printable(row['aside'])} D gives it up."
    if row["state"] == "unfinished":
        return "The run has no end yet: it is under way, or it broke off and is settled at the next start."
    words = f" ({printable(row['words'])})" if row["words"] else ""
    facts.append(f"{row['state'].capitalize()}{words}.")
    if page.verified_at:
        differing = f" {row['differs']:,} are elsewhere." if row["differs"] else ""
        found = f"{row['verified']:,} of {row['good']:,} found in place"
        facts.append(f"Verified {day_and_time(page.verified_at)}: {found}.{differing}")
    if row["bad"]:
        facts.append(f"{row['bad']:,} did not come out as planned.")
    if row["unsure"]:
        facts.append(f"Of {row['unsure']:,} it is not known: pull, or look at them in the console.")
    if row["undone_by"]:
        facts.append(f"Taken back by run {row['undone_by'][:8]}.")
    return " ".join(facts)


def _no_giving_up(page: RunPage) -> str:
    if page.facts["state"] != "unfinished":
        return "The run has an end: there is nothing to give up."
    return "" if page.facts["ours"] else "The run was begun at another desk, and is given up there."


def _no_undo(page: RunPage) -> str:
    if page.facts["kind"] == "revoke":
        return "A revocation cannot be taken back: Atlassian deletes the token for good."
    if not any(row.outcome in ("moved", "unknown") for row in page.rows):
        return "No user was moved by this run: there is nothing to take back."
    return ""
