"""The facts of the details lead to the rows that they are about."""

from collections.abc import Iterator

import pytest

from tests.practice import NOW
from tests.views.records_made import Records
from tokendesk.model.text import printable
from tokendesk.views.details import details
from tokendesk.views.facts import Fact, Section
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

SECOND = int(NOW.timestamp())
OF_THE_ROW = ("", "Note", "Use", "Findings")
"""The sections whose facts are about the row itself."""
OF_ANOTHER = (
    ("credentials", "account"),
    *((pane, name) for pane in ("tokens", "credentials") for name in ("replaces", "renewed by", "maybe by")),
)
"""The facts among these that name another row, each with its pane."""


@pytest.fixture(scope="module")
def reader(told: tuple[Reader, Records]) -> Reader:
    return told[0]


def leading(reader: Reader, pane: str) -> Iterator[tuple[int, Section, Fact, Query]]:
    for row_id in reader.ids(Query(pane), SECOND):
        found = details(reader, pane, row_id, SECOND)
        assert found
        for section in filter(lambda section: section.facts, found.sections):
            for fact in (Fact(section.title, "", leads=section.leads), *section.facts):
                if fact.leads is not None:
                    yield row_id, section, fact, fact.leads


@pytest.mark.parametrize("pane", ["tokens", "users", "policies", "changes", "credentials"])
def test_every_fact_leads_to_rows_and_to_its_own_among_them(reader: Reader, pane: str) -> None:
    found: dict[Query, set[int]] = {}
    names = set()
    for row_id, section, fact, query in leading(reader, pane):
        if query not in found:
            found[query] = set(reader.ids(query, SECOND))
        names.add(fact.name)
        assert found[query], (fact, query)
        if query.pane == pane and section.title in OF_THE_ROW:
            assert (row_id in found[query]) != ((pane, fact.name) in OF_ANOTHER), (fact, query)
        if section.title == "Other tokens":
            assert row_id not in found[query], (fact, query)
    assert names


def test_a_number_of_a_policy_leads_to_as_many_rows(reader: Reader) -> None:
    numbers = [
        (len(reader.ids(query, SECOND)), fact)
        for _, _, fact, query in leading(reader, "policies")
        if fact.name in ("users", "tokens", "allowed", "blocked")
    ]
    assert len(numbers) > 5
    for number, fact in numbers:
        assert f"{number:,}" == fact.value, fact


def test_an_owner_a_policy_and_a_finding_lead_where_they_say(reader: Reader) -> None:
    seen = set()
    for row_id, _, fact, query in leading(reader, "tokens"):
        row = reader.row("tokens", row_id, SECOND)
        assert row
        if fact.name == "owner":
            users = [reader.row("users", user, SECOND) for user in reader.ids(query, SECOND)]
            assert [user["account_id"] for user in users if user] == [row["owner_id"]]
        elif fact.name == "policy" and query.pane == "users":
            assert row["user"] in reader.ids(query, SECOND)
        elif finding := next((f for f in row["findings"] if f.title == fact.name), None):
            assert query == Query("tokens", filter=f"is:{finding.name}")
        elif fact.name == "status":
            assert printable(row["status"]) in fact.value
            assert query.filter == f"status:={row['status']}"
        else:
            continue
        seen.add(fact.name)
    assert {"owner", "policy", "status"} < seen
