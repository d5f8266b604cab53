"""Reads a run from the desk: for its page, and for the end of a run on screen."""

from collections.abc import Mapping
from dataclasses import dataclass

from tokendesk.desk.runs import beginning
from tokendesk.model.plan import Plan
from tokendesk.model.plan_record import plan_from_record
from tokendesk.model.runs import RunRow
from tokendesk.model.text import printable
from tokendesk.model.timestamps import day_and_time
from tokendesk.views.facts import Fact
from tokendesk.views.journal import RunPage, run_details, run_page
from tokendesk.views.reader import Reader


@dataclass(frozen=True, slots=True)
class RunView:
    """`plan`: None if this version cannot read it. `notes`: lines for the margin."""

    page: RunPage
    rows: tuple[RunRow, ...]
    plan: Plan | None
    notes: tuple[Fact, ...]

    @property
    def ending(self) -> str:
        """Return sentences that say how the run ended."""
        facts, row = [], self.page.facts
        if row["state"] == "unfinished" and row["aside"]:
            return f"It was interrupted, and its outcome cannot be found out: {printable(row['aside'])} D gives it up."
        if row["state"] == "unfinished":
            return "The run has no end yet: it is under way, or was interrupted and is settled at the next start."
        words = f" ({printable(row['words'])})" if row["words"] else ""
        facts.append(f"{row['state'].capitalize()}{words}.")
        if self.page.verified_at:
            differing = f" {row['differs']:,} are elsewhere." if row["differs"] else ""
            found = f"{row['verified']:,} of {row['good']:,} found in place"
            facts.append(f"Verified {day_and_time(self.page.verified_at)}: {found}.{differing}")
        if row["bad"]:
            facts.append(f"{row['bad']:,} did not come out as planned.")
        if row["unsure"]:
            facts.append(f"{row['unsure']:,} unknown: pull, or check them in the console.")
        if row["undone_by"]:
            facts.append(f"Undone by run {row['undone_by'][:8]}.")
        return " ".join(facts)

    @property
    def no_giving_up(self) -> str:
        """Why it cannot be given up; empty if it was interrupted and not recovered."""
        if self.page.facts["state"] != "unfinished":
            return "The run has ended: there is nothing to give up."
        return "" if self.page.facts["ours"] else "The run was started at another desk. Give it up there."

    @property
    def no_undo(self) -> str:
        """Why it cannot be undone; empty if it can."""
        if self.page.facts["kind"] == "revoke":
            return "A revocation cannot be undone: Atlassian deletes the token for good."
        if not any(row.outcome in ("moved", "unknown") for row in self.rows):
            return "This run moved no user: there is nothing to undo."
        return ""


def run_view(reader: Reader, run_id: str, now: int) -> RunView | None:
    page = run_page(reader, run_id)
    if page is None:
        return None
    first, *others = run_details(page, now).sections
    notes = [fact for fact in first.facts if fact.name != "state"]
    notes += [fact for section in others if section.title.startswith("Atlassian") for fact in section.facts]
    names = {row["policy_id"]: row["name"] for row in reader.db.execute("SELECT policy_id, name FROM policy_name")}
    return RunView(page, tuple(_named(row, names) for row in page.rows), _plan(reader, run_id), tuple(notes))


def _named(row: RunRow, names: Mapping[str, str]) -> RunRow:
    """Return the row with policy names: the plan did not know the policy where a user was found instead."""
    reason = row.reason or ""
    met = next((policy_id for policy_id in names if policy_id in reason), None)
    return row._replace(reason=reason.replace(met, names[met])) if met else row


def _plan(reader: Reader, run_id: str) -> Plan | None:
    try:
        return plan_from_record(beginning(reader.db, run_id)["plan"])
    except (KeyError, TypeError, ValueError):
        return None  # written by a newer version, or by hand: the rows can be shown without it
