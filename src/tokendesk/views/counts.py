"""Counts for the scope pane: tokens or users of each policy, rows of each finding."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tokendesk.desk.note_fields import decisions_on
from tokendesk.filtering.format import quote
from tokendesk.model.findings import NOT_REVOKED
from tokendesk.model.renewal_states import ENDED, NOT_ASKED, STATES, WORDS
from tokendesk.views.credential_words import HEADINGS
from tokendesk.views.query import Scope
from tokendesk.views.reader import Reader
from tokendesk.views.renewal_reading import read_renewals
from tokendesk.views.renewal_tables import STATE
from tokendesk.views.unread_lists import incomplete_lists


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
    """Of credentials, their kinds."""
    findings: tuple[ScopeCount, ...]
    decisions: tuple[ScopeCount, ...] = ()
    tags: tuple[ScopeCount, ...] = ()
    renewals: tuple[ScopeCount, ...] = ()


def scope_counts(reader: Reader, pane_name: str, now: int) -> Counts:
    """Return the entries of the scope pane for the pane `pane_name`."""
    return replace(quick_counts(reader, pane_name, now), renewals=renewal_counts(reader, pane_name, now))


def quick_counts(reader: Reader, pane_name: str, now: int) -> Counts:
    """Return the same without the renewals, which take long to find among many tokens."""
    pane = reader.panes[pane_name]
    kinds: tuple[ScopeCount, ...] = ()
    if pane_name == "changes":
        found = reader.db.execute("SELECT kind, count(*) AS n FROM change_row GROUP BY kind ORDER BY n DESC, kind")
        kinds = tuple(_of_kind(kind, n) for kind, n in found)
    everything = ScopeCount(None, f"All {pane.many}", reader.living(pane))
    policies: tuple[ScopeCount, ...] = ()
    if pane_name in ("tokens", "users"):
        rows = reader.db.execute(f"SELECT policy_id, name, {pane_name} AS n FROM policy_row ORDER BY n DESC, name")
        policies = tuple(
            ScopeCount(Scope(row["name"], f"policy.id:{quote(row['policy_id'])}"), row["name"], row["n"])
            for row in rows
        )
    if pane_name == "credentials":
        policies = tuple(_kind_counts(reader))
    decisions = _decision_counts(reader, pane_name, now) if pane_name in ("tokens", "credentials") else ()
    findings = kinds or _finding_counts(reader, pane_name, now)
    return Counts(everything, policies, findings, decisions, _tag_counts(reader, pane_name))


def _kind_counts(reader: Reader) -> Iterator[ScopeCount]:
    """Yield each kind of credentials, and say of which a list was not read."""
    found = dict(reader.db.execute("SELECT kind, count(*) FROM credential GROUP BY kind").fetchall())
    missing = {each.kind for each in incomplete_lists(reader)}
    for kind, title in HEADINGS.items():
        scope, count = Scope(title, f"kind:{kind}"), found.get(kind, 0)
        if kind in missing and not count:
            yield ScopeCount(scope, f"{title}: not read", None, urgent=True)
        else:
            yield ScopeCount(scope, title, count, urgent=kind in missing)


_RENEWALS = """
SELECT {state} AS state, count(*) FROM {view} AS r
WHERE r.{record} IN (SELECT record FROM temp.renewal) AND {state} IS NOT NULL GROUP BY 1
"""


def renewal_counts(reader: Reader, pane_name: str, now: int) -> tuple[ScopeCount, ...]:
    """Return how many renewals are due, and in which state; nothing if none is."""
    return tuple(_renewal_counts(reader, pane_name, now)) if pane_name in STATE else ()


def _renewal_counts(reader: Reader, pane_name: str, now: int) -> Iterator[ScopeCount]:
    read_renewals(reader.db, now)
    record = "token_id" if pane_name == "tokens" else "record"
    sql = _RENEWALS.format(state=STATE[pane_name], view=reader.panes[pane_name].view, record=record)
    found = dict(reader.db.execute(sql).fetchall())
    if not found:
        return
    yield ScopeCount(Scope("Renewals", "is:renewal"), "all due", sum(found.values()))
    for state in STATES:
        scope = Scope(f"Renewals: {WORDS[state]}", f"renewal:{state}")
        yield ScopeCount(scope, WORDS[state], found.get(state, 0), state in (NOT_ASKED, ENDED))


_TAGS = """
SELECT g.tag, count(*) AS n FROM desk.note_tag AS g
WHERE g.about = ? AND g.subject IN (SELECT {record} FROM {view} AS r WHERE {living})
GROUP BY g.tag ORDER BY n DESC, g.tag LIMIT 50
"""
_TAGGED = {
    "tokens": ("token", "r.id NOT IN (SELECT token FROM temp.revoked_now)"),
    "users": ("user", "1"),
    "credentials": ("credential", "1"),
}  # fmt: skip


def _tag_counts(reader: Reader, pane_name: str) -> tuple[ScopeCount, ...]:
    """Return the tags that most rows have, at most 50."""
    if pane_name not in _TAGGED:
        return ()
    pane, (about, living) = reader.panes[pane_name], _TAGGED[pane_name]
    rows = reader.db.execute(_TAGS.format(record=pane.record, view=pane.view, living=living), (about,))
    return tuple(ScopeCount(Scope(f"#{row['tag']}", f"tag:{quote(row['tag'])}"), row["tag"], row["n"]) for row in rows)


def _of_kind(kind: str, count: int) -> ScopeCount:
    title = kind.replace("-", " ")
    return ScopeCount(Scope(title, f"kind:{kind}"), title, count)


def _decision_counts(reader: Reader, pane_name: str, now: int) -> tuple[ScopeCount, ...]:
    decided = [
        *((word, f"decision:{word}") for word in decisions_on(reader.panes[pane_name].one)),
        ("waiting", "is:waiting"),
        ("overdue", "is:answer-overdue"),
    ]
    counts = reader.counts(pane_name, [text for _, text in decided], now, within=NOT_REVOKED)
    return tuple(
        ScopeCount(Scope(title, text), title, count, title == "overdue")
        for (title, text), count in zip(decided, counts, strict=True)
    )


def _finding_counts(reader: Reader, pane_name: str, now: int) -> tuple[ScopeCount, ...]:
    findings = reader.panes[pane_name].findings
    counts = reader.counts(pane_name, [finding.filter for finding in findings], now)
    return tuple(
        ScopeCount(Scope(finding.title, f"is:{finding.name}"), finding.title, count, finding.urgent)
        for finding, count in zip(findings, counts, strict=True)
        if count or finding.always
    )
