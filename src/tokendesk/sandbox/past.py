"""The days before a practice organization begins: who was moved, which tokens are gone, and what daily pulls saw.

All of it is computed from the scenario that the server answers from. The tokens that are gone are additional ones: the
organization begins with as many active tokens as it was asked for.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import NamedTuple

from tokendesk.model.records import Event
from tokendesk.sandbox.accounts import Kind
from tokendesk.sandbox.events import LAG, EventBook
from tokendesk.sandbox.formats import format_time
from tokendesk.sandbox.listed_token import org_token
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.past_credentials import PastCredential, past_credentials
from tokendesk.sandbox.rhythm import DAY, HOUR
from tokendesk.sandbox.scenario import ROLE_COUNT
from tokendesk.sandbox.seeded_random import Ids
from tokendesk.sandbox.tokens import TokenLifetime

PULLS = 60
"""One each day; the last one ten minutes before the organization begins."""
MOST_TOKENS = 500
"""Organizations with more tokens have no past: to compute it would delay the start."""
_BEFORE_ANCHOR = 600
_YEARS = range(2001, 2800)
_MOST_FORMER, _TOKENS_PER_FORMER = 6, 10

MOVING_HOLDERS = (4, 6, 7)
"""The service accounts that are moved: their jobs run once a month or quarter."""
_IDLE = "one"
"""The lives of the tokens that a run takes: rather those that ended long ago than others out of use."""
RUN_REVOKES, MOST_REVOKED_BY_RUN = 27 * DAY - 5 * HOUR, 2
RUN_MOVES = 20 * DAY - 6 * HOUR
_GONE_AT = (46 * DAY - 3 * HOUR, 33 * DAY - 7 * HOUR, 12 * DAY - 4 * HOUR, 4 * DAY - 8 * HOUR, 8 * DAY, 16 * DAY)
"""Seconds before the beginning."""


def former_tokens(tokens: int) -> int:
    """Return how many tokens are revoked before an organization begins with `tokens` active ones."""
    return min(_MOST_FORMER, tokens // _TOKENS_PER_FORMER)


def has_past(users: int, tokens: int, year: int) -> bool:
    """Whether an organization of this size, beginning in that year, gets a past."""
    return users > 0 and 0 < tokens <= MOST_TOKENS and year in _YEARS


@dataclass(frozen=True, slots=True)
class Move:
    index: int
    from_id: str
    to_id: str
    at: int


@dataclass(frozen=True, slots=True)
class Revocation:
    """`by_run`: by a run of tokendesk; otherwise by somebody else, in the console."""

    life: TokenLifetime
    at: int
    by_run: bool


class Change(NamedTuple):
    """A row of the history's changes, but for its pull."""

    kind: str
    subject: str
    record: str
    label: str
    owner: str | None
    email: str | None
    before: str | int | None = None
    after: str | int | None = None


