"""What a token reaches, its power, and what is unknown about it."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.practice import NOW, name_policies, organization, practice, pull_quietly, settings_in
from tokendesk.config import Settings
from tokendesk.model.findings import Thresholds
from tokendesk.model.scope_patterns import PATTERNS, PRODUCTS
from tokendesk.model.token_reach import Reach, reach_of
from tokendesk.views.details import details
from tokendesk.views.goals import describe_goal
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader
from tokendesk.views.readiness import policy_readiness

PRESENT = int(NOW.timestamp())
Change = Callable[[str], Settings]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    settings, made = settings_in(folder), organization()
    with practice(made) as access:
        asyncio.run(pull_quietly(settings, access))
    name_policies(settings, made)
    return folder


@pytest.fixture
def changed(home: Path, tmp_path: Path) -> Change:
    """Return the profile with a snapshot of which an answer said something else."""

    def change(sql: str) -> Settings:
        shutil.copytree(home, tmp_path / "home")
        settings = settings_in(tmp_path / "home")
        with sqlite3.connect(settings.paths.snapshot) as db:
            db.execute(sql)
        db.close()
        return settings

    return change


@pytest.mark.parametrize(
    ("scopes", "products", "power", "stops"),
    [
        (["read:jira-work"], ("jira",), "read", "yes"),
        (["write:jira-work", "read:jira-user"], ("jira",), "write", "yes"),
        (["manage:jira-configuration"], ("jira",), "admin", "yes"),
        (["read:issue:jira", "delete:issue:jira"], ("jira",), "delete", "yes"),
        (["read:sprint:jira-software"], ("jira",), "read", "yes"),
        (["write:ops-alert:jira-service-management"], ("jira",), "write", "yes"),
        (["manage:servicedesk-customer"], ("jira",), "admin", "yes"),
        (["search:confluence", "readonly:content.attachment:confluence"], ("confluence",), "read", "yes"),
        (["read:confluence-content.all", "write:page:confluence"], ("confluence",), "write", "yes"),
        (["read:repository:bitbucket"], ("bitbucket",), "read", "may-not"),
        (["admin:repository:bitbucket"], ("bitbucket",), "admin", "may-not"),
        (["repository:write"], ("bitbucket",), "write", "may-not"),
        (["read:jira-work", "read:repository:bitbucket"], ("jira", "bitbucket"), "read", "may-not"),
        (["write:component:compass"], ("compass",), "write", "yes"),
        (["read:goal:townsquare"], ("goals",), "read", "yes"),
        (["read:me", "read:account", "offline_access"], ("account",), "read", "yes"),
        (["search:rovo:agent-interface"], ("rovo",), "read", "yes"),
        (["write:jira:agent-interface"], ("jira", "rovo"), "write", "yes"),
        (["read:bitbucket:agent-interface"], ("bitbucket", "rovo"), "read", "may-not"),
        (["read:tokens:admin"], ("organization",), "read", "yes"),
        (["read:thing:unheard-of"], ("read:thing:unheard-of",), "read", "not-told"),
        (["read:jira-work", "frobnicate:x"], ("jira", "frobnicate:x"), "not-told", "not-told"),
        (["manage:jira-project", "frobnicate:x"], ("jira", "frobnicate:x"), "admin", "not-told"),
        (["frobnicate:x", "read:repository:bitbucket"], ("bitbucket", "frobnicate:x"), "not-told", "may-not"),
    ],
)
def test_scopes_tell_products_and_power(scopes: list[str], products: tuple[str, ...], power: str, stops: str) -> None:
    found = reach_of(scopes, scopes_told=True)
    assert found == Reach(products, power)
    assert found.stops == stops


@pytest.mark.parametrize("scopes", [None, [], ()])
def test_a_token_without_scopes_is_classic_where_others_have_some(scopes: list[str] | None) -> None:
    classic, unknown = reach_of(scopes, scopes_told=True), reach_of(scopes, scopes_told=False)
    assert (classic.products, classic.power, classic.stops) == (("everything",), "admin", "yes")
    assert "bitbucket" not in classic.values
    assert {"jira", "confluence"} < set(classic.values)
    assert (unknown.products, unknown.power, unknown.stops) == (("not-told",), "not-told", "not-told")


def test_every_pattern_names_its_source_and_is_not_hidden_by_one_before() -> None:
    for known in PATTERNS:
        assert known.source
        assert set(known.products) <= set(PRODUCTS)
        found = reach_of([known.pattern.replace("*", "read")], scopes_told=True)
        assert set(found.products) == set(known.products), known.pattern


def test_nothing_is_concluded_where_no_token_has_scopes(changed: Change) -> None:
    settings = changed("UPDATE token SET scopes = iif(id % 2, NULL, '[]')")
    with Reader(settings.paths, Thresholds()) as reader:
        assert len(reader.ids(Query("tokens", filter="reach:not-told"), PRESENT)) == 82
        assert len(reader.ids(Query("tokens", filter="power:not-told stops:not-told"), PRESENT)) == 82
        assert not reader.ids(Query("tokens", filter="reach:everything"), PRESENT)
        assert not reader.ids(Query("tokens", filter="is:idle-write"), PRESENT)
        found = policy_readiness(reader, _policy(reader, "Default"), PRESENT)
        said = found.sentences("there")
        told = details(reader, "tokens", 1, PRESENT)
    assert not found.stopping
    assert len(found.not_told) == len(found.used) > 0
    assert said[0] == "No token used in the last 30 days is known to stop if tokens are blocked there now."
    assert len(said) == 2
    assert told is not None
    facts = {fact.name: fact.value for section in told.sections for fact in section.facts}
    assert facts["reach"].startswith("not told")
    assert facts["if blocked"].startswith("cannot be told")


@pytest.mark.parametrize("status", ["NULL", "'HELD_BACK'"])
def test_a_status_that_nobody_knows_is_neither_stopped_nor_going_on(changed: Change, status: str) -> None:
    settings = changed(f"UPDATE token SET status = {status}")
    with Reader(settings.paths, Thresholds()) as reader:
        assert len(reader.ids(Query("tokens", filter="stops:not-told"), PRESENT)) == 82
        found = policy_readiness(reader, _policy(reader, "Default"), PRESENT)
    assert found.used == found.not_told != ()


def test_a_start_works_out_the_rows_it_shows_and_a_filter_all(home: Path) -> None:
    with Reader(settings_in(home).paths, Thresholds()) as reader:
        known = "SELECT count(*) FROM temp.token_reach"
        assert reader.db.execute(known).fetchone()[0] == 0
        rows = reader.window(reader.panes["tokens"], (3, 5, 8), PRESENT)
        assert all(row["reach_words"] and row["power"] and row["stops"] for row in rows.values())
        assert reader.db.execute(known).fetchone()[0] == 3
        reader.ids(Query("tokens", filter="reach:jira"), PRESENT)
        assert reader.db.execute(known).fetchone()[0] == 82
        sets = reader.db.execute("SELECT count(*) FROM temp.scope_set").fetchone()[0]
        assert sets < 40


def test_nothing_of_it_is_stored(home: Path) -> None:
    with sqlite3.connect(settings_in(home).paths.snapshot) as db:
        schema = " ".join(row[0] or "" for row in db.execute("SELECT sql FROM sqlite_master"))
    db.close()
    assert "reach" not in schema
    assert "power" not in schema


def test_the_goal_keeps_the_groups_apart(home: Path) -> None:
    from tokendesk.desk.entries import Desk
    from tokendesk.desk.goals import write_goal

    settings = settings_in(home)
    with Reader(settings.paths, Thresholds()) as reader:
        policy = _policy(reader, "Default")
        with Desk(settings.paths.desk) as desk:
            write_goal(desk, policy)
            words = describe_goal(reader, PRESENT) or ""
            write_goal(desk, None)
        found = policy_readiness(reader, policy, PRESENT)
    assert f"{len(found.used)} in use: {len(found.stopping)} stop, {len(found.may_not_stop)} may not stop" in words
    assert f"(Bitbucket), {len(found.not_told)} cannot be told ·" in words


def _policy(reader: Reader, name: str) -> str:
    return str(reader.db.execute("SELECT policy_id FROM policy_name WHERE name = ?", (name,)).fetchone()[0])
