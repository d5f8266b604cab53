"""Roles, products and groups of users: what a pull keeps of them, filters, groups, details and exports."""

import asyncio
import csv
import json
import shutil
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.database import database
from tests.desk.pulled import PRESENT, Command, Office
from tests.practice import NOW, organization, pull_quietly, pulled_home, serving_access, settings_in
from tests.snapshot.broken_off import pull_into
from tests.snapshot.older_formats import set_back
from tokendesk.config import Settings
from tokendesk.model.findings import Thresholds
from tokendesk.model.records import User
from tokendesk.sandbox.faults import with_faults
from tokendesk.sandbox.people import ORG_ADMIN, SITE_ADMIN
from tokendesk.snapshot.build import SnapshotBuilder
from tokendesk.snapshot.work_file import new_work_file
from tokendesk.views.details import details
from tokendesk.views.facts import Fact
from tokendesk.views.groups import count_groups
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader
from tokendesk.views.values import occurring_values

USERS, TOKENS = 210, 40
Change = Callable[[str], Settings]


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """Return a pulled profile with a snapshot in which an answer said something else."""

    def change(sql: str) -> Settings:
        settings = pulled_home(tmp_path / "changed", USERS, TOKENS)
        with database(settings.paths.snapshot) as db:
            assert db.execute(sql).rowcount
        return settings

    return change


def pulled_with(fault: str, home: Path) -> Settings:
    settings = settings_in(home)
    with serving_access(organization(USERS, TOKENS), with_faults([fault])) as access:
        asyncio.run(pull_quietly(settings, access))
    return settings


@pytest.fixture
def untold(tmp_path: Path) -> Iterator[Reader]:
    """A reader of a profile without roles and products."""
    with Reader(pulled_with("access-untold", tmp_path / "untold").paths, Thresholds()) as reader:
        yield reader


def number(reader: Reader, text: str, pane: str = "users") -> int:
    query = Query(pane, filter=text)
    found = len(reader.ids(query, PRESENT))
    assert reader.count_found(query, PRESENT) == found
    return found


def facts(reader: Reader, pane: str, row_id: int) -> dict[str, Fact]:
    found = details(reader, pane, row_id, PRESENT)
    assert found
    return {fact.name: fact for section in found.sections if section.title == "" for fact in section.facts}


def facts_of(reader: Reader, text: str) -> dict[str, Fact]:
    return facts(reader, "users", reader.ids(Query("users", filter=text), PRESENT)[0])


def test_a_pull_keeps_what_the_organization_says(tmp_path: Path) -> None:
    made, settings = organization(USERS, TOKENS), pulled_home(tmp_path, USERS, TOKENS)
    with database(settings.paths.snapshot) as db:
        stored = {row[0]: row[1:] for row in db.execute("SELECT account_id, roles, products, product_uses FROM user")}
        assert db.execute("SELECT count(*) FROM user WHERE groups IS NOT NULL").fetchone() == (0,)
    people = {person.account_id: person for person in map(made.person, range(made.users))}
    assert stored.keys() == people.keys()
    for account_id, (roles, products, uses) in stored.items():
        person = people[account_id]
        assert json.loads(roles) == list(person.roles)
        assert json.loads(products) == sorted(product.key for product in person.products)
        used = {product.key for product in person.products if product.last_active}
        assert {key for key, text in json.loads(uses).items() if text} == used


def test_what_was_not_told_is_neither_none_nor_any(untold: Reader) -> None:
    for field in ("role", "access"):
        assert number(untold, f"{field}:not-told") == USERS
        assert number(untold, f"-{field}:any") == USERS
        others = (f"{field}:none", f"{field}:any", f"has:{field}", f"-{field}:not-told", f"{field}:*admin")
        assert [number(untold, text) for text in others] == [0] * len(others)
        assert number(untold, f"owner.{field}:not-told", "tokens") == TOKENS
        assert number(untold, f"owner.{field}:none", "tokens") == 0
        (group,) = count_groups(untold, Query("users"), ["roles" if field == "role" else field], PRESENT).groups
        assert (group.rows, group.condition) == (USERS, f"{field}:not-told")
    shown = facts(untold, "users", 1)
    assert [(shown[name].value, shown[name].tone) for name in ("role", "products")] == [("not told", "dim")] * 2
    assert "groups" not in shown


def test_the_owner_of_a_token_who_is_no_managed_user_is_not_told(changed: Change) -> None:
    with Reader(changed("UPDATE token SET user = NULL WHERE id = 1").paths, Thresholds()) as reader:
        for field in ("owner.role", "owner.access"):
            assert reader.ids(Query("tokens", filter=f"{field}:not-told"), PRESENT)[:] == reader.ids(
                Query("tokens", filter="id:" + reader.records("tokens", [1])[1]), PRESENT
            )
            rows = {group.values[0].text: group.rows for group in count_groups(
                reader, Query("tokens"), [field], PRESENT
            ).groups}  # fmt: skip
            assert rows["not-told"] == 1


