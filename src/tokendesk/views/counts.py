"""The counts of the scope pane: policies with their tokens or users, findings with their rows."""

from dataclasses import dataclass

from tokendesk.model.findings import Finding
from tokendesk.views.query import Scope
from tokendesk.views.reader import Reader


@dataclass(frozen=True, slots=True)
class ScopeCount:
    scope: Scope | None
    """None stands for everything."""
    title: str
    count: int | None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    everything: ScopeCount
    policies: tuple[ScopeCount, ...]
    findings: tuple[ScopeCount, ...]


def scope_counts(reader: Reader, pane_name: str, now: int) -> Counts:
    """Return what the scope pane lists beside the pane `pane_name`."""
    pane = reader.panes[pane_name]
    kinds: tuple[ScopeCount, ...] = ()
    if pane_name == "changes":
        found = reader.db.execute("SELECT kind, count(*) AS n FROM change_row GROUP BY kind ORDER BY n DESC, kind")
        kinds = tuple(ScopeCount(Scope(kind, f"kind:{kind}"), kind, n) for kind, n in found)
    everything = ScopeCount(None, f"All {pane.many}", reader.count(pane))
    policies: tuple[ScopeCount, ...] = ()
    if pane_name in ("tokens", "users"):
        rows = reader.db.execute(f"SELECT policy_id, name, {pane_name} AS n FROM policy_row ORDER BY n DESC, name")
        policies = tuple(
            ScopeCount(Scope(row["name"], f"policy.id:{row['policy_id']}"), row["name"], row["n"]) for row in rows
        )
    return Counts(everything, policies, kinds or _finding_counts(reader, pane_name, now))


def _finding_counts(reader: Reader, pane_name: str, now: int) -> tuple[ScopeCount, ...]:
    pane = reader.panes[pane_name]
    asked: list[Finding] = []
    sums: list[str] = []
    values: list[object] = []
    for finding in pane.findings:
        where = reader.where(pane, (finding.filter,), now)
        if where is not None:
            asked.append(finding)
            sums.append(f"sum({where.sql})")
            values.extend(where.params)
    if not sums:
        return ()
    row = reader.db.execute(f"SELECT {', '.join(sums)} FROM {pane.view} AS r", values).fetchone()
    return tuple(
        ScopeCount(Scope(finding.title, f"is:{finding.name}"), finding.title, row[i] or 0, finding.urgent)
        for i, finding in enumerate(asked)
    )
