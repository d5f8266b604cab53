from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.needs import needs_modes
from tests.sandbox.conftest import ANCHOR, Clock, practice
from tokendesk.sandbox.accounts import Kind
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.people import Person
from tokendesk.sandbox.tokens import Token


def people(organization: Organization) -> list[Person]:
    return [organization.person(i) for i in range(organization.users)]


def tokens(organization: Organization) -> list[Token]:
    return [organization.token(life) for _, life in organization.living()]


def idle(organization: Organization, token: Token) -> timedelta | None:
    last = organization.last_use(token.number)
    return None if last is None else organization.now() - last


def story(organization: Organization) -> Counter[str]:
    """Count what the findings will say about an organization."""
    told: Counter[str] = Counter()
    for token in tokens(organization):
        told["tokens"] += 1
        rest = idle(organization, token)
        if rest is None:
            told["never used"] += 1
        elif rest <= timedelta(days=30):
            told["in use"] += 1
        elif rest > timedelta(days=90):
            told["idle"] += 1
        if token.expires is None:
            told["no expiry"] += 1
        elif token.expires - organization.seconds() < 30 * 86_400:
            told["expiring"] += 1
            told["expiring in use"] += rest is not None and rest <= timedelta(days=30)
            told["expiring within a week"] += token.expires - organization.seconds() < 7 * 86_400
        owner = organization.person(token.owner)
        told["owner deactivated"] += owner.deactivated is not None
        policy = organization.policy(organization.policy_of(token.owner))
        told[policy.name if policy else "?"] += 1
    return told


def test_the_same_seed_makes_the_same_organization() -> None:
    one, two = practice(seed=5), practice(seed=5)
    assert people(one) == people(two)
    assert tokens(one) == tokens(two)
    assert (one.id, one.policies) == (two.id, two.policies)
    assert [one.last_use(t.number) for t in tokens(one)] == [two.last_use(t.number) for t in tokens(two)]


def test_another_seed_makes_another_organization() -> None:
    one, two = practice(seed=5), practice(seed=6)
    assert one.id != two.id
    assert not {p.account_id for p in people(one)} & {p.account_id for p in people(two)}


@pytest.mark.parametrize("seed", [1, 2, 77])
def test_the_default_organization_tells_the_story(seed: int) -> None:
    assert story(practice(seed=seed)) == {
        "tokens": 82,
        "Default": 68,
        "Integrations": 11,
        "Contractors": 2,
        "Executives": 1,
        "in use": 20,
        "idle": 23,
        "never used": 9,
        "expiring": 4,
        "expiring within a week": 2,
        "expiring in use": 2,
        "owner deactivated": 3,
    }


@pytest.mark.parametrize("day", ["2026-01-03", "2026-07-31", "2027-03-01", "2028-02-29", "2030-12-31"])
def test_the_story_is_nearly_the_same_on_any_day(day: str) -> None:
    anchor = datetime.fromisoformat(day).replace(tzinfo=UTC)
    told = story(Organization(anchor=anchor, now=Clock(anchor)))
    assert (told["tokens"], told["never used"], told["expiring"], told["owner deactivated"]) == (82, 9, 4, 3)
    assert 18 <= told["in use"] <= 25
    assert 23 <= told["idle"] <= 28


def test_some_people_own_several_tokens_and_one_owns_nine() -> None:
    owners = Counter(t.owner for t in tokens(practice()))
    assert sorted(owners.values())[-4:] == [3, 3, 4, 9]


def test_the_default_organization_has_all_kinds_of_people() -> None:
    everybody = people(practice())
    kinds = Counter(p.kind for p in everybody)
    assert len(everybody) == 1204
    assert kinds[Kind.LEAVER] == 60
    assert kinds[Kind.INTEGRATION] + kinds[Kind.SERVICE] == 35
    assert kinds[Kind.ADMIN] == 3
    assert [p.email for p in everybody].count(None) == kinds[Kind.CLOSED] + kinds[Kind.NO_EMAIL] == 5
    assert any("\u0590" < c < "\u06ff" for p in everybody for c in p.name), "nobody writes from right to left"
    assert any("\u4e00" < c < "\u9fff" for p in everybody for c in p.name)


