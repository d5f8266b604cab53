"""Counts for the scope pane: tokens or users of each policy, rows of each finding."""

from dataclasses import dataclass

from tokendesk.desk.note_fields import DECISIONS
from tokendesk.filtering.format import quote
from tokendesk.model.findings import NOT_REVOKED
from tokendesk.views.query import Scope
from tokendesk.views.reader import Reader


@dataclass(frozen=True, slots=True)
class ScopeCount:
    scope: Scope | None
    """None: no filter."""
    title: str
    count: int | None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    everything: ScopeCount
    policies: tuple[ScopeCount, ...]
    findings: tuple[ScopeCount, ...]
    decisions: tuple[ScopeCount, ...] = ()


def scope_counts(reader: Reader, pane_name: str, now: int) -> Counts:
    """Return the entries of the scope pane for the pane `pane_name`."""
    pane = reader.panes[pane_name]
    kinds: tuple[ScopeCount, ...] = ()
    if pane_name == "changes":
        found = reader.db.execute("SELECT kind, count(*) AS n FROM change_row GROUP BY kind ORDER BY n DESC, kind")
        kinds = tuple(ScopeCount(Scope(kind, f"kind:{kind}"), kind, n) for kind, n in found)
    everything = ScopeCount(None, f"All {pane.many}", reader.living(pane))
    policies: tuple[ScopeCount, ...] = ()
    if pane_name in ("tokens", "users"):
        rows = reader.db.execute(f"SELECT policy_id, name, {pane_name} AS n FROM policy_row ORDER BY n DESC, name")
        policies = tuple(
            ScopeCount(Scope(row["name"], f"policy.id:{quote(row['policy_id'])}"), row["name"], row["n"])
            for row in rows
        )
    decisions = _decision_counts(reader, now) if pane_name == "tokens" else ()
    return Counts(everything, policies, kinds or _finding_counts(reader, pane_name, now), decisions)


_DECIDED = (
    *((word, f"decision:{word}") for word in DECISIONS),
    ("waiting", "is:waiting"),
    ("overdue", "is:answer-overdue"),
)


def _decision_counts(reader: Reader, now: int) -> tuple[ScopeCount, ...]:
    counts = reader.counts("tokens", [text for _, text in _DECIDED], now, within=NOT_REVOKED)
    return tuple(
        ScopeCount(Scope(title, text), title, count, title == "overdue")
        for (title, text), count in zip(_DECIDED, counts, strict=True)
    )


def _finding_counts(reader: Reader, pane_name: str, now: int) -> tuple[ScopeCount, ...]:
    findings = reader.panes[pane_name].findings
    counts = reader.counts(pane_name, [finding.filter for finding in findings], now)
    return tuple(
        ScopeCount(Scope(finding.title, f"is:{finding.name}"), finding.title, count, finding.urgent)
        for finding, count in zip(findings, counts, strict=True)
        if count or finding.always
    )
