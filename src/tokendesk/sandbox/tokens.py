"""Computes the life of each token from its number: when it is created, used, replaced and gone.

A slot is one token at the anchor, or one created later; its successors are the next generations of the slot.
The number of a token is `generation * slots + slot`. Times are whole seconds since 1970, UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tokendesk.sandbox.accounts import Accounts, Kind
from tokendesk.sandbox.labels import HOSTILE, label, scopes, successor_label
from tokendesk.sandbox.people import People
from tokendesk.sandbox.rhythm import DAY, HOUR, NEVER, Rhythm
from tokendesk.sandbox.scenario import ROLE_COUNT, ROLES, TokenHolders, TokenRole
from tokendesk.sandbox.seeded_random import Ids, SeededRandom

YEAR = 365 * DAY
FAR = 1 << 40
PER_YEAR = 2  # one new token a year for this many active ones, besides successors
_LEAD = 13 * DAY  # a successor is created at most this long before the end of the old token
_LATE, _RENAMED = 10, 8  # percent of the successors: created after the end, or with quite another label
MOVE_LEAD = 2 * DAY
"""How long before the end of a user token a service account takes over its job."""


def _epoch(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


# Atlassian's rules: tokens created from then on expire within a year; older ones got an expiry date later.
EXPIRY_RULE = _epoch(2024, 12, 15)
_ANNOUNCED_FROM = _epoch(2025, 3, 13)
_OLD_END_FROM, _OLD_END_DAYS = _epoch(2026, 3, 14), 59
_TODAYS_RULES = _epoch(2026, 1, 1)

_MACHINES = (Kind.INTEGRATION, Kind.SERVICE)
_QUIET = tuple(i for i, p in enumerate(ROLES) if p.kind is Kind.PERSON and p.life in "eoin" and not p.expires_in)
_AGE = {
    "d": 6,
    "k": 9,
    "w": 16,
    "m": 45,
    "q": 120,
    "n": 33,
}  # minimum age in days of a token with this life


@dataclass(frozen=True, slots=True)
class TokenLifetime:
    number: int
    slot: int
    generation: int
    created: int
    ends: int
    told: int  # since when the expiry is known: old tokens had none


@dataclass(frozen=True, slots=True)
class Token:
    number: int
    id: str
    label: str
    owner: int
    created: int
    expires: int | None
    scopes: tuple[str, ...] | None


class Tokens:
    def __init__(self, seed: int, accounts: Accounts, people: People, holders: TokenHolders, anchor: int) -> None:
        self._seed = seed
        self._accounts = accounts
        self._people = people
        self.holders = holders
        self._anchor = anchor
        self._ids = Ids(seed, "token")
        self._pace = YEAR * PER_YEAR // max(1, holders.tokens)
        self._hostile_from = SeededRandom(seed, "hostile").randrange(len(_QUIET))

    def lifetimes(self, slot: int, until: int = FAR) -> Iterator[TokenLifetime]:
        """Yield the generations of a slot created by `until`, oldest first."""
        life = self._first(slot)
        while life and life.created <= until:
            yield life
            if life.ends - _LEAD > until:
                return
            life = self._successor(life)

    def open_slots(self, now: int) -> int:
        """Return how many slots have had a token by now: new ones are opened at a constant rate."""
        if not self.holders.tokens:
            return 0
        later = (now - self._anchor) // self._pace + 1
        return min(self.holders.slots, self.holders.tokens + max(0, later))

    def lifetime(self, number: int) -> TokenLifetime | None:
        if not self.holders.slots:
            return None
        generation, slot = divmod(number, self.holders.slots)
        for life in self.lifetimes(slot):
            if life.generation == generation:
                return life
        return None

    def id(self, number: int) -> str:
        return self._ids.hex(number)

    def find(self, token_id: str) -> int | None:
        """Return the number of a token id, whether the token is active, past or future."""
        number = self._ids.payload(token_id)
        if number is None or self.id(number) != token_id or self.lifetime(number) is None:
            return None
        return number

    def token(self, life: TokenLifetime, now: int) -> Token:
        return Token(
            number=life.number,
            id=self.id(life.number),
            label=self._label(life),
            owner=self.holders.owner(life.slot),
            created=life.created,
            expires=life.ends if now >= life.told else None,
            scopes=scopes(self.holders.role(life.slot), SeededRandom(self._seed, "scopes", life.slot)),
        )

    def _label(self, life: TokenLifetime) -> str:
        slot = life.slot
        part = self.holders.role(slot)
        if part.kind is Kind.INTEGRATION and part.life != "q":
            # Created again each year with the same name, by the same owner.
            year = datetime.fromtimestamp(life.created, UTC).year
            return f"{label(part, SeededRandom(self._seed, 'job', self.holders.owner(slot), part.use))} {year}"
        rng = SeededRandom(self._seed, "label", slot)
        act, place = slot // ROLE_COUNT, self.holders.place(slot)
        text = label(part, rng)
        strange = act == 0 or (
            slot < self.holders.tokens and SeededRandom(self._seed, "hostile", act).randrange(8) == 0
        )
        if strange and place in _QUIET:
            nth = (_QUIET.index(place) + self._hostile_from) % len(_QUIET)
            text = HOSTILE[nth] if nth < len(HOSTILE) else text
        for generation in range(1, life.generation + 1):
            other = SeededRandom(self._seed, "other label", slot, generation)
            text = label(part, other) if other.chance(_RENAMED) else successor_label(text, rng)
        return text

    def _first(self, slot: int) -> TokenLifetime | None:
        part = self.holders.role(slot)
        rng = SeededRandom(self._seed, "token", slot)
        if slot >= self.holders.tokens:
            # Users who left, or whose policy blocks tokens, create no new ones.
            if part.kind in (Kind.LEAVER, Kind.EXECUTIVE):
                return None
            created = self._anchor + (slot - self.holders.tokens) * self._pace + 60 + rng.randrange(self._pace - 60)
            return TokenLifetime(slot, slot, 0, created, _end_of(created, YEAR), 0)
        created = self._anchor - self._age(slot, part, rng)
        if created >= EXPIRY_RULE and created < self._anchor - 332 * DAY and not part.expires_in:
            created = EXPIRY_RULE - rng.randint(1, 300) * DAY  # if created later, it would be gone by now
        if created < EXPIRY_RULE:
            ends = _OLD_END_FROM + rng.randrange(_OLD_END_DAYS) * DAY
            told = ends if rng.chance(25) else _ANNOUNCED_FROM + rng.randrange(330 * DAY)
            return TokenLifetime(slot, slot, 0, created, ends, told)
        if part.expires_in:
            return TokenLifetime(slot, slot, 0, created, (self._anchor // DAY + part.expires_in) * DAY, 0)
        days = rng.choice((365, 365, 365, 365, 180, 90))
        lasting = created + days * DAY > self._anchor + 32 * DAY
        return TokenLifetime(slot, slot, 0, created, _end_of(created, days * DAY if lasting else YEAR), 0)

    def _successor(self, life: TokenLifetime) -> TokenLifetime | None:
        part = self.holders.role(life.slot)
        if part.life not in "dkwmq" or part.kind in (Kind.LEAVER, Kind.EXECUTIVE) or self.moves_away(life):
            return None
        rng = SeededRandom(self._seed, "heir", life.slot, life.generation)
        if not (rng.chance(80 if part.kind in _MACHINES else 55) or part.kind is Kind.INTEGRATION):
            return None
        created = life.ends - rng.randint(DAY // 2, _LEAD - DAY)
        if life.slot < self.holders.tokens and not life.generation:
            created = max(created, self._anchor + rng.randint(HOUR, DAY))
        if rng.chance(_LATE):
            created = life.ends + rng.randint(HOUR, 8 * DAY)
        generation = life.generation + 1
        number = generation * self.holders.slots + life.slot
        return TokenLifetime(number, life.slot, generation, created, _end_of(created, YEAR), 0)

    def moves_away(self, life: TokenLifetime) -> bool:
        """Whether a service account takes over the job of a token when it ends, in place of a successor."""
        part = self.holders.role(life.slot)
        first_act = life.slot < min(ROLE_COUNT, self.holders.tokens)
        return first_act and part.kind is Kind.SERVICE and part.life == "q" and part.expires_in > 0

    def rhythm(self, life: TokenLifetime) -> Rhythm:
        """Return when a token is used: its successor takes over some hours after its creation."""
        rhythm = self._rhythm(life.slot)
        heir = self._successor(life)
        start = self._takes_over(life) if life.generation else rhythm.start
        stop = min(rhythm.stop, life.ends, self._takes_over(heir) if heir else FAR)
        if self.moves_away(life):
            stop = min(stop, life.ends - MOVE_LEAD)
        return replace(rhythm, start=start, stop=stop)

    def _takes_over(self, heir: TokenLifetime) -> int:
        return heir.created + SeededRandom(self._seed, "takes over", heir.number).randint(HOUR // 6, 6 * HOUR)

    def _gap(self, slot: int, part: TokenRole) -> int:
        """Return how many seconds before the anchor a token without regular use was last used."""
        rng = SeededRandom(self._seed, "gap", slot)
        if part.kind is Kind.LEAVER:
            kind, ordinal = self._accounts.place(self.holders.owner(slot))
            if left := self._people.deactivated(kind, ordinal):
                return self._anchor - int(left.timestamp()) + rng.randint(2 * HOUR, 40 * HOUR)
        if part.life in "ie":
            days = rng.randint(32, 86)
        elif self._anchor < _TODAYS_RULES and not part.expires_in:
            days = rng.randint(1830, 2550) if rng.chance(85) else rng.randint(95, 1500)
        else:
            days = rng.randint(95, 220 if part.expires_in else 300)
        return days * DAY - rng.randrange(DAY)

    def _age(self, slot: int, part: TokenRole, rng: SeededRandom) -> int:
        if part.expires_in and self._anchor - EXPIRY_RULE > 20 * DAY:
            return min((365 - part.expires_in) * DAY - rng.randrange(12 * HOUR), self._anchor - EXPIRY_RULE - HOUR)
        least = self._gap(slot, part) + 8 * DAY if part.life in "ieo" else _AGE[part.life] * DAY
        most = 330 * DAY
        if self._anchor < _TODAYS_RULES and (part.life == "o" or rng.chance(70)):
            least, most = (least, 3000 * DAY) if part.life == "o" else (max(least, 300 * DAY), 2900 * DAY)
        return least + rng.randrange(max(1, most - least))

    def _rhythm(self, slot: int) -> Rhythm:
        part = self.holders.role(slot)
        if part.life == "n":
            return NEVER
        first = self._first(slot)
        created = first.created if first else 0
        rng = SeededRandom(self._seed, "rhythm", slot)
        name = f"{self._seed}/use/{slot}"
        if slot >= self.holders.tokens:
            return _later_rhythm(part, created, name, rng)
        gap = self._gap(slot, part)
        last = self._anchor - gap
        if part.life == "i" or (part.life == "o" and part.kind is Kind.PERSON and rng.chance(15)):
            period = gap + gap * 3 // 10 + rng.randint(20, 90) * DAY
            return Rhythm(created, FAR, last, period, period // 5 if part.life == "i" else 0, name)
        if part.life in "eo":
            period = rng.choice((DAY, 7 * DAY, 12 * DAY))
            return Rhythm(created, last + 1, last, period, period // 10, name)
        base = self._anchor - rng.randint(HOUR // 2, (6 * DAY if part.life == "w" else DAY) - HOUR)
        return _regular(part, created, base, name, rng)


def _end_of(created: int, lifetime: int) -> int:
    return (created + lifetime) // DAY * DAY


def _later_rhythm(part: TokenRole, created: int, name: str, rng: SeededRandom) -> Rhythm:
    base = created + rng.randint(HOUR // 6, 9 * HOUR)
    if part.life == "i":
        period = rng.randint(50, 120) * DAY
        return Rhythm(created, FAR, base, period, period // 5, name)
    if part.life in "eo":
        return Rhythm(created, base + rng.randint(1, 40) * DAY, base, 2 * DAY, 4 * HOUR, name)
    return _regular(part, created, base, name, rng)


def _regular(part: TokenRole, created: int, base: int, name: str, rng: SeededRandom) -> Rhythm:
    machine = part.kind in _MACHINES
    wobble = 2 * HOUR if not machine else 90
    if part.life == "m":
        return Rhythm(created, FAR, base, DAY, wobble, name, month_day=rng.randint(1, 28))
    if part.life == "q":
        return Rhythm(created, FAR, base, DAY, wobble, name, quarter_day=rng.randint(1, 10))
    period = 7 * DAY if part.life == "w" else DAY
    return Rhythm(created, FAR, base, period, wobble, name, workdays=part.life == "k")
