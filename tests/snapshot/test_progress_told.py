"""What a pull says while it goes on: each list grows to its total, and never beyond."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.practice import organization, serving_access
from tests.running.trouble import Trouble
from tests.snapshot.broken_off import Breaking, breaking, pull_into
from tokendesk.running.access import ApiAccess
from tokendesk.snapshot.progress import Progress

USERS, TOKENS = 1_204, 300


@pytest.fixture(scope="module")
def served() -> Iterator[Breaking]:
    with breaking(organization(USERS, TOKENS)) as found:
        yield found


def told(home: Path, access: ApiAccess | None, **options: bool) -> dict[str, list[Progress]]:
    """Pull, and return what was said of each list."""
    assert access
    said: list[Progress] = []
    pull_into(home, access, report=said.append, **options)
    return {name: [each for each in said if each.what == name] for name in {each.what for each in said}}


@pytest.mark.parametrize("at", [0, 14, 20])
def test_users_are_counted_once_though_owners_come_twice(at: int, served: Breaking, tmp_path: Path) -> None:
    if at:
        served.refuse(tmp_path, at)
    said = told(tmp_path, served.access)
    assert [each.done for each in said["users"]] == sorted(each.done for each in said["users"])
    assert {each.total for each in said["users"]} == {USERS}
    assert said["users"][-1].done == USERS
    assert said["policies"][-1].done == USERS


def test_a_quick_pull_says_each_response_about_owners(served: Breaking, tmp_path: Path) -> None:
    said = told(tmp_path, served.access, tokens_only=True)
    owners = [each.done for each in said["owners"]]
    assert len(owners) == (owners[-1] - 1) // 100 + 1 > 1
    assert said["owners"][-1].total == owners[-1]
    assert said["policies"][-1].done == said["policies"][-1].total


@pytest.mark.parametrize("tokens_only", [False, True])
def test_policies_that_cannot_be_read_are_not_waited_for(tokens_only: bool, tmp_path: Path) -> None:
    def refuse(line: str, _: int) -> int | None:
        return 403 if line == "POST bulk-fetch" else None

    with serving_access(organization(USERS, TOKENS), Trouble(refuse)) as access:
        said: list[Progress] = []
        pull_into(tmp_path, access, report=said.append, tokens_only=tokens_only)
    last = [each for each in said if each.what == "policies"][-1]
    assert last.done == last.total
    paces = [each.pace for each in said if each.pace]
    assert all(pace.expected is None or pace.answers <= pace.expected for pace in paces)
    latest = paces[-1]
    assert latest.expected == latest.answers
    assert latest.seconds_left is None
