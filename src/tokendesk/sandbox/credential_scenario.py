"""The service accounts, API keys and OAuth clients of the practice organization, and who made them.

The first ones tell a story; larger organizations have more, each computed from its number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from tokendesk.sandbox.accounts import Accounts, Kind
from tokendesk.sandbox.credential_labels import job_label, job_name
from tokendesk.sandbox.credential_series import FAR, CredentialRole, Renewal
from tokendesk.sandbox.rhythm import DAY, HOUR
from tokendesk.sandbox.seeded_random import SeededRandom

_WEEK = 7 * DAY
_TWINS = 30  # percent of the tokens that are created later and replace none
_YEARS = 1 << 14
"""Days: an OAuth client has no end unless somebody deletes it."""


class ServiceAccount(NamedTuple):
    name: str
    description: str
    active: bool = True
    of_leaver: bool = False  # whether its creator has left


ACCOUNTS = (
    ServiceAccount("Deploy gate", "Asks Jira whether a change may go out"),
    ServiceAccount("Wiki publisher", "Writes the API reference into Confluence"),
    ServiceAccount("Retired importer", "", active=False),
    ServiceAccount("Job runner", "Took over from the user account of the same name"),
    ServiceAccount("triage-agent", "", of_leaver=True),
    ServiceAccount("Restore check", "Restores a page of each space from the backup"),
    ServiceAccount("Meeting notes", "Files the minutes of the change board"),
    ServiceAccount("Next job runner", "Takes over from the user account of the same name"),
)
MOVED, MOVING = 3, 7
"""The service accounts that take over the job of a user account, and its name: before the anchor, and after it."""


class _Story(NamedTuple):
    """`age`: days at the anchor; `period`: seconds between two uses; `idle`: days since the last use."""

    label: str
    owner: int
    age: int
    scopes: tuple[str, ...]
    period: int = DAY
    idle: int = 0
    renewal: Renewal | None = None
    keeps_label: bool = False
    overlaps: bool = False


_AGENT = ("read:jira-work", "write:jira-work", "write:page:confluence", "delete:page:confluence")
TOKENS = (
    _Story("deploy gate prod", 0, 61, ("read:jira-work",), 2 * HOUR, renewal=Renewal.IN_TIME),
    _Story("publisher", 1, 133, ("write:page:confluence", "read:page:confluence")),
    _Story("publisher staging", 1, 133, ("write:page:confluence",), _WEEK),
    _Story("job runner", MOVED, 0, ("read:jira-work",)),
    _Story("agent", 4, 214, _AGENT, HOUR, renewal=Renewal.LATE),
    _Story("restore check 2025", 5, 352, ("read:page:confluence",), renewal=Renewal.IN_TIME, overlaps=True),
    _Story("minutes", 6, 290, ("write:page:confluence",), _WEEK, idle=100),
    _Story("next job runner", MOVING, 5, ("read:jira-work",)),
)
OWN_SCOPES = (
    "read:orgs:admin", "read:directories:admin", "read:tokens:admin", "read:keys:admin",
    "read:service-accounts:admin", "read:service-accounts-tokens:admin", "write:policies:admin", "read:events:admin",
)  # fmt: skip
_KEY_SCOPES = ("read:events:admin", "read:orgs:admin", "read:domains:admin")
_SCOPES = ("read:jira-work", "write:jira-work", "read:page:confluence", "write:page:confluence")
_ADMIN, _LEAVER = 0, -1
KEYS = (
    _Story("tokendesk (reads and moves)", _ADMIN, 30, OWN_SCOPES, renewal=Renewal.IN_TIME, keeps_label=True),
    _Story("tokendesk (revokes, without scopes)", _ADMIN, 2, (), renewal=Renewal.IN_TIME, keeps_label=True),
    _Story("SIEM export", 1, 344, ("read:events:admin",)),
    _Story("admin scripts", _LEAVER, 0, (), idle=20),
)
_WEB, _MACHINE = ("authorization_code", "refresh_token"), ("client_credentials",)
CLIENTS = (
    _Story("Status dashboard", -1, 700, ("read:jira-work", "read:jira-user")),
    _Story("Publisher app", 1, 120, ("write:page:confluence",), HOUR),
    _Story("Old chat bot", -1, 1100, ("read:jira-work", "write:jira-work"), idle=400),
    _Story("Agent runtime", 4, 214, _AGENT, HOUR),
)
"""An owner of -1: no service account."""


@dataclass(frozen=True, slots=True)
class CredentialSizes:
    """How many there are when the organization begins."""

    keys: int = len(KEYS)
    service_accounts: int = len(ACCOUNTS)
    service_tokens: int = len(TOKENS)
    oauth_clients: int = len(CLIENTS)

    def __post_init__(self) -> None:
        if min(self.keys, self.service_accounts, self.service_tokens, self.oauth_clients) < 0:
            raise ValueError("the number of credentials cannot be negative")


LARGE = CredentialSizes(keys=20, service_accounts=1_000, service_tokens=3_000, oauth_clients=200)


class MovedJob(NamedTuple):
    """The job of a user account that a service account takes over.

    `created`: when its token is made, and `used_from`: when it is first used, in seconds since 1970.
    """

    name: str
    label: str
    token_id: str
    created: int
    used_from: int
    scopes: tuple[str, ...]


class CredentialRoles:
    """Who has which credential, by slot. Owners of keys are indexes of accounts, those of others service accounts."""

    def __init__(
        self,
        seed: int,
        anchor: int,
        sizes: CredentialSizes,
        accounts: Accounts,
        left_at: int,
        moved: Mapping[int, MovedJob],
    ) -> None:
        self._seed = seed
        self._anchor = anchor
        self.sizes = sizes
        self._accounts = accounts
        self._left_at = left_at
        self._moved = moved
        self._story_accounts = min(sizes.service_accounts, len(ACCOUNTS))
        self._other_accounts = sizes.service_accounts - self._story_accounts

    def account(self, number: int) -> ServiceAccount:
        if number >= len(ACCOUNTS):
            other = number - len(ACCOUNTS)
            return ServiceAccount(job_name(other), f"Job {other + 1}" if other % 3 else "", of_leaver=other % 40 == 7)
        account = ACCOUNTS[number]
        job = self._moved.get(number)
        return account._replace(name=job.name) if job else account

    # Service accounts' tokens

    def token(self, slot: int) -> CredentialRole:
        if slot < min(self.sizes.service_tokens, len(TOKENS)):
            role = self._of_story(TOKENS[slot], TOKENS[slot].owner % self.sizes.service_accounts)
            job = self._moved.get(TOKENS[slot].owner)
            return _taking_over(job, role.owner) if job else role
        owner = self._owner_of_token(slot)
        role = self._generated("token", slot, self.sizes.service_tokens, owner, self._successor_of(owner))
        return replace(role, label=self._twin_label(slot, owner) or role.label)

    def _twin_label(self, slot: int, owner: int) -> str | None:
        """Return the label of another token of the account, which some later tokens have though they replace none."""
        if slot < self.sizes.service_tokens or not SeededRandom(self._seed, "twin", slot).chance(_TWINS):
            return None
        roles = (self.token(other) for other in self.token_slots(owner, self.sizes.service_tokens))
        return next((role.label for role in roles if role.owner == owner), None)

    def token_slots(self, account: int, slots: int) -> list[int]:
        """Return the slots whose tokens a service account may have, of `slots`."""
        sizes = self.sizes
        of_story = min(sizes.service_tokens, len(TOKENS))
        found = list(range(of_story))
        for owner in {account, self._predecessor_of(account)}:
            if self._other_accounts and owner >= self._story_accounts:
                found += range(of_story + owner - self._story_accounts, sizes.service_tokens, self._other_accounts)
            elif not self._other_accounts and sizes.service_accounts:
                found += range(of_story + owner, sizes.service_tokens, sizes.service_accounts)
            if sizes.service_accounts:
                found += range(sizes.service_tokens + owner, slots, sizes.service_accounts)
        return sorted(set(found))

    def _owner_of_token(self, slot: int) -> int:
        sizes, of_story = self.sizes, min(self.sizes.service_tokens, len(TOKENS))
        if slot >= sizes.service_tokens:
            return (slot - sizes.service_tokens) % sizes.service_accounts
        if self._other_accounts:
            return self._story_accounts + (slot - of_story) % self._other_accounts
        return (slot - of_story) % sizes.service_accounts

    def _successor_of(self, account: int) -> int:
        """Return the service account that gets the moved successors of this one's tokens."""
        return (account + 1) % self.sizes.service_accounts

    def _predecessor_of(self, account: int) -> int:
        return (account - 1) % max(1, self.sizes.service_accounts)

    # Keys and OAuth clients

    def key(self, slot: int) -> CredentialRole:
        if slot < min(self.sizes.keys, len(KEYS)):
            key = KEYS[slot]
            if key.owner == _LEAVER and (leaver := self.leaver()) is not None:
                role = self._of_story(key, leaver)
                return replace(role, created=self._left_at - 60 * DAY, period=_WEEK)
            return self._of_story(key, self.admin(max(0, key.owner)))
        return self._generated("key", slot, self.sizes.keys, self.admin(slot), self.admin(slot + 1))

    def admin(self, number: int) -> int:
        """Return the index of an account that creates keys; -1 in an organization without users."""
        admins = self._accounts.sizes[Kind.ADMIN]
        return self._accounts.index(Kind.ADMIN, number % admins) if admins else -1

    def leaver(self) -> int | None:
        """Return the index of the admin who has left; None in small organizations."""
        return self._accounts.index(Kind.LEAVER, 0) if self._accounts.sizes[Kind.LEAVER] else None

    def creator(self, account: int) -> int:
        """Return the index of the account that made a service account."""
        leaver = self.leaver() if self.account(account).of_leaver else None
        return self.admin(account) if leaver is None else leaver

    def client(self, slot: int) -> CredentialRole:
        sizes = self.sizes
        if slot < min(sizes.oauth_clients, len(CLIENTS)):
            story = CLIENTS[slot]
            owner = story.owner if story.owner < sizes.service_accounts else -1
            return replace(self._of_story(story, owner), days=_YEARS)
        owner = slot % sizes.service_accounts if sizes.service_accounts and slot % 2 else -1
        return self._generated("client", slot, sizes.oauth_clients, owner, None)

    # All of them

    def _of_story(self, story: _Story, owner: int) -> CredentialRole:
        return CredentialRole(
            story.label, owner, story.scopes, self._anchor - story.age * DAY, period=story.period,
            used_until=self._anchor - story.idle * DAY if story.idle else FAR,
            renewal=story.renewal, keeps_label=story.keeps_label, overlaps=story.overlaps,
        )  # fmt: skip

    def _generated(self, kind: str, slot: int, initial: int, owner: int, next_owner: int | None) -> CredentialRole:
        rng = SeededRandom(self._seed, "role of", kind, slot)
        offered = _KEY_SCOPES if kind == "key" else _SCOPES
        days = rng.choice((1000, 1000, _YEARS) if kind == "client" else (365, 365, 365, 180, 90))
        created = self._anchor - rng.randint(DAY, (min(days, 1500) - 4) * DAY)
        habit = rng.randrange(20)
        period = 0 if habit == 0 else rng.choice((HOUR, DAY, DAY, _WEEK))
        idle = rng.randint(35, 120) * DAY
        used_until = max(created + 2 * HOUR, self._anchor - idle) if 1 <= habit < 4 and slot < initial else FAR
        label, scopes = job_label(slot, rng), offered[: rng.randint(1, len(offered))]
        return CredentialRole(
            label, owner, scopes, created, days, period, used_until=used_until, next_owner=next_owner
        )  # fmt: skip


def _taking_over(job: MovedJob, owner: int) -> CredentialRole:
    return CredentialRole(
        job.label, owner, job.scopes, job.created, used_from=job.used_from, renewal=Renewal.IN_TIME,
        replaces=job.token_id,
    )  # fmt: skip


def grant_types(owner: int) -> tuple[str, ...]:
    """Return how an OAuth client signs in: for itself where it belongs to a service account."""
    return _MACHINE if owner >= 0 else _WEB
