"""The numbers of the overview equal independent counts over the same records, and each one's filter finds its rows."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.database import database
from tests.desk.pulled import PRESENT, Office
from tests.history.world import World, access_to
from tests.practice import NOW, pulled_home
from tests.views.filters_made import Record
from tests.views.records_made import Records
from tokendesk.desk.entries import Desk
from tokendesk.desk.goals import write_goal
from tokendesk.desk.notes import undo, write_note
from tokendesk.desk.runs import BEGUN, INTENDED, OUTCOMES
from tokendesk.history.token_uses import USES_KEPT
from tokendesk.model.findings import Thresholds
from tokendesk.model.timestamps import day
from tokendesk.sandbox.serve import serving
from tokendesk.views.goal_progress import MOST_POINTS, Point, goal_progress
from tokendesk.views.overview import WEEKS, Line, Section, lines_of, read_overview
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

Sections = tuple[Section, ...]


def check(reader: Reader, found: Sections, now: int = PRESENT) -> None:
    """Check that each number is that of the rows behind it."""
    for line in lines_of(found):
        assert reader.count_found(Query(line.pane, filter=line.filter), now) == line.count, line
        assert reader.count_found(line.query, now) == line.count, line


def section(found: Sections, title: str) -> Section:
    return next(each for each in found if each.title.startswith(title))


def counts(lines: tuple[Line, ...]) -> dict[str, int]:
    return {line.title: line.count for line in lines}


def second(token: Record, field: str) -> int | None:
    found = token[field][0]
    assert found is None or isinstance(found, int)
    return found


@pytest.fixture(scope="module", name="found")
def _found(told: tuple[Reader, Records]) -> Iterator[Sections]:
    yield read_overview(told[0], PRESENT)


def test_each_number_is_that_of_the_rows_behind_it(told: tuple[Reader, Records], found: Sections) -> None:
    check(told[0], found)
    assert sum(1 for _ in lines_of(found)) > WEEKS + 25


def test_expiries_are_counted_by_week(told: tuple[Reader, Records], found: Sections) -> None:
    section_ = section(found, "Expiries")
    today = NOW.date()
    weeks = [0] * WEEKS
    others = Counter[str]()
    for token in told[1]["tokens"].values():
        if (expires := second(token, "expires")) is None:
            others["Without expiry"] += 1
            continue
        day = datetime.fromtimestamp(expires, UTC).date()
        if day < today:
            others["Expired before today"] += 1
        elif (day - today).days < 7 * WEEKS:
            weeks[(day - today).days // 7] += 1
        else:
            others["Expires later than 21 Nov 2027"] += 1
    assert [line.count for line in section_.columns] == weeks
    assert any(weeks)
    assert counts(section_.lines) == {title: count for title, count in others.items() if count}
    assert section_.columns[1].title == "30 Nov to 6 Dec 2026"


def test_uses_policies_reach_owners_and_decisions_are_counted(told: tuple[Reader, Records], found: Sections) -> None:
    tokens = told[1]["tokens"].values()
    ages = Counter[str]()
    for token in tokens:
        used = second(token, "used")
        days = None if used is None else (PRESENT - used) / 86_400
        limits = ((30, "less than 30 d"), (90, "30 to 90 d"), (365, "90 to 365 d"))
        ages["never" if days is None else next((t for limit, t in limits if days < limit), "365 d and more")] += 1
    assert counts(section(found, "Last used").lines) == ages
    policies = Counter(token["policy"][0] for token in tokens)
    assert counts(section(found, "Tokens by policy").lines) == policies
    assert counts(section(found, "Decisions").lines) == Counter(token["decision"][0] for token in tokens)
    reach = Counter(str(value).lower() for token in tokens for value in {*token["reach"]})
    assert counts(section(found, "Tokens by reach").lines).items() <= reach.items()
    owners = Counter(token["owner.id"][0] for token in tokens)
    *most, others = section(found, "Tokens by owner").lines
    assert [line.count for line in most] == [count for _, count in owners.most_common(len(most))]
    assert others.count == len(tokens) - sum(line.count for line in most)


def test_what_needs_attention_is_listed_and_the_rest_named(told: tuple[Reader, Records], found: Sections) -> None:
    today = section(found, "Needs attention")
    tokens = told[1]["tokens"].values()
    asked = counts(today.lines)
    days = [str(token["review"][0]) for token in tokens if token["review"][0]]
    assert asked["Tokens to review"] == sum(day <= NOW.date().isoformat() for day in days) > 0
    expected = 0
    for token in tokens:
        used, expires = second(token, "used"), second(token, "expires")
        is_used = used is not None and PRESENT - used < 30 * 86_400
        is_open = token["renewal"][0] not in ("renewed", "lapse")
        expected += is_open and is_used and expires is not None and 0 <= expires - PRESENT < 30 * 86_400
    assert asked["Expiring while in use"] == expected > 0
    assert today.remark == "No contradictions."
    assert section(found, "Goal").remark.startswith("No goal is set.")


def test_what_was_revoked_since_the_pull_is_in_no_count(office: Office) -> None:
    reader = office.reader
    with office.desk() as desk:
        write_goal(desk, office.policy("Default"))
    before = read_overview(reader, PRESENT)
    check(reader, before)
    token = office.records("is:in-use policy:default")[0]
    owner = reader.db.execute("SELECT owner_id FROM token_row WHERE token_id = ?", (token,)).fetchone()[0]
    row = {
        "account_id": owner, "name": "Bo Test", "email": None, "from_id": None, "to_id": None, "outcome": "do",
        "reason": "", "tokens": [{"token_id": token, "label": "ci"}],
    }  # fmt: skip
    with office.desk(later=3_600) as desk:
        plan = {"kind": "revoke", "undoes": None, "quarantine_until": None, "rows": [row]}
        run = desk.append(BEGUN, {"plan": plan, "digest": "d", "key": None}).entry_id
        desk.append(INTENDED, {"run": run, "batch": 1, "to": None, "rows": {token: None}})
        desk.append(OUTCOMES, {"run": run, "rows": {token: ["revoked", "", None]}})
    after = read_overview(reader, PRESENT)
    check(reader, after)
    assert counts(section(after, "Needs").lines)["Interrupted runs"] == 1
    assert section(before, "Goal").lines[1].count - section(after, "Goal").lines[1].count == 1
    for title in ("Tokens by policy", "Tokens by owner", "Decisions", "Last used"):
        had, has = (sum(line.count for line in section(found, title).lines) for found in (before, after))
        assert had - has == 1, title


def test_without_a_snapshot_there_is_nothing_and_no_error(tmp_path: Path) -> None:
    with World(tmp_path).reader() as reader:
        found = read_overview(reader, PRESENT)
        assert [line.count for line in lines_of(found)] == [0] * WEEKS
        assert goal_progress(reader, "none", PRESENT).points == ()


async def test_the_way_of_the_goal_is_what_each_pull_would_have_shown(tmp_path: Path) -> None:
    world = World(tmp_path, 200, 60)
    made, seen = world.made, list[Point]()
    goal, other = (policy.id for policy in made.policies[:2])

    def decide(*tokens: str, decision: str | None = "keep") -> None:
        with Desk(world.settings.paths.desk, author="ada", clock=lambda: world.now) as desk:
            write_note(desk, "token", list(tokens), {"decision": decision})

    with serving(made) as (address, _):
        for number in range(6):
            await world.pull(access_to(address))
            if not number:
                with Desk(world.settings.paths.desk, author="ada", clock=lambda: world.now) as desk:
                    write_goal(desk, goal)
            with world.reader() as reader:
                undecided, used, _ = section(read_overview(reader, world.second()), "Goal").lines
                seen.append(Point(world.second(), undecided.total or 0, undecided.count, used.count))
            living = [made.token(life) for _, life in made.living()]
            inside = [token for token in living if made.policy_of(token.owner) == goal]
            world.later(hours=1)
            decide(*(token.id for token in inside[number : number + 4]))
            if number == 2:
                decide(inside[1].id, inside[2].id, decision=None)
                made.revoke(inside[5].id)
                for token in inside[8:11]:
                    made.move(token.owner, other)
            elif number == 3:
                with Desk(world.settings.paths.desk, author="ada", clock=lambda: world.now) as desk:
                    mistake = write_note(desk, "token", [token.id for token in inside], {"decision": "revoke"})
                    world.later(minutes=1)
                    undo(desk, mistake)
            elif number == 4:
                made.move(inside[0].owner, other)
                made.move(next(t.owner for t in living if made.policy_of(t.owner) == other), goal)
            made.touched()
            world.later(days=9)
    with world.reader() as reader:
        found = goal_progress(reader, goal, world.second())
        assert goal_progress(reader, goal, world.second(), most=2).points == (found.points[0], found.points[-1])
    assert list(found.points) == seen
    assert (found.pulls, found.left_out, found.uses_since) == (6, 0, None)
    assert len({point.tokens for point in seen}) > 1
    assert len({point.in_use for point in seen}) > 1
    assert len({point.undecided for point in seen}) > 3


def test_what_is_not_known_of_the_way_is_said(tmp_path: Path) -> None:
    settings = pulled_home(tmp_path, 120, 30)
    with Reader(settings.paths, Thresholds()) as reader:
        policy, token = reader.db.execute(
            "SELECT p.policy_id, t.token_id FROM main.token AS t JOIN main.policy AS p ON p.id = t.policy"
        ).fetchone()
        assert goal_progress(reader, policy, PRESENT).words == ("Progress is shown from the second pull on.")
    with database(settings.paths.history) as db:
        for number in range(1, USES_KEPT + 10):
            db.execute("INSERT INTO pull VALUES (?, ?)", (f"pull {number}", PRESENT - number * 3_600))
            db.execute("INSERT INTO completed VALUES (?)", (f"pull {number}",))
        for number in range(1, USES_KEPT + 1):  # the uses before were deleted
            use = token, PRESENT - number * 3_600 - 60, f"pull {number}"
            db.execute("INSERT INTO observation VALUES (?, ?, ?)", use)
        db.execute(
            "INSERT INTO change (pull_id, at, kind, subject, record, email) VALUES (?, ?, 'gone', 'token', 'x', ?)",
            ("pull 1", PRESENT - 3_600, "nobody@example.com"),
        )
    with Reader(settings.paths, Thresholds()) as reader:
        found = goal_progress(reader, policy, PRESENT)
    assert (len(found.points), found.pulls) == (MOST_POINTS, USES_KEPT + 10)
    assert found.words == (
        f"130 pulls since 18 Nov 2026. Before {day(PRESENT - USES_KEPT * 3_600)}, not all uses are known."
        " Left out: 1 token gone since, whose policy is not known."
    )


def test_a_use_counts_from_the_pull_that_saw_it_until_the_token_expires(tmp_path: Path) -> None:
    settings = pulled_home(tmp_path, 120, 30)
    ago = {days: PRESENT - days * 86_400 for days in (52, 51, 50, 30, 28)}
    with database(settings.paths.snapshot) as db:
        late, expired = db.execute("SELECT token_id FROM token WHERE policy = 1 LIMIT 2").fetchall()
        (policy,) = db.execute("SELECT policy_id FROM policy WHERE id = 1").fetchone()
        db.execute("UPDATE token SET expires = ? WHERE token_id = ?", (ago[30], *expired))
    with database(settings.paths.history) as db:
        for pull, days in (("first", 50), ("second", 28)):
            db.execute("INSERT INTO pull VALUES (?, ?)", (pull, ago[days]))
            db.execute("INSERT INTO completed VALUES (?)", (pull,))
        db.execute("INSERT INTO observation VALUES (?, ?, 'second')", (*late, ago[52]))
        db.execute("INSERT INTO observation VALUES (?, ?, 'first')", (*expired, ago[51]))
    with Reader(settings.paths, Thresholds()) as reader:
        first, second, _ = goal_progress(reader, policy, PRESENT).points
    assert (first.in_use, second.in_use) == (1, 1)  # the expired one at first, the other once it was seen
