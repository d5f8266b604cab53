"""Makes the document on rows for an auditor: scope, findings, and the rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tokendesk import __version__
from tokendesk.model.counting import counted
from tokendesk.model.text import printable
from tokendesk.model.timestamps import iso, parse_timestamp
from tokendesk.reporting.document import Document, Section, Table
from tokendesk.reporting.values import MOMENTS, as_text
from tokendesk.views.counts import ScopeCount, scope_counts
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader, Row

_NOT_LISTED = (
    "This counts the user API tokens of managed users. Not listed by Atlassian: tokens of external users. "
    "Separate lists: tokens of service accounts, OAuth apps."
)


def rows_document(
    reader: Reader,
    query: Query,
    shown: int,
    rows: Iterable[Row],
    values: Mapping[str, Callable[[Row], Any]],
    now: int,
) -> Document:
    """Return the document on the `shown` rows of `query`; `values`: its columns."""
    pane, info = reader.panes[query.pane], reader.info
    name = printable((info.org_name or info.org_id) if info else "No snapshot")
    facts = {
        "Organization": f"{name} ({info.org_id})" if info else name,
        "State of": iso(info.oldest_at) if info else None,
        "Report made": f"{iso(now)} with tokendesk {__version__}",
        "Rows": f"{shown:,} of {counted(reader.count(pane), pane.one, pane.many)}",
        "Filter": " ".join(query.filters()) or "none: all rows",
    }
    if info:
        counts = (info.tokens, "token", "tokens"), (info.users, "user", "users"), (info.policies, "policy", "policies")
        facts["Snapshot"] = ", ".join(counted(*each) for each in counts)
        facts["Policies"] = (
            f"{info.unknown_policies_label or 'unknown'}: {info.policies_problem}"
            if info.policies_problem
            else info.unknown_policies_label or None
        )
    table = Table(
        [column.replace("_", " ") for column in values],
        ([_cell(column, value(row)) for column, value in values.items()] for row in rows),
        looks={i: "moment" for i, column in enumerate(values) if column in MOMENTS},
    )
    return Document(
        f"{name}: {pane.title}",
        (
            Section(sentences=(_NOT_LISTED,), facts=tuple((k, v) for k, v in facts.items() if v), quiet=True),
            *(_overview(reader, now) if pane.name == "tokens" else ()),
            *_counts(reader, query, now),
            Section(pane.title, table=table),
        ),
    )


def _overview(reader: Reader, now: int) -> Iterator[Section]:
    from tokendesk.reporting.overview_charts import overview_sections  # late: other formats do not need it

    return overview_sections(reader, now)


def _counts(reader: Reader, query: Query, now: int) -> Iterator[Section]:
    counts = scope_counts(reader, query.pane, now)
    for title, lines in (
        ("Findings" if query.pane != "changes" else "Kinds", counts.findings),
        ("Policies", counts.policies),
        ("Decisions", counts.decisions),
    ):
        if lines:
            yield Section(title, table=_count_table(reader, query, title, lines, now), beside=True)


def _count_table(reader: Reader, query: Query, title: str, lines: Sequence[ScopeCount], now: int) -> Table:
    here = [f"({text})" for text in query.filters()]
    filters = [line.scope.filter if line.scope else "" for line in lines]
    asked = [" ".join([*here, text]) if text else "" for text in filters]
    inside = reader.counts(query.pane, asked, now) if here else [line.count or 0 for line in lines]
    rows = [
        (line.title, count, line.count or 0, text) for line, count, text in zip(lines, inside, filters, strict=True)
    ]
    return Table((title, "in this report", "in all", "filter"), rows, (1, 2), {3: "code"})


def _cell(column: str, value: Any) -> str | int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if column in MOMENTS and (moment := parse_timestamp(value)) is not None:
        return (iso(moment) or "")[:16].replace("T", " ")
    return as_text(value)