class Past:
    """The past of an organization that was made with `former_tokens` more tokens than it is to begin with."""

    def __init__(self, organization: Organization, former: int, pulls: int = PULLS) -> None:
        self.organization = organization
        self.anchor = organization.state.anchor
        self._slots = range(organization.tokens.holders.tokens)
        self._former = self._slots[len(self._slots) - former :] if former else range(0)
        first = self.anchor - (pulls - 1) * DAY - _BEFORE_ANCHOR
        self.pulls = tuple(range(first, self.anchor, DAY))

    @cached_property
    def pull_ids(self) -> tuple[str, ...]:
        ids = Ids(self.organization.seed, "pull")
        return tuple(ids.hex(number) for number in range(len(self.pulls)))

    @cached_property
    def revocations(self) -> tuple[Revocation, ...]:
        """Return who lost which token: a run took idle ones, others are gone one by one."""
        organization = self.organization
        lives = [life for slot in self._former for life in organization.tokens.lifetimes(slot, self.anchor)]
        at = self.anchor - RUN_REVOKES
        idle = [life for life in lives if self._life(life) in _IDLE and life.created < at - DAY]
        by_run = sorted(idle, key=lambda life: _IDLE.index(self._life(life)))[:MOST_REVOKED_BY_RUN]
        others = [life for life in lives if life not in by_run]
        found = [Revocation(life, at + 40 * number, True) for number, life in enumerate(by_run)]
        found += [Revocation(life, self.anchor - ago, False) for life, ago in zip(others, _GONE_AT, strict=False)]
        return tuple(sorted(found, key=lambda each: each.at))

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        organization = self.organization
        owners = {
            organization.tokens.holders.owner(slot): None
            for slot in self.living_slots(Kind.SERVICE)
            if organization.tokens.holders.role(slot).holder in MOVING_HOLDERS
        }
        from_id, to_id = organization.policies[0].id, organization.policies[1].id
        return tuple(
            Move(index, from_id, to_id, self.anchor - RUN_MOVES)
            for index in owners
            if organization.accounts.place(index)[0] is Kind.SERVICE
        )

    def living_slots(self, kind: Kind) -> list[int]:
        """Return the slots of the first act that have a token in the end, of this kind of owner."""
        holders = self.organization.tokens.holders
        most = min(ROLE_COUNT, len(self._slots) - len(self._former))
        return [slot for slot in self._slots[:most] if holders.role(slot).kind is kind]

    def _life(self, life: TokenLifetime) -> str:
        return self.organization.tokens.holders.role(life.slot).life

    def apply(self) -> None:
        """Write the moves and revocations into the organization's state, and save it."""
        state = self.organization.state
        state.former = len(self._former)
        for move in self.moves:
            account_id = self.organization.accounts.account_id(move.index)
            state.moves.setdefault(account_id, []).append((move.to_id, move.at))
        for revocation in self.revocations:
            state.revoked[self.organization.tokens.id(revocation.life.number)] = revocation.at
        self.organization.touched()

    # What the pulls saw

    @cached_property
    def _seen(self) -> list[tuple[TokenLifetime, list[int]]]:
        """Return each token with the last use that each pull saw, -1 for none.

        A pull that did not list the token has no value: the list begins with the first that did.
        """
        organization, found = self.organization, []
        revoked = {each.life.number: each.at for each in self.revocations}
        for slot in self._slots:
            for life in organization.tokens.lifetimes(slot, self.pulls[-1]):
                gone = min(life.ends, revoked.get(life.number, life.ends))
                listed = [at for at in self.pulls if life.created <= at < gone]
                if not listed:
                    continue
                before = organization.last_use_in(life, listed[0])
                uses = [int(before.timestamp())] if before else []
                uses += organization.uses_in(life, listed[0] + 1, listed[-1] + 1)
                places = (bisect_right(uses, at) for at in listed)
                found.append((life, [uses[place - 1] if place else -1 for place in places]))
        return found

    @cached_property
    def _credentials(self) -> list[PastCredential]:
        return list(past_credentials(self.organization, self.pulls))

    def observations(self) -> Iterator[tuple[str, int, str]]:
        """Yield (id of a token or record of another credential, last use, pull id) for each use new to a pull."""
        seen = [(self.organization.tokens.id(life.number), life.created, seen) for life, seen in self._seen]
        seen += [(each.record, each.created, each.seen) for each in self._credentials]
        for record, created, uses in seen:
            known = -1
            for number, last in enumerate(uses, self._first_pull(created)):
                if last != known:
                    known = last
                    yield record, last, self.pull_ids[number]

    def _first_pull(self, created: int) -> int:
        return next(number for number, at in enumerate(self.pulls) if at >= created)

    def _ended_silences(self, created: int, seen: list[int], idle_days: int) -> Iterator[tuple[int, int, int]]:
        """Yield (number of the pull, last use or creation before, use) for what was used again after a long time."""
        for number, (before, after) in enumerate(pairwise(seen), self._first_pull(created) + 1):
            idle_since = before if before >= 0 else created
            if before != after and min(after, self.pulls[number - 1]) - idle_since > idle_days * DAY:
                yield number, idle_since, after

    def changes(self, idle_days: int) -> Iterator[tuple[int, Change]]:
        """Yield (number of the pull, change) as a comparison of each pull with the one before finds them."""
        for life, seen in self._seen:
            first = self._first_pull(life.created)
            if first:
                yield first, self._change("created", life, self.pulls[first], after="createdAt")
            for number, idle_since, after in self._ended_silences(life.created, seen, idle_days):
                yield number, self._change("used-again", life, self.pulls[number], idle_since, after)
            for number in range(first + 1, first + len(seen)):
                if self.pulls[number - 1] < life.told <= self.pulls[number]:
                    yield number, self._change("expiry", life, self.pulls[number], after="expiresAt")
            last = first + len(seen)
            if last < len(self.pulls):
                yield last, self._change(self._end(life), life, self.pulls[last - 1], before="expiresAt")
        for each in self._credentials:
            if first := self._first_pull(each.created):
                yield first, _of_credential("created", each, after=each.created_text)
            for number, idle_since, after in self._ended_silences(each.created, each.seen, idle_days):
                yield number, _of_credential("used-again", each, idle_since, after)
        for move in self.moves:
            person = self.organization.person(move.index)
            number = next(number for number, at in enumerate(self.pulls) if at >= move.at)
            yield number, Change(
                "moved-by-us", "user", person.account_id, person.name, person.name, person.email,
                move.from_id, move.to_id,
            )  # fmt: skip

    def _end(self, life: TokenLifetime) -> str:
        # None expires: each token of the past lasts beyond the beginning, unless it is revoked.
        by_run = any(each.by_run and each.life.number == life.number for each in self.revocations)
        return "revoked" if by_run else "gone"

    def _change(
        self, kind: str, life: TokenLifetime, at: int, before: str | int | None = None, after: str | int | None = None
    ) -> Change:
        """Return a change of a token; a text for `before` or `after` names a field of the listed token at that time."""
        listed = org_token(self.organization, life, at)
        before, after = (listed.get(value) if isinstance(value, str) else value for value in (before, after))
        user = listed["user"]
        return Change(
            kind, "token", listed["id"], listed["label"], user["name"], user.get("email"), before, after
        )  # fmt: skip

    def audited(self) -> Iterator[Event]:
        """Yield what was done with tokens from the first pull on, as far as the log had it by the last."""
        organization = self.organization
        account_id, token_of = cache(organization.accounts.account_id), cache(organization.token)
        for event in EventBook(organization).with_tokens(self.pulls[0], self.pulls[-1] - LAG + 1):
            if (life := event.token) is None:
                continue
            token = token_of(life)
            yield Event(
                event.id, str(format_time(event.time)), event.action, account_id(event.actor),
                token.id, token.label, event.ip, (event.product,),
            )  # fmt: skip


def _of_credential(
    kind: str, each: PastCredential, before: str | int | None = None, after: str | int | None = None
) -> Change:
    return Change(kind, "credential", each.record, each.label, each.owner, each.email, before, after)
