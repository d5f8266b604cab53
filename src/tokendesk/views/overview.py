"""The overview: what needs a person today, the goal, and what there is, each number with the filter for its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tokendesk.filtering.format import matching_condition
from tokendesk.model.findings import CONTRADICTED, NOT_REVOKED
from tokendesk.model.text import printable
from tokendesk.model.timestamps import DAY, iso_day, utc
from tokendesk.views.goals import Goal, current_goal, goal_filter
from tokendesk.views.groups import Group, count_groups
from tokendesk.views.query import Query, Scope
from tokendesk.views.reader import Reader

WEEKS = 52
_MOST = 8
"""Bars of a section; the rest is one line."""
_TODAY = (
    ("tokens", "expiring-in-use", "Expiring while in use"),
    ("tokens", "review-due", "Tokens to review"),
    ("users", "review-due", "Users to review"),
    ("tokens", "answer-overdue", "Answers overdue, on tokens"),
    ("users", "answer-overdue", "Answers overdue, on users"),
    ("journal", "quarantine-due", "Quarantine due"),
    ("journal", "unfinished", "Interrupted runs"),
    ("policies", CONTRADICTED, "Policies that contradict their setting"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A number: `filter` finds its `count` rows in `pane`. `total`: of how many. `title` is printable.

    `name`: what its rows are called where the section is not in sight.
    """

    title: str
    count: int
    pane: str
    filter: str
    total: int | None = None
    urgent: bool = False
    name: str = ""

    @property
    def query(self) -> Query:
        return Query(self.pane, scopes=(Scope(self.name or self.title, self.filter),))

    @property
    def words(self) -> str:
        """Return `12` or `12 of 82`."""
        return f"{self.count:,}" if self.total is None else f"{self.count:,} of {self.total:,}"


