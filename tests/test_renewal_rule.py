"""When one thing surely renews another, and when somebody has to say so."""

from itertools import product

import pytest

from tokendesk.model.renewal import Life, find_renewals
from tokendesk.model.timestamps import DAY

NOW = 1_000 * DAY
WINDOW = 60 * DAY


def life(record: str, label: str = "job 2025", **fields: object) -> Life:
    """Return one that was used daily until 10 days ago and ends in 20; a new one began then."""
    first = {"old": NOW - 345 * DAY, "new": NOW - 10 * DAY}.get(record.partition(" ")[0], NOW - 10 * DAY)
    is_old = record.startswith("old")
    known: dict[str, object] = {
        "created": first, "ends": NOW + 20 * DAY if is_old else first + 360 * DAY,
        "last_used": NOW - 10 * DAY if is_old else NOW, "seen_at": NOW, "owner": "bo",
    }  # fmt: skip
    return Life(record, "token", label, **(known | fields))  # type: ignore[arg-type]


def pairs(old: list[Life], new: list[Life]) -> list[tuple[str, str]]:
    found = find_renewals(old, new, WINDOW, lambda each: 2 * DAY)
    return [(pair.old.record, pair.new.record) for pair in found.sure]


def offered(old: list[Life], new: list[Life]) -> dict[str, list[str]]:
    found = find_renewals(old, new, WINDOW, lambda each: 2 * DAY)
    return {record: [each.record for each in lives] for record, lives in found.offers.items()}


@pytest.mark.parametrize("label", ["job 2025", "job 2026", "JOB", "job v2", "new job", "job (new)", "Job-v3 2026"])
def test_a_label_may_differ_by_year_version_and_newness(label: str) -> None:
    assert pairs([life("old")], [life("new", label)]) == [("old", "new")]


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (life("new", "other"), "another label"),
        (life("new", "job 7"), "a number may tell two apart"),
        (life("new", owner="al"), "another owner"),
        (life("new", owner=None), "nobody knows the owner"),
        (life("new", scopes='["read"]'), "other scopes"),
        (life("new", last_used=None), "never used"),
        (life("new", created=NOW - 20 * DAY), "made long before the use moved"),
        (life("new", created=NOW - 5 * DAY), "made long after the use ended"),
        (life("new", created=NOW + 25 * DAY, last_used=NOW + 26 * DAY), "made after the end"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_unsure_is_offered_at_most(new: Life, why: str) -> None:
    assert pairs([life("old", scopes='["read", "write"]')], [new]) == []


def test_silence_counts_only_as_long_as_somebody_looked() -> None:
    stale = life("old", seen_at=NOW - 9 * DAY)
    assert pairs([stale], [life("new")]) == []
    assert offered([stale], [life("new")]) == {"old": ["new"]}
    assert pairs([life("old", seen_at=None)], [life("new")]) == []


def test_silence_after_the_end_tells_nothing() -> None:
    ended = life("old", ends=NOW - 9 * DAY, gone_at=NOW - 8 * DAY)
    assert pairs([ended], [life("new")]) == []


def test_a_revocation_before_the_end_tells_as_much_as_silence() -> None:
    revoked = life("old", gone_at=NOW - 9 * DAY, seen_at=NOW - 9 * DAY)
    assert pairs([revoked], [life("new")]) == [("old", "new")]


def test_without_a_rhythm_nothing_is_sure() -> None:
    assert find_renewals([life("old")], [life("new")], WINDOW, lambda each: None).sure == ()


def test_of_two_that_began_then_none_is_sure_whatever_its_label() -> None:
    for label in ("job 2026", "other"):
        both = [life("new"), life("new too", label)]
        assert pairs([life("old")], both) == []
        assert sorted(offered([life("old")], both)["old"]) == ["new", "new too"]


def test_of_two_that_fell_silent_none_is_sure() -> None:
    assert pairs([life("old"), life("old too")], [life("new")]) == []


def test_the_pairs_of_a_chain_come_with_the_oldest_first() -> None:
    middle = life("new", last_used=NOW - 5 * DAY, ends=NOW + 25 * DAY)
    last = life("newest", created=NOW - 5 * DAY)
    assert pairs([middle, life("old")], [last, middle]) == [("old", "new"), ("new", "newest")]


def test_a_frequent_label_is_not_offered_across_owners() -> None:
    many = [life(f"new {number}", owner=f"owner {number}") for number in range(50)]
    assert offered([life("old")], many) == {}
    assert offered([life("old")], many[:3]) == {"old": ["new 0", "new 1", "new 2"]}


def test_nothing_has_two_successors_or_two_predecessors() -> None:
    old = [life(f"old {owner} {number}", owner=owner) for owner, number in product("ab", range(3))]
    new = [life(f"new {owner} {number}", owner=owner) for owner, number in product("ab", range(3))]
    for some_old, some_new in product(range(7), range(7)):
        found = pairs(old[:some_old], new[:some_new])
        assert len({one for one, _ in found}) == len({other for _, other in found}) == len(found)
