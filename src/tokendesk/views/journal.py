"""Reads one run for its page: the plan, its author, the requests, and the outcome of each row."""

from dataclasses import dataclass

from tokendesk.desk.head import Head, chain_head
from tokendesk.desk.runs import matches
from tokendesk.errors import UsageError
from tokendesk.model.runs import RunRow, describe_match, run_title
from tokendesk.model.text import printable
from tokendesk.model.timestamps import ago, day_and_time, parse_timestamp
from tokendesk.views.facts import Details, Fact, Section
from tokendesk.views.reader import Reader, Row

_MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """One request to Atlassian. Times are epoch seconds."""

    number: int
    target: str | None
    intended: int | None
    task_id: str | None
    accepted: int | None


@dataclass(frozen=True, slots=True)
class RunPage:
    run_id: str
    title: str
    facts: Row
    """The row of the journal: author, began, ended, state, digest, key_words, undoes, undone_by, counts; and
    `aside`, why an interrupted run could not be recovered."""
    batches: tuple[Batch, ...]
    rows: tuple[RunRow, ...]
    verified_at: int | None


def find_run(reader: Reader, text: str, *, to_change: bool = False) -> str:
    """Return the id of the run that starts with `text`, or of the latest run for "last". Raises UsageError.

    `to_change`: "last" means the latest run of this desk. One that arrived from another desk has to be named.
    """
    if text == "last":
        sql = "SELECT run_id FROM journal_row WHERE ours OR NOT ? ORDER BY id DESC LIMIT 1"
        last = reader.db.execute(sql, (to_change,)).fetchone()
        if last is None:
            if reader.db.execute("SELECT 1 FROM journal_row LIMIT 1").fetchone():
                raise UsageError(
                    "This desk has no run of its own yet; another desk's needs its id. See: tokendesk list journal"
                )
            raise UsageError("There is no run yet. The journal begins with the first.")
        return str(last[0])
    sql = "SELECT run_id FROM journal_row WHERE substr(run_id, 1, length(?)) = ? LIMIT 2"
    found = reader.db.execute(sql, (text.lower(), text.lower())).fetchall() if text else []
    if len(found) != 1:
        what = "Several runs begin" if found else "No run begins"
        raise UsageError(f"{what} with {text!r}. See: tokendesk list journal")
    return str(found[0][0])


def run_page(reader: Reader, run_id: str) -> RunPage | None:
    db = reader.db
    facts = db.execute("SELECT * FROM journal_row WHERE run_id = ?", (run_id,)).fetchone()
    if facts is None:
        return None
    names = {row["policy_id"]: row["name"] for row in db.execute("SELECT policy_id, name FROM policy_name")}
    batches = tuple(
        Batch(
            row["batch"], names.get(row["to_id"], row["to_id"]), parse_timestamp(row["intended"]), row["task_id"],
            parse_timestamp(row["accepted"]),
        )
        for row in db.execute("SELECT * FROM desk.run_batch WHERE run_id = ? ORDER BY batch", (run_id,))
    )  # fmt: skip
    matched = {
        record: describe_match(str(how.get("by")), how.get("disabled"))
        for record, how in (matches(db, run_id).items() if facts["kind"] == "revoke" else ())
    }
    rows = tuple(
        RunRow(
            row["record"], row["account_id"], row["name"] or "", row["email"], row["label"],
            names.get(row["from_id"], row["from_id"]), names.get(row["to_id"], row["to_id"]), row["planned"],
            row["batch"], row["outcome"], row["reason"], names.get(row["found_id"], row["found_id"]),
            row["found_id"] is not None, row["intended"] is not None, matched.get(row["record"], ""),
        )
        for row in db.execute(
            "SELECT * FROM desk.run_row WHERE run_id = ? AND planned IS NOT NULL"
            " ORDER BY planned != 'do', batch, fold(name), record",
            (run_id,),
        )
    )  # fmt: skip
    sql = "SELECT max(substr(verified_at, 1, 27)) FROM desk.run_row WHERE run_id = ?"
    verified = parse_timestamp(db.execute(sql, (run_id,)).fetchone()[0])
    title = run_title(facts["kind"], facts["planned"], facts["target"])
    aside = db.execute("SELECT why FROM desk.run_aside WHERE run_id = ?", (run_id,)).fetchone()
    known = dict(facts) | {"aside": aside[0] if aside and facts["ended"] is None else None}
    return RunPage(run_id, title, known, batches, rows, verified)