def test_addresses_are_unique_and_lead_nowhere() -> None:
    emails = [p.email.lower() for p in people(practice(users=20_000)) if p.email]
    assert len(set(emails)) == len(emails)
    assert {e.partition("@")[2] for e in emails} == {"example.com", "contractors.example.org"}


def test_ids_and_addresses_lead_back_to_their_people() -> None:
    organization = practice(users=3_000)
    for person in people(organization):
        assert organization.accounts.find_id(person.account_id) == person.index
        if person.email:
            assert organization.accounts.find_email(person.email.upper()) == person.index


@pytest.mark.parametrize("text", ["", "712020:", "nobody", "712020:" + "0" * 32, "x" * 39])
def test_a_strange_id_is_nobodys(text: str) -> None:
    organization = practice()
    assert organization.find_person(text) is None
    assert organization.find_token(text) is None


@pytest.mark.parametrize("text", ["", "@", "a.b@example.com", "svc-jenkins-99@example.com", "a@b@c", "é.x@example.com"])
def test_a_strange_address_is_nobodys(text: str) -> None:
    assert practice().find_email(text) is None


def test_token_ids_lead_back_to_their_tokens() -> None:
    organization = practice(tokens=500)
    for token in tokens(organization):
        life = organization.find_token(token.id)
        assert life is not None and life.number == token.number
        assert token.number in [held.number for held in organization.tokens_of(token.owner)]


def test_labels_are_as_hard_as_those_people_write() -> None:
    labels = [t.label for t in tokens(practice())]
    for label in ("", "[/markup]", "[bold red]x", "=1+1", '=HYPERLINK("http://x.example","y")'):
        assert label in labels
    assert max(map(len, labels)) == 255
    assert any("\x1b[" in label for label in labels)
    assert any("\n" in label and "\t" in label for label in labels)
    assert len(set(labels)) < len(labels)
    assert not any("\0" in label for label in labels)


def test_scopes_are_a_list_or_empty_or_absent() -> None:
    scopes = [t.scopes for t in tokens(practice())]
    assert None in scopes
    assert () in scopes
    assert any(scopes)


def test_no_living_token_breaks_todays_rules() -> None:
    organization = practice(tokens=2_000)
    for token in tokens(organization):
        assert token.created > organization.seconds() - 366 * 86_400
        assert token.expires is not None
        assert organization.seconds() < token.expires <= token.created + 365 * 86_400


def test_the_older_clock_plays_the_older_story() -> None:
    anchor = datetime(2025, 8, 22, tzinfo=UTC)
    organization = Organization(anchor=anchor, now=Clock(anchor))
    told = story(organization)
    assert (told["tokens"], told["idle"], told["never used"]) == (82, 23, 9)
    assert told["no expiry"] > 20
    rests = [rest for t in tokens(organization) if (rest := idle(organization, t))]
    assert sum(timedelta(days=5 * 365) < rest < timedelta(days=7 * 366) for rest in rests) >= 10
    old = [t for t in tokens(organization) if t.created < datetime(2024, 12, 15, tzinfo=UTC).timestamp()]
    assert all(t.expires is None or t.expires < datetime(2026, 5, 13, tzinfo=UTC).timestamp() for t in old)


def test_the_old_tokens_are_gone_once_the_rules_have_changed() -> None:
    clock = Clock(datetime(2025, 8, 22, tzinfo=UTC))
    organization = Organization(anchor=clock.now, now=clock)
    clock.now = datetime(2026, 6, 1, tzinfo=UTC)
    assert all(t.expires and t.created > clock.now.timestamp() - 366 * 86_400 for t in tokens(organization))


