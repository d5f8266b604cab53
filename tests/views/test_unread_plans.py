"""Plans for tokens whose last use cannot be read, or is in the year 9999."""

from collections.abc import Iterator

import pytest

from tests.database import database
from tests.practice import NOW, pulled_home
from tokendesk.model.plan import Plan, plan_to_record
from tokendesk.model.plan_record import plan_from_record
from tokendesk.model.plan_rules import NeverTouch
from tokendesk.reporting.plan_text import review_lines
from tokendesk.views.details import details
from tokendesk.views.plan_groups import RowText
from tokendesk.views.plan_rows import plan_columns, row_details
from tokendesk.views.planning import Planner, move_owners, revoke_tokens
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

PRESENT = int(NOW.timestamp())
END = 253_402_300_799
_ACTIVE = "owner.status:active owner.tokens:1"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The first active owner of one token has one with an unreadable last use, the second one of the year 9999."""
    settings = pulled_home(tmp_path_factory.mktemp("home"), 120, 60)
    with Reader(settings.paths, settings.thresholds) as before:
        unread, endless = list(before.ids(Query("tokens", filter=_ACTIVE), PRESENT))[:2]
    with database(settings.paths.snapshot) as db:
        db.execute("UPDATE token SET label = 'plain', last_used = NULL, last_used_text = NULL, status = 'ALLOWED'")
        db.execute("UPDATE token SET label = 'unread', last_used_text = 'some time ago' WHERE id = ?", (unread,))
        db.execute("UPDATE token SET expires = NULL, expires_text = 'one day' WHERE id = ?", (unread,))
        db.execute("UPDATE token SET label = 'endless', last_used = ? WHERE id = ?", (END, endless))
        db.execute("UPDATE user SET token_used = NULL")
    with Reader(settings.paths, settings.thresholds) as reader:
        yield reader


def chosen(reader: Reader, label: str) -> list[int]:
    sql = "SELECT id FROM main.token WHERE label = ? ORDER BY id LIMIT 1"
    return [row[0] for row in reader.db.execute(sql, (label,))]


def plan(reader: Reader, kind: str, label: str) -> Plan:
    planner = Planner(PRESENT, "admin", NeverTouch.of(()))
    if kind == "revoke":
        return revoke_tokens(reader, chosen(reader, label), planner)
    target = reader.db.execute("SELECT policy_id FROM policy_row ORDER BY users LIMIT 1").fetchone()[0]
    return move_owners(reader, chosen(reader, label), target, planner)


def shown(plan: Plan) -> str:
    words = RowText(plan)
    (row,) = plan.rows
    cells = [column.text(row) for column in plan_columns(plan, words)]
    facts = [fact.value for section in row_details(plan, row, words).sections for fact in section.facts]
    return " | ".join([*cells, *facts, *review_lines(plan)])


@pytest.mark.parametrize("kind", ["move", "revoke"])
def test_a_plan_does_not_say_never_of_a_last_use_that_cannot_be_read(reader: Reader, kind: str) -> None:
    made = plan(reader, kind, "unread")
    words = shown(made)
    assert "never" not in words
    assert "not known" in words and "its last use cannot be read" in words
    assert "when it expires cannot be read" in words
    assert [w.tokens for w in made.warnings if w.code == "use-unread"] == [(made.rows[0].tokens[0].token_id,)]
    assert made.rows[0].tokens[0].last_used is None
    assert plan_from_record(plan_to_record(made)) == made
    if kind == "move":
        assert "0 of 1?" in words


@pytest.mark.parametrize("kind", ["move", "revoke"])
def test_a_plan_says_never_where_no_use_was_told(reader: Reader, kind: str) -> None:
    made = plan(reader, kind, "plain")
    assert "never" in shown(made)
    assert "use-unread" not in {warning.code for warning in made.warnings}


def test_a_plan_of_an_earlier_version_keeps_its_hash(reader: Reader) -> None:
    """It says nothing of times that cannot be read."""
    made = plan(reader, "revoke", "plain")
    record = plan_to_record(made)
    assert "unread" not in str(record)
    assert plan_from_record(record).digest == made.digest


def test_a_last_use_in_the_year_9999_is_no_use(reader: Reader) -> None:
    made = plan(reader, "revoke", "endless")
    assert made.rows[0].tokens[0].last_used == END
    assert "tokens-in-use" not in {warning.code for warning in made.warnings}
    assert plan_from_record(plan_to_record(made)) == made
    assert "will revoke, in use" not in shown(made)
    assert "0 of 1" in shown(plan(reader, "move", "endless"))
    (row_id,) = chosen(reader, "endless")
    for text in ("is:in-use", "used:..30d", "used:<7d", "used:30d..90d", "idle:90d.."):
        assert row_id not in reader.ids(Query("tokens", filter=text), PRESENT), text
    assert row_id in reader.ids(Query("tokens", filter="used:any -used:..30d"), PRESENT)
    page = details(reader, "tokens", row_id, PRESENT)
    assert page
    facts = {fact.name: fact.value for section in page.sections for fact in section.facts}
    assert facts["if stopped"] == "not known: its last use is said to be in the future"


def test_an_owner_or_policy_whose_token_has_an_unread_use_is_not_never_used(reader: Reader) -> None:
    owner, policy = reader.db.execute("SELECT user, policy FROM main.token WHERE label = 'unread'").fetchone()
    for pane, text, row_id in (
        ("users", "used:never", owner), ("users", "token.used:never", owner), ("policies", "used:never", policy),
    ):  # fmt: skip
        assert row_id not in reader.ids(Query(pane, filter=text), PRESENT), text
    assert owner in reader.ids(Query("users", filter="token.used:any"), PRESENT)
