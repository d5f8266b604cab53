"""A large organization computes and stores nothing for records that nobody reads."""

import tracemalloc
from collections.abc import Iterator
from itertools import islice

import pytest

from tests.sandbox.conftest import practice
from tokendesk.sandbox.credential_scenario import LARGE
from tokendesk.sandbox.credential_series import Credential, CredentialSeries
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.people import People
from tokendesk.sandbox.tokens import Tokens
from tokendesk.sandbox.users import UserFilter, matching


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Notes every person made and every token slot looked at."""
    done: list[object] = []
    make_person, look_at = People.person, Tokens.lifetimes

    def person(self: People, *args: object) -> object:
        done.append(args)
        return make_person(self, *args)  # type: ignore[arg-type]

    def lives(self: Tokens, *args: object) -> object:
        done.append(args)
        return look_at(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(People, "person", person)
    monkeypatch.setattr(Tokens, "lifetimes", lives)
    yield done


@pytest.fixture
def chains(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Notes every slot of a key, service-account token or OAuth client looked at."""
    done: list[int] = []
    look_at = CredentialSeries.chain

    def chain(self: CredentialSeries, slot: int) -> Iterator[Credential]:
        done.append(slot)
        return look_at(self, slot)

    monkeypatch.setattr(CredentialSeries, "chain", chain)
    yield done


def large() -> Organization:
    return practice(users=150_000, tokens=50_000, credentials=LARGE)


def test_a_large_organization_costs_no_memory() -> None:
    tracemalloc.start()
    try:
        organization = large()
        found, after = matching(organization, UserFilter({"claimStatus": "managed"}), 0, 100)
        page = [organization.person(i) for i in found]
        held = [organization.token(life) for _, life in islice(organization.living(), 100)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(page), len(held), after) == (100, 100, 100)
    assert peak < 2_000_000


def test_starting_computes_no_record(work: list[object]) -> None:
    large()
    assert work == []


def test_a_page_computes_what_it_serves(work: list[object]) -> None:
    organization = large()
    list(islice(organization.living(position=30_000 << 8), 100))
    assert len(work) <= 101


def test_a_lookup_computes_one_record(work: list[object]) -> None:
    organization = large()
    person = organization.person(149_999)
    assert person.email
    work.clear()
    assert organization.find_person(person.account_id) == person
    assert organization.find_email(person.email) == person
    assert len(work) == 2


def test_the_tokens_of_a_person_are_found_without_a_search(work: list[object]) -> None:
    organization = large()
    life = next(islice(organization.living(position=40_000 << 8), 1))[1]
    owner = organization.tokens.holders.owner(life.slot)
    work.clear()
    assert life in organization.tokens_of(owner)
    assert len(work) < 20


def test_every_token_of_a_large_organization_lives() -> None:
    assert large().count_living() == 50_000


def test_starting_computes_no_credential(chains: list[int]) -> None:
    assert large().credentials.sizes == LARGE
    assert chains == []


def test_a_page_of_credentials_computes_what_it_serves(chains: list[int]) -> None:
    organization = large()
    list(islice(organization.credentials.tokens.listed(organization.seconds(), position=2_000 << 8), 50))
    assert len(chains) <= 60


def test_the_tokens_of_a_service_account_are_found_without_a_search(chains: list[int]) -> None:
    organization = large()
    assert list(organization.credentials.tokens_of(700, organization.seconds()))
    assert len(chains) < 40


def test_credentials_are_counted_once_as_long_as_none_comes_or_goes(chains: list[int]) -> None:
    organization = large()
    now = organization.seconds()
    assert organization.credentials.tokens.count(now) == LARGE.service_tokens
    chains.clear()
    assert organization.credentials.tokens.count(now + 1) == LARGE.service_tokens
    assert chains == []