def test_time_that_passes_brings_uses_ends_and_successors() -> None:
    clock = Clock()
    organization = practice(clock)
    before = {t.number: t for t in tokens(organization)}
    uses = {number: organization.last_use(number) for number in before}
    clock.now += timedelta(days=92)
    after = {t.number: t for t in tokens(organization)}
    gone, new = before.keys() - after.keys(), after.keys() - before.keys()
    assert gone
    assert all((before[n].expires or 0) <= organization.seconds() for n in gone)
    slots = organization.tokens.holders.slots
    heirs = [n for n in new if n >= slots]
    assert heirs
    assert len(new) > len(heirs)
    for number in heirs:
        assert after[number].owner == before[number % slots].owner
        late = after[number].created - (before[number % slots].expires or 0)
        assert -13 * 86_400 < late < 9 * 86_400
    assert any(organization.last_use(n) != uses[n] for n in before.keys() & after.keys())


def test_the_uses_of_a_year_agree_with_the_last_use() -> None:
    organization = practice(tokens=200)
    for token in tokens(organization):
        life = organization.tokens.lifetime(token.number)
        assert life is not None
        end = int(ANCHOR.timestamp())
        uses = [datetime.fromtimestamp(use, UTC) for use in organization.uses_in(life, end - 365 * 86_400, end + 1)]
        assert uses == sorted(uses)
        last = organization.last_use(token.number)
        if last is None or last > ANCHOR - timedelta(days=365):
            assert (uses[-1] if uses else None) == last
        assert all(use.timestamp() >= token.created for use in uses)


def test_a_blocking_policy_ends_the_use_of_its_members_tokens() -> None:
    clock = Clock()
    organization = practice(clock)
    default = organization.policies[0].id
    organization.set_blocking(default, True)
    blocked_at = clock.now
    clock.now += timedelta(days=20)
    in_default = [t for t in tokens(organization) if organization.policy_of(t.owner) == default]
    assert all((organization.last_use(t.number) or blocked_at) <= blocked_at for t in in_default)
    organization.set_blocking(default, False)
    clock.now += timedelta(days=5)
    assert any((organization.last_use(t.number) or blocked_at) > blocked_at for t in in_default)


def test_what_was_revoked_has_no_successor() -> None:
    clock = Clock()
    organization = practice(clock)
    for token in tokens(organization):
        organization.revoke(token.id)
    clock.now += timedelta(days=300)
    slots = organization.tokens.holders.slots
    assert [t for t in tokens(organization) if t.number % slots < 82] == []


def test_the_count_follows_the_list_as_time_passes() -> None:
    clock = Clock()
    organization = practice(clock)
    for _ in range(60):
        assert organization.count_living() == len(tokens(organization))
        clock.now += timedelta(days=5, hours=7)
    organization.revoke(tokens(organization)[0].id)
    assert organization.count_living() == len(tokens(organization))


@pytest.mark.parametrize(("users", "held"), [(0, 0), (1, 7), (3, 300), (50, 20), (1204, 0)])
def test_organizations_of_any_size_hold_together(users: int, held: int) -> None:
    organization = practice(users=users, tokens=held)
    assert organization.count_living() == len(tokens(organization)) == held
    assert len({p.account_id for p in people(organization)}) == users


def test_the_changes_survive_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    clock = Clock()
    organization = practice(clock, file, seed=9, users=300, tokens=40)
    token = tokens(organization)[0]
    organization.revoke(token.id)
    organization.move(7, organization.policies[2].id)
    organization.touched()
    clock.now += timedelta(days=3)
    again = Organization(seed=1, now=clock, state_file=file)
    assert (again.id, again.users, again.anchor) == (organization.id, 300, ANCHOR)
    assert again.find_token(token.id) is None
    assert again.policy_of(7) == organization.policies[2].id
    assert tokens(again) == tokens(organization)


@needs_modes
def test_the_state_file_is_private_and_alone(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    practice(state_file=file).revoke("no such token")
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 99}', '{"version": 1, "tasks": 3}'])
def test_a_file_that_holds_no_organization_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="does not hold a practice organization"):
        practice(state_file=file)
    assert file.read_text(encoding="utf-8") == text