@dataclass(frozen=True, slots=True)
class Section:
    """`columns`: lines in the order of time, drawn side by side. `remark`: what else there is to know."""

    title: str
    lines: tuple[Line, ...]
    columns: tuple[Line, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """`goal_at`: the section about `goal`, for its way so far (goal_progress)."""

    sections: tuple[Section, ...]
    goal: Goal | None
    goal_at: int = 1

    @property
    def lines(self) -> Iterator[Line]:
        for section in self.sections:
            yield from section.lines
            yield from section.columns


def read_overview(reader: Reader, now: int) -> Overview:
    """Count everything at `now`. Tokens that were revoked since the pull are in no count."""
    living = NOT_REVOKED if reader.revoked() else ""
    goal = current_goal(reader)
    sections = (
        _today(reader, now),
        _goal(reader, goal, now),
        _expiries(reader, living, now),
        _by(reader, "used", ("Last used", "Last used"), living, now),
        _by(reader, "decision", ("Decisions", "Decision"), living, now),
        _by(reader, "policy", ("Tokens by policy", "Policy"), living, now),
        _by(reader, "reach", ("Tokens by reach", "Reaches"), living, now),
        _owners(reader, living),
    )
    return Overview(sections, goal)


def _today(reader: Reader, now: int) -> Section:
    """List what there is; name what there is not."""
    found = dict[tuple[str, str], int]()
    for pane in dict.fromkeys(pane for pane, _, _ in _TODAY):
        names = [name for of, name, _ in _TODAY if of == pane]
        counts = reader.counts(pane, [f"is:{name}" for name in names], now)
        found.update(((pane, name), count) for name, count in zip(names, counts, strict=True))
    lines = tuple(
        Line(title, found[pane, name], pane, f"is:{name}", urgent=True)
        for pane, name, title in _TODAY
        if found[pane, name]
    )
    none = [title for pane, name, title in _TODAY if not found[pane, name]]
    if not lines:
        remark = "Nothing: nothing expires in use, no review, answer or quarantine is due, no run was interrupted."
    else:
        remark = f"None: {', '.join(f'{title[:1].lower()}{title[1:]}' for title in none)}." if none else ""
    return Section("Needs a person today", lines, remark=remark)


def _goal(reader: Reader, goal: Goal | None, now: int) -> Section:
    if goal is None:
        return Section("Goal", (), remark="No goal is set. B in Policies sets one: to block tokens in a policy.")
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
    return Section(f"Goal: block tokens in {goal.name}", lines)


_WEEKS = """
SELECT (r.expires - :start) / :week AS week, count(*) AS n FROM temp.token_row AS r
WHERE r.expires >= :start AND r.expires < :end AND r.id NOT IN (SELECT token FROM temp.revoked_now) GROUP BY 1
"""


def _expiries(reader: Reader, living: str, now: int) -> Section:
    """Count by weeks of whole UTC days, as filters have them; the first begins today."""
    start, week = now // DAY * DAY, 7 * DAY
    values = {"start": start, "week": week, "end": start + WEEKS * week}
    found = {row["week"]: row["n"] for row in reader.db.execute(_WEEKS, values)}
    today = utc(start).date()
    weeks = []
    for number in range(WEEKS):
        first = today + timedelta(weeks=number)
        last = first + timedelta(days=6)
        title = f"{iso_day(first.isoformat())} to {iso_day(last.isoformat())}"
        text = _joined(f"expires:{first.isoformat()}..{last.isoformat()}", living)
        weeks.append(Line(title, found.get(number, 0), "tokens", text, name=f"Expires {title}"))
    last = today + timedelta(weeks=WEEKS, days=-1)
    others = {
        f"Expires later than {iso_day(last.isoformat())}": f"expires:>{last.isoformat()}",
        "Without expiry": "expires:never",
        "Expired before today": "expires:<today",
    }
    return Section(f"Expiries, next {WEEKS} weeks", _counted(reader, others, living, now), tuple(weeks))


def _counted(reader: Reader, asked: dict[str, str], living: str, now: int) -> tuple[Line, ...]:
    filters = [_joined(text, living) for text in asked.values()]
    counts = reader.counts("tokens", filters, now)
    found = zip(asked, counts, filters, strict=True)
    return tuple(Line(title, count, "tokens", text) for title, count, text in found if count)


def _joined(*conditions: str) -> str:
    return " ".join(filter(None, conditions))


_ORDERS = {"used": "value"}


def _by(reader: Reader, column: str, titles: tuple[str, str], living: str, now: int) -> Section:
    """Count by a column, the rest below. `titles`: of the section, and of a value of the column."""
    title, name = titles
    query = Query("tokens", filter=living)
    found = count_groups(reader, query, (column,), now, _ORDERS.get(column, "-rows"))
    groups, rest = found.groups[:_MOST], found.groups[_MOST:]
    lines = [_line(group, name, living) for group in groups]
    remark = "Each counts under all that it reaches." if found.repeats and found.groups else ""
    if rest and not found.repeats:
        conditions = [group.condition for group in groups]
        lines.append(_others(name, conditions, sum(group.rows for group in rest), living))
    elif rest:
        remark += f" Not shown: {len(rest):,} that fewer reach."
    return Section(title, tuple(lines), remark=remark)


def _line(group: Group, name: str, living: str) -> Line:
    text = group.values[0].text
    return Line(text, group.rows, "tokens", _joined(group.condition, living), name=f"{name}: {text}")


def _others(name: str, conditions: Sequence[str], count: int, living: str) -> Line:
    text = _joined(*(f"-{condition}" for condition in conditions), living)
    return Line("All others", count, "tokens", text, name=f"{name}: all others")


_OWNERS = """
SELECT u.account_id, coalesce(nullif(u.name, ''), u.email, u.account_id) AS name, o.n
FROM (
    SELECT t.user AS id, count(*) AS n FROM main.token AS t
    WHERE t.user IS NOT NULL AND t.id NOT IN (SELECT token FROM temp.revoked_now)
    GROUP BY t.user ORDER BY n DESC, t.user LIMIT ?
) AS o JOIN main.user AS u ON u.id = o.id ORDER BY o.n DESC, o.id
"""


def _owners(reader: Reader, living: str) -> Section:
    """List the owners of most tokens. One of the narrow indexes is enough, however many owners there are."""
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
