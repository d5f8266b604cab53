"""The overview: what needs attention today, the goal, and what there is, each number with the filter for its rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from tokendesk.filtering.format import matching_condition
from tokendesk.model.counting import counted
from tokendesk.model.findings import CONTRADICTED, NOT_REVOKED
from tokendesk.model.renewal_states import LAPSE, RENEWED, STATES, WORDS
from tokendesk.model.text import printable
from tokendesk.model.timestamps import DAY, iso_day, utc
from tokendesk.views.goal_progress import Progress, goal_progress
from tokendesk.views.goals import current_goal, goal_filter
from tokendesk.views.groups import Group, count_groups
from tokendesk.views.query import Query, Scope
from tokendesk.views.reach import read_reach
from tokendesk.views.reader import Reader

WEEKS = 52
_MOST = 8
"""Bars of a section; the rest is one line."""
ENDING = "expiring-in-use"
_TODAY = (
    ("tokens", ENDING, "Expiring while in use", "expiries in use"),
    ("credentials", ENDING, "Credentials ending while in use", "credentials ending in use"),
    ("credentials", "maker-inactive", "Credentials made by inactive users", "credentials of inactive users"),
    ("tokens", "review-due", "Tokens to review", "reviews"),
    ("users", "review-due", "Users to review", "reviews"),
    ("tokens", "answer-overdue", "Answers overdue, on tokens", "overdue answers"),
    ("users", "answer-overdue", "Answers overdue, on users", "overdue answers"),
    ("credentials", "review-due", "Credentials to review", "reviews"),
    ("credentials", "answer-overdue", "Answers overdue, on credentials", "overdue answers"),
    ("journal", "quarantine-due", "Quarantine due", "quarantine due"),
    ("journal", "unfinished", "Interrupted runs", "interrupted runs"),
    ("policies", CONTRADICTED, "Policies that contradict their setting", "contradictions"),
)
"""Pane, finding, title, and what there is none of without them."""


@dataclass(frozen=True, slots=True)
class Line:
    """A number: `filter` finds its `count` rows in `pane`. `total`: of how many. `title` is printable.

    `name`: what its rows are called where the section is not in sight. `is_rest`: all that the lines above leave.
    """

    title: str
    count: int
    pane: str
    filter: str
    total: int | None = None
    urgent: bool = False
    name: str = ""
    is_rest: bool = False

    @property
    def query(self) -> Query:
        return Query(self.pane, scopes=(Scope(self.name or self.title, self.filter),))

    @property
    def words(self) -> str:
        """Return `12` or `12 of 82`."""
        return f"{self.count:,}" if self.total is None else f"{self.count:,} of {self.total:,}"


@dataclass(frozen=True, slots=True)
class Section:
    """`columns`: lines in the order of time, drawn side by side. `remark`: what else there is to know.

    `progress`: the way so far of the goal.
    """

    title: str
    lines: tuple[Line, ...] = ()
    columns: tuple[Line, ...] = ()
    remark: str = ""
    progress: Progress | None = None


def read_overview(reader: Reader, now: int) -> tuple[Section, ...]:
    """Return all sections as of `now`."""
    return tuple(part(reader, now) for part in PARTS)


def lines_of(sections: Iterable[Section]) -> Iterator[Line]:
    for section in sections:
        yield from section.columns
        yield from section.lines


def _living(reader: Reader) -> str:
    """Return the filter that leaves out tokens that were revoked since the pull, which are in no count."""
    return NOT_REVOKED if reader.revoked() else ""


def _today(reader: Reader, now: int) -> Section:
    """List what there is; name what there is not."""
    found = dict[tuple[str, str], int]()
    for pane in dict.fromkeys(pane for pane, *_ in _TODAY):
        names = [name for of, name, *_ in _TODAY if of == pane]
        counts = reader.counts(pane, [_filter_of(name) for name in names], now)
        found.update(((pane, name), count) for name, count in zip(names, counts, strict=True))
    lines = tuple(
        Line(title, found[pane, name], pane, _filter_of(name), urgent=True)
        for pane, name, title, _ in _TODAY
        if found[pane, name]
    )
    there = {what for pane, name, _, what in _TODAY if found[pane, name]}
    none = [*dict.fromkeys(what for *_, what in _TODAY if what not in there)]
    listed = " or ".join(filter(None, (", ".join(none[:-1]), *none[-1:])))
    return Section("Needs attention today", lines, remark=f"No {listed}." if none else "")


def _filter_of(finding: str) -> str:
    """Return the filter of a finding; what was renewed, or may lapse, needs nobody any more."""
    return f"is:{finding} -renewal:{RENEWED},{LAPSE}" if finding == ENDING else f"is:{finding}"


def _goal(reader: Reader, now: int) -> Section:
    goal = current_goal(reader)
    if goal is None:
        return Section("Goal", remark="No goal is set. B in Policies sets one: to block tokens in a policy.")
    within = goal_filter(reader, goal)
    asked = {
        "Undecided": f"{within} is:undecided {NOT_REVOKED}",
        "In use": f"{within} is:in-use -is:expired",
        "In use and undecided": f"{within} is:in-use -is:expired is:undecided",
    }
    total, *counts = reader.counts("tokens", (f"{within} {NOT_REVOKED}", *asked.values()), now)
    lines = tuple(
        Line(title, count, "tokens", text, total, name=f"{goal.name}: {title.lower()}")
        for (title, text), count in zip(asked.items(), counts, strict=True)
    )
    progress = goal_progress(reader, goal.policy_id, now)
    return Section(f"Goal: block tokens in {goal.name}", lines, remark=progress.words, progress=progress)


_WEEKS = """
SELECT (r.expires - :start) / :week AS week, count(*) AS n FROM temp.token_row AS r
WHERE r.expires >= :start AND r.expires < :end AND r.id NOT IN (SELECT token FROM temp.revoked_now) GROUP BY 1
"""


def _expiries(reader: Reader, now: int) -> Section:
    """Count by weeks of whole UTC days, as filters have them; the first begins today."""
    living = _living(reader)
    start, week = now // DAY * DAY, 7 * DAY
    values = {"start": start, "week": week, "end": start + WEEKS * week}
    found = {row["week"]: row["n"] for row in reader.db.execute(_WEEKS, values)}
    today = utc(start).date()
    weeks = []
    for number in range(WEEKS):
        first = today + timedelta(weeks=number)
        last = first + timedelta(days=6)
        begin, end = iso_day(first.isoformat()), iso_day(last.isoformat())
        title = f"{begin.removesuffix(f' {last.year}')} to {end}"
        text = _joined(f"expires:{first.isoformat()}..{last.isoformat()}", living)
        weeks.append(Line(title, found.get(number, 0), "tokens", text, name=f"Expires {title}"))
    last = today + timedelta(weeks=WEEKS, days=-1)
    others = {
        f"Expires later than {iso_day(last.isoformat())}": f"expires:>{last.isoformat()}",
        "Without expiry": "expires:never",
        "Expired before today": "expires:<today",
    }
    return Section(f"Expiries, next {WEEKS} weeks", _counted(reader, others, living, now), tuple(weeks))


_DUE = {"tokens": "Tokens", "credentials": "Credentials", "changes": "Gone"}


def _renewals(reader: Reader, now: int) -> Section:
    """Count what ends soon or ended lately, while in use, by how far its renewal is."""
    days = reader.thresholds.renewal
    counts = {pane: reader.counts(pane, [f"renewal:{state}" for state in STATES], now) for pane in _DUE}
    lines = tuple(
        Line(f"{name}: {WORDS[state]}", count, pane, f"renewal:{state}")
        for pane, name in _DUE.items()
        for state, count in zip(STATES, counts[pane], strict=True)
        if count
    )
    none = "" if lines else "Nothing that is in use ends or ended in this time."
    return Section(f"Renewals, {days} days before and after the end", lines, remark=none)


def _counted(reader: Reader, asked: dict[str, str], living: str, now: int) -> tuple[Line, ...]:
    filters = [_joined(text, living) for text in asked.values()]
    counts = reader.counts("tokens", filters, now)
    found = zip(asked, counts, filters, strict=True)
    return tuple(Line(title, count, "tokens", text) for title, count, text in found if count)


def _joined(*conditions: str) -> str:
    return " ".join(filter(None, conditions))


_ORDERS = {"used": "value"}


def _by(column: str, title: str, name: str, reader: Reader, now: int) -> Section:
    """Count by a column, the rest below. `name`: of a value of the column."""
    living = _living(reader)
    query = Query("tokens", filter=living)
    found = count_groups(reader, query, (column,), now, _ORDERS.get(column, "-rows"))
    groups, rest = found.groups[:_MOST], found.groups[_MOST:]
    lines = [_line(group, name, living) for group in groups]
    if rest:
        conditions = [group.condition for group in groups]
        lines.append(_others(name, conditions, sum(group.rows for group in rest), living))
    return Section(title, tuple(lines))


def _line(group: Group, name: str, living: str) -> Line:
    text = group.values[0].text
    return Line(text, group.rows, "tokens", _joined(group.condition, living), name=f"{name}: {text}")


def _others(name: str, conditions: Sequence[str], count: int, living: str) -> Line:
    text = _joined(*(f"-({condition})" for condition in conditions), living)
    return Line("All others", count, "tokens", text, name=f"{name}: all others", is_rest=True)


_REACH = """
SELECT min(v.value) AS value, sum(o.n) AS n
FROM (
    SELECT tr.kind, count(*) AS n FROM temp.token_reach AS tr
    WHERE tr.id NOT IN (SELECT token FROM temp.revoked_now) GROUP BY tr.kind
) AS o
JOIN (SELECT kind, lower(value) AS folded, min(value) AS value FROM temp.reach_value GROUP BY 1, 2) AS v USING (kind)
GROUP BY v.folded ORDER BY n DESC, v.folded
"""


def _reach(reader: Reader, now: int) -> Section:
    """Count by reach: by the few sets of scopes, which takes a tenth of the time of counting the tokens one by one."""
    living, field = _living(reader), reader.panes["tokens"].fields.find("reach")
    read_reach(reader.db)
    found = [
        (printable(row["value"]), matching_condition(field, row["value"]) if field else "", row["n"])
        for row in reader.db.execute(_REACH)
    ]
    (none,) = reader.counts("tokens", ("reach:none",), now, within=living)
    found += [("(none)", "reach:none", none)] if none else []
    lines = tuple(
        Line(text, count, "tokens", _joined(condition, living), name=f"Reaches: {text}")
        for text, condition, count in found[:_MOST]
    )
    remark = "Each counts under all that it reaches." if lines else ""
    if len(found) > _MOST:
        remark += f" {counted(len(found) - _MOST, 'more product')} not shown."
    return Section("Tokens by reach", lines, remark=remark)


_OWNERS = """
SELECT u.account_id, coalesce(nullif(u.name, ''), u.email, u.account_id) AS name, o.n
FROM (
    SELECT t.user AS id, count(*) AS n FROM main.token AS t
    WHERE t.user IS NOT NULL AND t.id NOT IN (SELECT token FROM temp.revoked_now)
    GROUP BY t.user ORDER BY n DESC, t.user LIMIT ?
) AS o JOIN main.user AS u ON u.id = o.id ORDER BY o.n DESC, o.id
"""


def _owners(reader: Reader, _: int) -> Section:
    """List the owners of most tokens. One of the narrow indexes is enough, however many owners there are."""
    living = _living(reader)
    field = reader.panes["tokens"].fields.find("owner.id")
    lines: list[Line] = []
    conditions: list[str] = []
    for row in reader.db.execute(_OWNERS, (_MOST,)):
        condition = matching_condition(field, row["account_id"]) if field else ""
        conditions.append(condition)
        owner = printable(row["name"])
        lines.append(Line(owner, row["n"], "tokens", _joined(condition, living), name=f"Owner: {owner}"))
    rest = reader.living(reader.panes["tokens"]) - sum(line.count for line in lines)
    if rest:
        lines.append(_others("Owner", conditions, rest, living))
    return Section("Tokens by owner", tuple(lines))


PARTS: tuple[Callable[[Reader, int], Section], ...] = (
    _today,
    _goal,
    _expiries,
    _renewals,
    partial(_by, "used", "Last used", "Last used"),
    partial(_by, "decision", "Decisions", "Decision"),
    partial(_by, "policy", "Tokens by policy", "Policy"),
    _reach,
    _owners,
)
"""Each reads one section. Between them, whoever asks may stop."""
