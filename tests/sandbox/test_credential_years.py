"""Three years of renewals by the clock: the lists, their pages, and what really replaced what."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.conftest import ANCHOR, Clock, Visitor, practice, visiting
from tests.sandbox.credential_lists import identity, listed
from tokendesk.sandbox.credential_scenario import CredentialSizes

DAYS, STEP = 3 * 365, 10
SIZES = CredentialSizes(keys=12, service_accounts=30, service_tokens=120, oauth_clients=20)
LISTS = {
    "user token": "api-tokens",
    "key": "api-keys",
    "token": "service-accounts/api-tokens",
    "client": "oauth-clients",
}


@dataclass(slots=True)
class Seen:
    """A credential as the lists showed it at first and at last."""

    kind: str
    first: dict[str, Any]
    last: dict[str, Any]
    first_at: datetime
    last_at: datetime

    def time(self, name: str) -> datetime | None:
        value = self.last.get(name)
        return datetime.fromisoformat(value) if value else None

    @property
    def created(self) -> datetime:
        return datetime.fromisoformat(self.first["createdAt"])

    @property
    def label(self) -> str:
        text: str = self.first.get("label", self.first.get("clientName", ""))
        return text

    @property
    def owner(self) -> Any:
        item = self.first
        return item.get("serviceAccountId") or item.get("user", item.get("createdBy", {}))["id"]


@dataclass
class Years:
    visitor: Visitor
    seen: dict[str, Seen] = field(default_factory=dict)
    counts: list[int] = field(default_factory=list)
    predecessors: dict[str, str | None] = field(default_factory=dict)

    def look(self, now: datetime) -> None:
        for kind, path in LISTS.items():
            items = listed(self.visitor, path, pageSize=30)
            assert len({identity(item) for item in items}) == len(items)
            for item in items:
                known = self.seen.setdefault(identity(item), Seen(kind, item, item, now, now))
                known.last, known.last_at = item, now
            if kind == "key":
                self.counts.append(len(items))
                assert self.visitor.call("GET", f"{self.visitor.access}/api-keys/count") == len(items)

    def renewals(self, *kinds: str) -> list[tuple[Seen, Seen]]:
        """Return (old, new) for each credential that replaces one that was seen."""
        pairs = ((self.predecessors[new_id], new) for new_id, new in self.seen.items() if new.kind in kinds)
        return [(self.seen[old_id], new) for old_id, new in pairs if old_id in self.seen]


@pytest.fixture(scope="module")
def years() -> Iterator[Years]:
    clock = Clock()
    organization = practice(clock, users=300, tokens=160, credentials=SIZES)
    with visiting(organization) as visitor:
        found = Years(visitor)
        while clock.now < ANCHOR + timedelta(days=DAYS):
            found.look(clock.now)
            clock.now += timedelta(days=STEP)
        found.predecessors = {each: organization.predecessor_of(each) for each in found.seen}
        yield found


def test_what_begins_and_ends_does_so_in_the_lists(years: Years) -> None:
    for each in years.seen.values():
        assert each.created <= each.first_at
        assert each.first_at == ANCHOR or each.created > each.first_at - timedelta(days=STEP)
        ends = each.time("expiresAt")
        assert each.kind == "client" or ends is not None
        if ends is not None:
            assert each.last_at < ends <= each.created + timedelta(days=365)
        used = each.time("lastActiveAt") or each.time("lastUsedAt")
        assert used is None or each.created <= used <= each.last_at


def test_nothing_changes_in_a_credential_but_its_use(years: Years) -> None:
    for each in years.seen.values():
        for name, value in each.first.items():
            assert name in ("lastActiveAt", "lastUsedAt", "status") or each.last[name] == value


def test_nothing_is_replaced_twice(years: Years) -> None:
    replaced = [old for old in years.predecessors.values() if old]
    assert len(set(replaced)) == len(replaced)
    assert all(years.seen[old].created < years.seen[new].created for new, old in years.predecessors.items() if old)


def test_what_was_replaced_is_no_longer_used_after_the_switch(years: Years) -> None:
    switched = 0
    for old, new in years.renewals("user token", "key", "token"):
        used, starts = old.time("lastActiveAt"), new.first.get("lastActiveAt")
        if used is not None and starts is not None:
            assert used <= datetime.fromisoformat(starts)
            switched += used > new.created
    assert switched > 20


@pytest.mark.parametrize(("kinds", "most"), [(("key", "token"), 25), (("user token",), 20)])
def test_most_renewals_are_in_time_and_some_late(years: Years, kinds: tuple[str, ...], most: int) -> None:
    pairs = [(old, new) for old, new in years.renewals(*kinds) if old.kind == new.kind]
    leads = [((old.time("expiresAt") or new.created) - new.created).days for old, new in pairs]
    late = [lead for lead in leads if lead < 0]
    assert len(leads) > 60
    assert 3 <= len(late) <= len(leads) * most // 100
    assert min(leads) >= -10
    assert max(leads) <= 40


@pytest.mark.parametrize(("kinds", "alike"), [(("key", "token"), 70), (("user token",), 70)])
def test_most_labels_stay_or_change_a_little(years: Years, kinds: tuple[str, ...], alike: int) -> None:
    told = Counter(bool(set(old.label.split()) & set(new.label.split())) for old, new in years.renewals(*kinds))
    assert told[False] >= 3
    assert told[True] >= sum(told.values()) * alike // 100


def test_some_jobs_go_to_another_account(years: Years) -> None:
    owners = Counter((old.kind, old.owner == new.owner) for old, new in years.renewals("key", "token"))
    assert owners["user token", False] == 2
    assert owners["token", False] >= 3
    assert owners["key", False] >= 1
    assert owners["token", True] > 5 * owners["token", False]


def test_some_lapse_and_others_are_new(years: Years) -> None:
    replaced = set(years.predecessors.values())
    end = ANCHOR + timedelta(days=DAYS - 20)
    for kind in LISTS:
        mine = {each: seen for each, seen in years.seen.items() if seen.kind == kind}
        ended = [each for each, seen in mine.items() if seen.last_at < end]
        assert any(each not in replaced for each in ended), kind
        later = [each for each, seen in mine.items() if seen.first_at > ANCHOR]
        assert any(years.predecessors[each] is None for each in later), kind


def test_some_that_replace_nothing_have_the_label_of_another(years: Years) -> None:
    tokens = {each: seen for each, seen in years.seen.items() if seen.kind == "token"}
    older = {(seen.owner, seen.label) for seen in tokens.values() if seen.first_at == ANCHOR}
    new = [seen for each, seen in tokens.items() if seen.first_at > ANCHOR and years.predecessors[each] is None]
    assert any((seen.owner, seen.label) in older for seen in new)
    assert any((seen.owner, seen.label) not in older for seen in new)


def test_the_keys_of_tokendesk_keep_their_labels(years: Years) -> None:
    labels = Counter(seen.label for seen in years.seen.values() if seen.kind == "key")
    assert labels["tokendesk (reads and moves)"] >= 3
    assert labels["tokendesk (revokes, without scopes)"] >= 3


def test_the_number_of_credentials_stays_about_the_same(years: Years) -> None:
    assert SIZES.keys * 0.7 < min(years.counts)
    assert max(years.counts) < SIZES.keys * 2


def test_ids_that_nobody_has_replace_nothing(years: Years) -> None:
    for text in ("", "nobody", "0" * 32, years.visitor.organization.id):
        assert years.visitor.organization.predecessor_of(text) is None