def run_head(reader: Reader, run_id: str) -> Head | None:
    """Return the chain of the run's desk, up to the run's last entry."""
    sql = (
        "SELECT e.desk_id, max(e.sequence) FROM desk.run_entry AS r JOIN desk.entry AS e USING (entry_id)"
        " WHERE r.run_id = ? AND e.kind GLOB 'run-*' GROUP BY e.desk_id ORDER BY 2 DESC LIMIT 1"
    )
    found = reader.db.execute(sql, (run_id,)).fetchone()
    return None if found is None else chain_head(reader.db, found[0], found[1], "desk.entry")


def run_details(page: RunPage, now: int) -> Details:
    row = page.facts
    facts = [
        Fact("state", _state(row), "" if row["state"] == "done" else "warn"),
        Fact("began", f"{day_and_time(row['began'])} · {ago(row['began'], now)}"),
        Fact("by", printable(row["author"]) + ("" if row["ours"] else " (another desk)")),
    ]
    if row["ended"]:
        facts.append(Fact("ended", day_and_time(row["ended"])))
    if page.verified_at:
        facts.append(Fact("verified", f"{row['verified']:,} at {day_and_time(page.verified_at)}"))
    if row["undoes"]:
        facts.append(Fact("undoes", f"run {row['undoes'][:8]}"))
    if row["undone_by"]:
        facts.append(Fact("undone by", f"run {row['undone_by'][:8]}"))
    if row["quarantine_until"]:
        ended = f"ended {day_and_time(row['quarantine_ended'])}: {row['quarantine_how']}"
        facts.append(
            Fact("quarantine", ended if row["quarantine_ended"] else printable(f"until {row['quarantine_until']}"))
        )
    facts += [
        Fact(
            "key",
            printable(row["key_words"] or "not named (key_label in the profile)"),
            "" if row["key_words"] else "dim",
        ),
        Fact("plan", printable(row["digest"][:16]), "dim"),
        Fact("run", page.run_id[:16], "dim"),
    ]
    counts: dict[str, int] = {}
    for each in page.rows:
        words = each.outcome_text.partition(":")[0]
        counts[words] = counts.get(words, 0) + 1
    tally = tuple(
        Fact(words, f"{n:,}", "" if words.startswith(("moved, v", "revoked")) else "warn")
        for words, n in counts.items()
    )
    tasks = tuple(
        Fact(f"batch {batch.number}", printable(batch.task_id or "no task id"), "" if batch.task_id else "warn")
        for batch in page.batches
        if batch.target is not None
    )
    listed = tuple(_row_fact(each) for each in page.rows[:_MOST_LISTED])
    more = len(page.rows) - len(listed)
    if more > 0:
        listed += (Fact(f"and {more:,} more", "enter shows all", "dim"),)
    return Details(
        printable(page.title),
        (
            Section("", tuple(facts)),
            Section("Rows", tally),
            Section("Atlassian's tasks", tasks, stacked=True),
            Section("", listed, stacked=True, tab="Rows"),
        ),
    )


def _row_fact(row: RunRow) -> Fact:
    name = (
        printable(row.label or "(no label)") if row.target is None else printable(row.name or row.email or row.record)
    )
    way = f"{row.before or 'unknown'} → {row.target} · " if row.target else f"{row.name} · "
    return Fact(name, printable(way + row.outcome_text), "" if row.is_good else "warn")


def _state(row: Row) -> str:
    if row["state"] == "unfinished" and row["aside"]:
        return f"unfinished: its outcome cannot be found out ({printable(row['aside'])})"
    if row["state"] == "unfinished":
        return "unfinished: under way, or interrupted" if row["ours"] else "unfinished, at another desk"
    return printable(f"{row['state']}: {row['words']}" if row["words"] else row["state"])
