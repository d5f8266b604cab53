"""Makes the report on a run: a document for the change ticket, and JSON for scripts."""

from typing import TYPE_CHECKING, Any

from tokendesk import __version__
from tokendesk.desk.head import Head
from tokendesk.model.timestamps import iso
from tokendesk.reporting.document import Document, Section, Table
from tokendesk.snapshot.file import SnapshotInfo
from tokendesk.views.journal import RunPage

if TYPE_CHECKING:
    from tokendesk.documents.plans import ReportDocument

PROVES = (
    "What this proves: the head of the chain is one hash over every entry of the desk up to the end of this run, so it "
    "shows later edits only if the head was filed elsewhere, such as in this ticket. The author is the name that this "
    "computer gave, the key the one its profile names. Atlassian's audit log is the independent witness."
)


def run_document(page: RunPage, chain: Head | None, org: str, now: int) -> Document:
    facts, revoking = page.facts, page.facts["kind"] == "revoke"
    tasks = ", ".join(batch.task_id or f"batch {batch.number}: none" for batch in page.batches if batch.target)
    named = [
        ("organization", org),
        ("run", page.run_id),
        ("applied by", facts["author"]),
        ("approved plan", f"{facts['digest']} (SHA-256; the approver signs this)"),
        ("key", facts["key_words"] or "not named (key_label in the profile)"),
        ("began", iso(facts["began"]) or "unknown"),
        ("ended", iso(facts["ended"]) or "not yet"),
        ("state", f"{facts['state']}: {facts['words']}" if facts["words"] else facts["state"]),
        ("rows", f"{facts['planned']:,} to {'revoke' if revoking else 'move'}, {facts['there']:,} already "
                 f"{'gone' if revoking else 'there'}, {facts['refused']:,} refused"),
        ("came out", f"{facts['good']:,} as planned, {facts['bad']:,} not, {facts['unsure']:,} unknown"),
    ]  # fmt: skip
    if not revoking:
        at = f" at {iso(page.verified_at)}" if page.verified_at else ""
        named.append(
            ("verified", f"{facts['verified']:,} found where they were moved to{at}; {facts['differs']:,} not")
        )
        named.append(("Atlassian's tasks", tasks or "none"))
    if facts["undoes"]:
        named.append(("undoes", f"run {facts['undoes']}"))
    if facts["undone_by"]:
        named.append(("undone by", f"run {facts['undone_by']}"))
    if facts["quarantine_until"]:
        ended = (
            f"ended {iso(facts['quarantine_ended'])}: {facts['quarantine_how']}" if facts["quarantine_ended"] else ""
        )
        named.append(("quarantine", ended or f"until {facts['quarantine_until']}"))
    if revoking:
        table = Table(
            ("token", "token id", "owner", "found", "outcome"),
            tuple(
                (row.label or "(no label)", row.record, row.name, row.matched, row.outcome_text) for row in page.rows
            ),
        )
    else:
        table = Table(
            ("user", "e-mail", "before", "planned", "found after", "outcome"),
            tuple(
                (
                    row.name,
                    row.email or "none",
                    row.before or "unknown",
                    row.target or "",
                    row.found or "",
                    row.outcome_text,
                )
                for row in page.rows
            ),
        )
    return Document(
        f"Run {page.run_id[:8]}: {page.title}",
        (
            Section(facts=tuple((name, str(value)) for name, value in named)),
            Section("Rows", table=table),
            Section("Record", (PROVES,), _chain_facts(chain, now)),
        ),
    )


def _chain_facts(chain: Head | None, now: int) -> tuple[tuple[str, str], ...]:
    made = ("report made", f"{iso(now)} with tokendesk {__version__}")
    if chain is None:
        return (made,)
    state = "every entry matches its id, none is missing"
    if chain.faults:
        state = f"DAMAGED: {len(chain.faults):,} entries do not match or are missing, the first at {chain.faults[0]:,}"
    return (
        ("desk", chain.desk_id),
        ("entries", f"{chain.length:,}: {state}"),
        ("head of the chain", chain.sha256),
        made,
    )


def run_record(page: RunPage) -> dict[str, Any]:
    """Return the run as JSON objects and lists."""
    facts = page.facts
    names = (
        "state",
        "words",
        "author",
        "digest",
        "planned",
        "there",
        "refused",
        "good",
        "bad",
        "unsure",
        "verified",
        "differs",
    )
    return {
        "document": "run",
        "version": 1,
        "run": page.run_id,
        "title": page.title,
        "kind": facts["kind"],
        **{name: facts[name] for name in names},
        "began": iso(facts["began"]),
        "ended": iso(facts["ended"]),
        "tasks": [batch.task_id for batch in page.batches if batch.target],
        "rows": [
            {
                "record": row.record, "account_id": row.account_id, "name": row.name, "email": row.email,
                "label": row.label, "from": row.before, "to": row.target, "planned": row.planned,
                "outcome": row.outcome, "reason": row.reason, "found": row.found, "words": row.outcome_text,
                "matched": row.matched or None,
            }
            for row in page.rows
        ],
    }  # fmt: skip


def report_record(page: RunPage, chain: Head | None, info: SnapshotInfo | None, now: int) -> "ReportDocument":
    """Return the report as JSON objects and lists."""
    record: Any = run_record(page)
    return {
        "document": "report",
        "version": 1,
        "organization": info.org_name if info else None,
        "org_id": info.org_id if info else None,
        "key": page.facts["key_words"],
        "run": record,
        "chain": None
        if chain is None
        else {"desk": chain.desk_id, "entries": chain.length, "sha256": chain.sha256, "faults": list(chain.faults)},
        "made_at": iso(now) or "",
    }
