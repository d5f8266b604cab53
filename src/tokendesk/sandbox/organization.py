"""The practice organization: users and tokens generated from a seed, and the changes made since."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from tokendesk.sandbox.accounts import Accounts, Kind
from tokendesk.sandbox.credential_scenario import CredentialSizes
from tokendesk.sandbox.credentials import Credentials
from tokendesk.sandbox.people import People, Person
from tokendesk.sandbox.rhythm import DAY
from tokendesk.sandbox.scenario import TokenHolders
from tokendesk.sandbox.seeded_random import Ids
from tokendesk.sandbox.state import State
from tokendesk.sandbox.tasks import TaskList, TaskSpeed
from tokendesk.sandbox.tokens import Token, TokenLifetime, Tokens

_START_OF_TIME = -(1 << 40)
USERS, TOKENS, SEED = 1204, 82, 1
POLICY_NAMES = ("Default", "Integrations", "Contractors", "Executives")
_POLICY_OF = {Kind.INTEGRATION: 1, Kind.CONTRACTOR: 2, Kind.EXECUTIVE: 3}
_GENERATION_BITS = 8


@dataclass(frozen=True, slots=True)
class Policy:
    id: str
    name: str


def _now() -> datetime:
    return datetime.now(UTC)


class Organization:
    """An organization of `users` managed accounts that own `tokens` active tokens at the time `anchor`.

    The same seed, sizes and anchor give the same organization. With a state file, the organization saved there
    continues, and the other arguments are ignored.
    """

    def __init__(
        self,
        seed: int = SEED,
        users: int = USERS,
        tokens: int = TOKENS,
        anchor: datetime | None = None,
        *,
        now: Callable[[], datetime] | None = None,
        state_file: Path | None = None,
        pace: TaskSpeed | None = None,
        wall: Callable[[], float] = time.time,
        credentials: CredentialSizes | None = None,
    ) -> None:
        if users < 0 or tokens < 0:
            raise ValueError("the number of users or tokens cannot be negative")
        self.now = now or _now
        moment = anchor or self.now()
        if moment.tzinfo is None:
            raise ValueError("the anchor needs a time zone")
        if state_file and state_file.exists():
            self.state = State.load(state_file)
        else:
            sizes = credentials or CredentialSizes()
            self.state = State(seed, users, tokens, int(moment.timestamp()), credentials=sizes, path=state_file)
            self.state.save()
        self.seed, self.users = self.state.seed, self.state.users
        self.anchor = datetime.fromtimestamp(self.state.anchor, UTC)
        self.name = "Acme Corp"
        ids = Ids(self.seed, "organization")
        self.id = ids.uuid(0)
        self.policies = tuple(Policy(ids.uuid(1 + i), name) for i, name in enumerate(POLICY_NAMES))
        self.directories = ((ids.uuid(100), self.name), (ids.uuid(101), "Contractors"))
        self.accounts = Accounts(self.seed, self.users)
        holders = TokenHolders(self.seed, self.accounts, self.state.tokens)
        self._people = People(self.accounts, self.anchor, holders.owning_leavers)
        self.tokens = Tokens(self.seed, self.accounts, self._people, holders, self.state.anchor)
        self.tasks = TaskList(self, pace or TaskSpeed(), wall)
        self._counted = (-1, 0, 0, 0)  # version, from, until, how many
        self.version = 0

    def seconds(self) -> int:
        return int(self.now().timestamp())

    @cached_property
    def credentials(self) -> Credentials:
        """API keys, service accounts and OAuth clients."""
        sizes = self.state.credentials
        return Credentials(self.seed, self.state.anchor, sizes, self.accounts, self._people, self.tokens)

    def touched(self) -> None:
        """Save a change of the state."""
        self.version += 1
        self.state.save()

    # People

    def roles(self, index: int) -> tuple[str, ...]:
        return self._people.roles(index)

    def person(self, index: int) -> Person:
        return self._people.person(index, self.now())

    def group_ids(self, person: Person) -> list[str]:
        return [Ids(self.seed, "group", name).uuid(0) for name in person.groups]

    def find_person(self, account_id: str) -> Person | None:
        index = self.accounts.find_id(account_id)
        return None if index is None else self.person(index)

    def find_email(self, email: str) -> Person | None:
        index = self.accounts.find_email(email)
        return None if index is None else self.person(index)

    def policy(self, policy_id: str) -> Policy | None:
        return next((p for p in self.policies if p.id == policy_id), None)

    def first_policy(self, index: int) -> str:
        kind, _ = self.accounts.place(index)
        return self.policies[_POLICY_OF.get(kind, 0)].id

    def policy_of(self, index: int) -> str:
        """Return the policy id of a managed account."""
        if self.state.moves and (steps := self.state.moves.get(self.accounts.account_id(index))):
            return steps[-1][0]
        return self.first_policy(index)

    def move(self, index: int, policy_id: str) -> None:
        """Move an account to a policy; the caller saves the change with `touched`."""
        if self.policy_of(index) != policy_id:
            steps = self.state.moves.setdefault(self.accounts.account_id(index), [])
            steps.append((policy_id, self.seconds()))

    # Token settings of policies

    def blocks(self, policy_id: str) -> bool:
        return self._settings(policy_id)[-1][0]

    def set_blocking(self, policy_id: str, blocks: bool) -> None:
        """Block or allow user API tokens in a policy, as an admin would in the console."""
        if self.policy(policy_id) is None:
            raise ValueError(f"no such policy: {policy_id}")
        self.state.blocking.setdefault(policy_id, []).append((blocks, self.seconds()))
        self.touched()

    def _settings(self, policy_id: str) -> list[tuple[bool, int]]:
        at_first: list[tuple[bool, int]] = [(False, _START_OF_TIME)]
        if policy_id == self.policies[3].id:
            at_first.append((True, self.state.anchor - 90 * DAY))
        return at_first + self.state.blocking.get(policy_id, [])

    def _blocked_spans(self, index: int) -> list[tuple[int, int]]:
        """Return when the tokens of an account were blocked: pairs of start and end (exclusive)."""
        stays: list[tuple[str, int]] = [(self.first_policy(index), _START_OF_TIME)]
        if self.state.moves:
            stays += self.state.moves.get(self.accounts.account_id(index), [])
        spans = []
        for i, (policy_id, since) in enumerate(stays):
            until = stays[i + 1][1] if i + 1 < len(stays) else -_START_OF_TIME
            settings = self._settings(policy_id)
            for k, (blocks, at) in enumerate(settings):
                end = settings[k + 1][1] if k + 1 < len(settings) else -_START_OF_TIME
                start, end = max(since, at), min(until, end)
                if blocks and start < end:
                    spans.append((start, end))
        return spans

    # Tokens

    def living(self, position: int = 0) -> Iterator[tuple[int, TokenLifetime]]:
        """Yield the active tokens in list order, each with the position after it."""
        now = self.seconds()
        slot, generation = position >> _GENERATION_BITS, position & (1 << _GENERATION_BITS) - 1
        slots = self.tokens.open_slots(now)
        while slot < slots:
            for life in self.alive_in(slot, now):
                if life.generation >= generation:
                    yield (slot << _GENERATION_BITS) + life.generation + 1, life
            slot, generation = slot + 1, 0

    def alive_in(self, slot: int, now: int) -> list[TokenLifetime]:
        lives = [life for life in self.tokens.lifetimes(slot, now) if not self.prevented(life)]
        return [life for life in lives if life.ends > now and self.revoked_at(life.number) is None]

    def prevented(self, life: TokenLifetime) -> bool:
        """Whether a token was never created: its predecessor was revoked, or its policy blocks tokens."""
        if life.created <= self.state.anchor:
            return False
        if self.state.revoked and life.generation:
            slots = self.tokens.holders.slots
            for older in range(life.slot, life.number, slots):
                revoked = self.revoked_at(older)
                if revoked is not None and revoked < life.created:
                    return True
        if not (self.state.moves or self.state.blocking):
            return False
        return any(a <= life.created < b for a, b in self._blocked_spans(self.tokens.holders.owner(life.slot)))

    def count_living(self) -> int:
        """Return how many tokens are active now; recounted only after one was created, ended, or changed."""
        now = self.seconds()
        version, start, until, count = self._counted
        if version != self.version or not start <= now < until:
            count, until = 0, -_START_OF_TIME
            # One slot more than are open tells when the next token is due.
            for slot in range(min(self.tokens.open_slots(now) + 1, self.tokens.holders.slots)):
                for life in self.tokens.lifetimes(slot):
                    if life.created > now:
                        until = min(until, life.created)
                        break
                    if life.ends > now:
                        until = min(until, life.ends)
                        count += not (self.prevented(life) or self.revoked_at(life.number))
            self._counted = (self.version, now, until, count)
        return count

    def revoked_at(self, number: int) -> int | None:
        return self.state.revoked.get(self.tokens.id(number)) if self.state.revoked else None

    def revoke(self, token_id: str) -> bool:
        """Revoke an active token; False if there is none with this id."""
        if self.find_token(token_id) is None:
            return False
        self.state.revoked[token_id] = self.seconds()
        self.touched()
        return True

    def find_token(self, token_id: str) -> TokenLifetime | None:
        """Return an active token by its id."""
        number = self.tokens.find(token_id)
        if number is None:
            return None
        lives = self.alive_in(number % self.tokens.holders.slots, self.seconds())
        return next((life for life in lives if life.number == number), None)

    def tokens_of(self, index: int) -> list[TokenLifetime]:
        now = self.seconds()
        slots = self.tokens.holders.slots_of(index, self.tokens.open_slots(now))
        return [life for slot in slots for life in self.alive_in(slot, now)]

    def predecessor_of(self, credential_id: str) -> str | None:
        """Return the id of the credential that this one really replaces; None where it replaces none.

        Both may be of any kind, and of the past, present or future.
        """
        number = self.tokens.find(credential_id)
        if number is None:
            return self.credentials.predecessor_of(credential_id)
        older = number - self.tokens.holders.slots
        return self.tokens.id(older) if older >= 0 else None

    def token(self, life: TokenLifetime) -> Token:
        return self.tokens.token(life, self.seconds())

    def last_use(self, number: int, now: datetime | None = None) -> datetime | None:
        """Return the latest use of a token at a time; None if it was not used by then."""
        life = self.tokens.lifetime(number)
        return None if life is None else self.last_use_in(life, int((now or self.now()).timestamp()))

    def last_use_in(self, life: TokenLifetime, now: int) -> datetime | None:
        spans = self._blocked_spans(self.tokens.holders.owner(life.slot))
        rhythm = self.tokens.rhythm(life)
        limit = min(now, self._revoked_from(life) - 1)
        while (use := rhythm.last(limit)) is not None:
            blocked = next((start for start, end in spans if start <= use < end), None)
            if blocked is None:
                return datetime.fromtimestamp(use, UTC)
            limit = blocked - 1
        return None

    def uses_in(self, life: TokenLifetime, start: int, end: int) -> list[int]:
        uses = self.tokens.rhythm(life).between(start, min(end, self._revoked_from(life)))
        if uses:
            spans = self._blocked_spans(self.tokens.holders.owner(life.slot))
            uses = [use for use in uses if not any(a <= use < b for a, b in spans)]
        return uses

    def _revoked_from(self, life: TokenLifetime) -> int:
        revoked = self.revoked_at(life.number)
        return -_START_OF_TIME if revoked is None else revoked