def test_two_columns_are_grouped_by_and_a_group_leads_to_its_rows(office: Office) -> None:
    found = count_groups(office.reader, Query("users"), ["roles", "access"], PRESENT)
    assert found.repeats
    assert found.total == 1204
    assert found.titles == ("Roles", "Products")
    admins = [group for group in found.groups if group.values[0].text == "org-admin"]
    assert admins
    for group in admins:
        assert group.condition == f"role:org-admin access:{group.values[1].text}"
        assert len(office.ids(group.condition, "users")) == group.rows


def test_the_fields_are_completed_from_what_occurs(office: Office) -> None:
    for pane, prefix in (("users", ""), ("tokens", "owner.")):
        for name in ("role", "access"):
            field = office.reader.panes[pane].fields.find(prefix + name)
            assert field
            assert field.values
            values = occurring_values(office.reader, office.reader.panes[pane], field)
            assert values
            for value, count in values:
                assert len(office.ids(f"{prefix}{name}:{value}", pane)) == count
            assert [count for _, count in values] == sorted((count for _, count in values), reverse=True)


def test_is_admin_and_the_role_mean_the_same(office: Office) -> None:
    assert office.ids("is:admin", "users") == office.ids("role:org-admin", "users")
    assert len(office.ids("role:org-admin", "users")) == 3


def test_roles_and_products_are_columns_of_a_table_and_of_csv(command: Command) -> None:
    asked = ("list", "users", "role:site-admin access:confluence", "--columns", "id,roles,access")
    rows = list(csv.DictReader(StringIO(command(*asked, "--format", "csv"))))
    assert rows
    for row in rows:
        assert row["roles"] == SITE_ADMIN
        assert "confluence" in row["access"].split()
    (first, *_) = json.loads(command(*asked, "--format", "json"))
    assert first["roles"] == [SITE_ADMIN]
    assert "confluence" in first["access"]
    counted = command("list", "users", "--by", "role")
    assert "site-admin" in counted


def test_the_details_of_an_owner_tell_roles_and_products(office: Office) -> None:
    made = organization()
    people = {person.account_id: person for person in map(made.person, range(made.users))}
    for row_id in office.ids("owner.role:any"):
        row = office.reader.row("tokens", row_id, PRESENT)
        assert row
        person = people[row["owner_id"]]
        shown = facts(office.reader, "tokens", row_id)
        known = {ORG_ADMIN: "organization admin", SITE_ADMIN: "site admin"}
        words = ", ".join(known.get(role, role) for role in person.roles)
        assert shown["role"].value == words
        assert (shown["role"].tone == "warn") == any(role in known for role in person.roles)
        assert shown["owner"].value.endswith(f"({words})") == any(role in known for role in person.roles)
        query = shown["role"].leads
        assert query
        assert person.account_id in office.reader.records("users", office.reader.ids(query, PRESENT)).values()
        for product in person.products:
            assert product.name in shown["products"].value
    assert len(office.ids("owner.role:any")) > 5


def test_products_stand_with_their_last_use_the_last_one_first(changed: Change) -> None:
    uses = {"jira": "2026-11-01T09:00:00Z", "confluence": None, "loom": "once", "x-ray": "2026-11-20T09:00:00Z"}
    sql = f"UPDATE user SET products = '{json.dumps(sorted(uses))}', product_uses = '{json.dumps(uses)}' WHERE id = 1"
    with Reader(changed(sql).paths, Thresholds()) as reader:
        said = "x-ray 3 d ago, Jira 22 d ago, Confluence (no use known), Loom (once)"
        assert facts(reader, "users", 1)["products"].value == said


def test_long_lists_are_cut_and_lead_nowhere(changed: Change) -> None:
    lists = [json.dumps([f"{name}\x1b[31m-{place:02}" for place in range(24)]) for name in ("role", "team")]
    sql = f"UPDATE user SET roles = '{lists[0]}', groups = '{lists[1]}' WHERE id = 1"
    with Reader(changed(sql).paths, Thresholds()) as reader:
        shown = facts(reader, "users", 1)
    for name, word in (("role", "role"), ("groups", "team")):
        assert shown[name].value.endswith("-11 and 12 more")
        assert shown[name].value.count(word) == 12
        assert "\x1b" not in shown[name].value
        assert shown[name].leads is None


