"""One HTML page for an auditor: what was counted, what was found, and the rows. No script, nothing from elsewhere."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, TextIO

from tokendesk import __version__
from tokendesk.model.text import printable
from tokendesk.model.timestamps import iso, parse_timestamp
from tokendesk.reporting.values import MOMENTS, as_text
from tokendesk.snapshot.file import SnapshotInfo
from tokendesk.views.counts import ScopeCount, scope_counts
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader, Row

HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="tokendesk {version}">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
"""
_NOT_LISTED = (
    "Counted are the user API tokens of managed users. Not listed by Atlassian: tokens of external users. "
    "Separate lists: tokens of service accounts, OAuth apps."
)


def write_page(
    out: TextIO,
    reader: Reader,
    query: Query,
    shown: int,
    rows: Iterable[Row],
    values: Mapping[str, Callable[[Row], Any]],
    now: int,
) -> None:
    """Write the page on the `shown` rows of `query`; `values` are its columns."""
    pane = reader.panes[query.pane]
    info = reader.info
    name = printable((info.org_name or info.org_id) if info else "No snapshot")
    title = f"{name}: {pane.title}"
    style = Path(__file__).with_name("page.css").read_text("utf-8")
    out.write(HEAD.format(version=__version__, title=escape(title), style=style))
    out.write(f"<h1>{isolated(title)}</h1>\n")
    out.write(f'<p class="quiet">{escape(_NOT_LISTED)}</p>\n')
    total = reader.count(pane)
    facts = {
        "Organization": f"{name} ({info.org_id})" if info else name,
        "State of": iso(info.pulled_at) if info else None,
        "Report made": f"{iso(now)} with tokendesk {__version__}",
        "Rows": f"{shown:,} of {total:,} {pane.many}",
        "Filter": " ".join(query.filters()) or "none: all rows",
        **_snapshot_facts(info),
    }
    out.write("<dl>\n")
    for word, fact in facts.items():
        if fact:
            out.write(f"<dt>{escape(word)}</dt><dd>{isolated(fact)}</dd>\n")
    out.write("</dl>\n")
    _write_counts(out, reader, query, now)
    out.write(f"<h2>{escape(pane.title)}</h2>\n")
    _write_rows(out, rows, values)
    out.write("</body>\n</html>\n")


def _snapshot_facts(info: SnapshotInfo | None) -> Mapping[str, str | None]:
    if info is None:
        return {}
    return {
        "Snapshot": f"{info.tokens:,} tokens, {info.users:,} users, {info.policies:,} policies",
        "Policies": f"{info.unknown_policies_label or 'unknown'}: {info.policies_problem}"
        if info.policies_problem
        else info.unknown_policies_label or None,
    }


def _write_counts(out: TextIO, reader: Reader, query: Query, now: int) -> None:
    counts = scope_counts(reader, query.pane, now)
    out.write('<div class="side">\n')
    for title, lines in (
        ("Findings" if query.pane != "changes" else "Kinds", counts.findings),
        ("Policies", counts.policies),
        ("Decisions", counts.decisions),
    ):
        if lines:
            _write_count_table(out, reader, query, title, lines, now)
    out.write("</div>\n")


def _write_count_table(
    out: TextIO, reader: Reader, query: Query, title: str, lines: Sequence[ScopeCount], now: int
) -> None:
    here = [f"({text})" for text in query.filters()]
    asked = [" ".join([*here, line.scope.filter]) if line.scope else "" for line in lines]
    inside = reader.counts(query.pane, asked, now) if here else [line.count or 0 for line in lines]
    out.write(f"<section><h2>{escape(title)}</h2>\n<table><thead><tr><th>{escape(title)}</th>")
    out.write(
        '<th class="number">in this report</th><th class="number">in all</th><th>filter</th></tr></thead><tbody>\n'
    )
    for line, count in zip(lines, inside, strict=True):
        text = line.scope.filter if line.scope else ""
        out.write(
            f'<tr><td>{isolated(line.title)}</td><td class="number">{count:,}</td>'
            f'<td class="number">{line.count or 0:,}</td><td><code>{escape(printable(text))}</code></td></tr>\n'
        )
    out.write("</tbody></table></section>\n")


def _write_rows(out: TextIO, rows: Iterable[Row], values: Mapping[str, Callable[[Row], Any]]) -> None:
    out.write('<table class="rows"><thead><tr>')
    for name in values:
        out.write(f"<th>{escape(name.replace('_', ' '))}</th>")
    out.write("</tr></thead><tbody>\n")
    for row in rows:
        out.write("<tr>" + "".join(_cell(name, value(row)) for name, value in values.items()) + "</tr>\n")
    out.write("</tbody></table>\n")


def _cell(name: str, value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f'<td class="number">{value:,}</td>'
    if name in MOMENTS and (moment := parse_timestamp(value)) is not None:
        return f'<td class="moment">{escape((iso(moment) or "")[:16].replace("T", " "))}</td>'
    return f"<td>{isolated(as_text(value))}</td>"


def isolated(text: str) -> str:
    """Text of any direction must not turn around what stands beside it."""
    return f"<bdi>{escape(printable(text))}</bdi>" if text else ""
