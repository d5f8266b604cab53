"""The journal as a pane: its columns and the fields to filter by."""

from tokendesk.filtering.fields import Field, FieldTable, Flag, Kind
from tokendesk.model.findings import Finding, journal_findings
from tokendesk.views.columns_of_panes import JOURNAL_COLUMNS
from tokendesk.views.note_fields import choice
from tokendesk.views.panes import Pane

_ROWS = ("r.run_id IN (SELECT rr.run_id FROM desk.run_row AS rr WHERE ", ")")
_TARGETS = (
    "r.run_id IN (SELECT rr.run_id FROM desk.run_row AS rr LEFT JOIN temp.policy_name AS pn ON pn.policy_id = rr.to_id"
    " WHERE rr.planned = 'do' AND ",
    ")",
)
_OUTCOMES = ("moved", "failed", "changed", "unknown", "revoked", "gone", "unchecked", "not tried")
_TEXT = "fold(author || char(10) || kind || char(10) || coalesce(target, '') || char(10) || run_id)"
_ROW_TEXT = "fold(coalesce(w.name, '') || char(10) || coalesce(w.email, '') || char(10) || coalesce(w.label, ''))"


def journal_pane() -> Pane:
    findings = journal_findings()
    return Pane(
        "journal",
        "Journal",
        "run",
        "runs",
        "journal_row",
        "run_id",
        JOURNAL_COLUMNS,
        ("-when",),
        _fields(findings),
        findings,
    )


def _fields(findings: tuple[Finding, ...]) -> FieldTable:
    return FieldTable(
        fields=(
            choice("kind", "kind", "what it does", values=("move", "revoke", "undo"), closed=True),
            Field("when", Kind.PAST, "began", "when it started", aliases=("at",)),
            Field("by", Kind.TEXT, "author", "who started it", aliases=("author",)),
            choice(
                "state",
                "state",
                "how it ended",
                closed=True,
                values=("done", "cancelled", "stopped", "given-up", "unfinished"),
            ),
            Field(
                "policy",
                Kind.TEXT,
                "coalesce(pn.name, rr.to_id)",
                "the target policy of its users",
                aliases=("to",),
                many=_TARGETS,
            ),
            Field("good", Kind.NUMBER, "good", "rows done as planned", aliases=("done",)),
            Field("bad", Kind.NUMBER, "bad", "rows not done as planned"),
            Field("unsure", Kind.NUMBER, "unsure", "rows whose outcome is unknown", aliases=("unknown",)),
            Field("differs", Kind.NUMBER, "differs", "users found in another policy afterwards"),
            Field("user", Kind.TEXT, "rr.name", "name of one of its users", many=_ROWS),
            Field("email", Kind.TEXT, "rr.email", "e-mail address of one of its users", many=_ROWS),
            Field("label", Kind.TEXT, "rr.label", "label of one of its tokens", many=_ROWS),
            choice(
                "outcome", "rr.outcome", "the outcome of one of its rows", values=_OUTCOMES, many=_ROWS, closed=True
            ),
            Field("record", Kind.CHOICE, "rr.record", "id of one of its users or tokens", many=_ROWS),
            Field("quarantine", Kind.DAY, "quarantine", "the day its quarantine ends"),
            Field("id", Kind.CHOICE, "run_id", "id of the run"),
            Field("undoes", Kind.CHOICE, "undoes", "id of the run it undoes"),
        ),
        flags=(
            *(Flag(finding.name, f"finding: {finding.title}", filter=finding.filter) for finding in findings),
            Flag("ours", "was started at this desk", sql="ours"),
            Flag("undone", "was undone, or partly", sql="undone_by IS NOT NULL"),
            Flag("marked", "is marked", sql="run_id IN (SELECT record FROM temp.marked_journal)"),
        ),
        has=(),
        words=lambda word: (
            f"{word.test(_TEXT)} OR run_id IN (SELECT w.run_id FROM desk.run_row AS w WHERE {word.test(_ROW_TEXT)})",
            [word.parameter] * 2,
        ),
    )