def test_odd_forms_are_pulled_and_told_as_far_as_they_are_known(tmp_path: Path) -> None:
    with Reader(pulled_with("odd-access", tmp_path / "odd").paths, Thresholds()) as reader:
        by_roles = {
            group.values[0].text: group.rows
            for group in count_groups(reader, Query("users"), ["roles"], PRESENT).groups
        }
        assert by_roles["not-told"] > USERS / 2
        # Each form is of every eighth item of a page, and which page a user is kept from is up to the network.
        assert by_roles["site-admin"] == by_roles["role:not-told"] == by_roles["none"] > USERS / 10
        assert by_roles["role-7"] > USERS / 10
        assert number(reader, 'role:"none"') == by_roles["none"]
        assert number(reader, "role:none") == by_roles["(none)"]
        assert number(reader, "is:admin") == 0
        assert number(reader, "access:unknown access:jira") == by_roles["site-admin"]
        assert facts_of(reader, "access:product:not-told")["products"].value.startswith("Jira (no use known)")
        assert facts_of(reader, "role:role-7")["groups"].value.endswith("and 988 more")


def test_the_older_list_of_accounts_tells_none_of_it(tmp_path: Path) -> None:
    with Reader(pulled_with("users-v1", tmp_path / "old").paths, Thresholds()) as reader:
        assert number(reader, "role:not-told access:not-told") == USERS


@pytest.mark.parametrize("version", [2, 3])
def test_a_snapshot_of_an_older_format_is_one_that_does_not_tell(tmp_path: Path, version: int) -> None:
    settings = pulled_home(tmp_path / "home", USERS, TOKENS)
    set_back(settings.paths.snapshot, version)
    with Reader(settings.paths, Thresholds()) as reader:
        assert number(reader, "role:not-told access:not-told") == USERS
        assert number(reader, "owner.role:not-told", "tokens") == TOKENS
        assert number(reader, "is:admin") == 3
        assert facts_of(reader, "is:admin")["role"].value == "organization admin"
        assert facts_of(reader, "-is:admin")["role"].value == "not an organization admin; others not told"
        assert facts_of(reader, "")["products"].value == "not told"
        assert len(count_groups(reader, Query("users"), ["access"], PRESENT).groups) == 1


@pytest.mark.parametrize("version", [None, 3])
def test_a_quick_pull_takes_over_what_is_told_of_users_it_does_not_read(tmp_path: Path, version: int | None) -> None:
    settings = pulled_home(tmp_path / "home", USERS, TOKENS)
    told = "SELECT account_id, roles, products, product_uses FROM user ORDER BY 1"
    with database(settings.paths.snapshot) as db:
        before = db.execute(told).fetchall()
    if version is not None:
        set_back(settings.paths.snapshot, version)
    shutil.rmtree(settings.paths.work.parent, ignore_errors=True)
    with serving_access(organization(USERS, TOKENS), lambda app: app) as access:
        pull_into(settings, access, tokens_only=True)
    with database(settings.paths.snapshot) as db:
        after = db.execute(told).fetchall()
        owners = {row[0] for row in db.execute("SELECT account_id FROM user WHERE tokens")}
    if version is None:
        assert after == before
        return
    assert 0 < len(owners) < USERS
    kept = [row if row[0] in owners else (row[0], None, None, None) for row in before]
    assert after == kept


SHORT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
STRANGE = st.sampled_from(["none", "any", "not-told", "a,b", '"', "*", "<3", "=x", "´", "JIRA", "org-admin"])
NAMES = st.lists(STRANGE | SHORT, max_size=4, unique=True)


@given(st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=12))
@settings(max_examples=30)
def test_whatever_a_role_or_a_product_is_called_its_fact_leads_to_its_user(
    told: list[tuple[list[str], list[str], list[str]]],
) -> None:
    with TemporaryDirectory() as folder:
        paths = settings_in(Path(folder)).paths
        made = [
            User(f"712020:{place}", "Ada", roles=tuple(roles), products=dict.fromkeys(keys), groups=tuple(groups))
            for place, (roles, keys, groups) in enumerate(told)
        ]
        with new_work_file(paths.cache) as work:
            work.add_users(made)
            with SnapshotBuilder(paths.cache, work.path) as builder:
                builder.finish({"pull_id": "made", "org_id": "example", "pulled_at": NOW.isoformat()})
        with Reader(paths, Thresholds()) as reader:
            for row_id in reader.ids(Query("users"), PRESENT):
                shown = facts(reader, "users", row_id)
                for name in ("role", "products"):
                    query = shown[name].leads
                    assert query is None or row_id in reader.ids(query, PRESENT), (query, shown[name])
            for by in ("roles", "access"):
                for group in count_groups(reader, Query("users"), [by], PRESENT).groups:
                    assert number(reader, group.condition) == group.rows, group
