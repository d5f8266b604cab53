"""Computes the lives of API keys, service-account tokens and OAuth clients: created, used, renewed, gone.

A slot is one credential at the anchor, or one created later; its successors are the next generations of the slot.
The number of a credential is `generation * slots + slot`. Times are whole seconds since 1970, UTC.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum

from tokendesk.sandbox.credential_labels import another_label, renewed_label
from tokendesk.sandbox.rhythm import DAY, HOUR, Rhythm
from tokendesk.sandbox.seeded_random import Ids, SeededRandom

FAR = 1 << 40
_MOST_GENERATIONS = 64
_GENERATION_BITS = 8
_LATER_PER_INITIAL = 3  # slots for credentials created after the anchor, for each one at the anchor
_PER_YEAR = 5  # one new credential a year for this many at the anchor, besides successors


class Renewal(Enum):
    """What happens when a credential nears its end."""

    IN_TIME = "in time"  # a successor with the same or a similar label, before the end
    LATE = "late"  # the same after the end: nothing could be done in between
    RENAMED = "renamed"  # a successor in time whose label has nothing in common
    MOVED = "moved"  # a successor in time that belongs to somebody else
    LAPSED = "lapsed"  # no successor


_DRAWN = (
    *[Renewal.IN_TIME] * 62,
    *[Renewal.LATE] * 10,
    *[Renewal.RENAMED] * 10,
    *[Renewal.MOVED] * 6,
    *[Renewal.LAPSED] * 12,
)
"""What happens to a hundred credentials that are in use."""


@dataclass(frozen=True, slots=True)
class CredentialRole:
    """The first credential of a slot, and what becomes of it.

    `owner` is a number whose meaning the list knows, `next_owner` the one that a moved successor gets.
    `period`: seconds between two uses, 0 for one that is never used; the first use is from `used_from` on, by default
    soon after the creation, the last one before `used_until`.
    """

    label: str
    owner: int
    scopes: tuple[str, ...]
    created: int
    days: int = 365
    period: int = DAY
    used_from: int = 0
    used_until: int = FAR
    next_owner: int | None = None
    renewal: Renewal | None = None  # of each generation; None: by chance
    keeps_label: bool = False
    overlaps: bool = False  # whether its successor is older than the organization
    replaces: str | None = None  # the id of a credential of another list


@dataclass(frozen=True, slots=True)
class Credential:
    number: int
    slot: int
    generation: int
    label: str
    owner: int
    created: int
    ends: int
    used_from: int
    used_before: int = 0


class CredentialSeries:
    """The credentials of one list: `initial` at the anchor, and those that came later."""

    def __init__(self, kind: str, seed: int, anchor: int, initial: int, role: Callable[[int], CredentialRole]) -> None:
        self._name = f"{seed}/{kind}"
        self._ids = Ids(seed, kind)
        self._anchor = anchor
        self.role = role
        self.initial = initial
        self.slots = initial * (1 + _LATER_PER_INITIAL)
        self._pace = 365 * DAY * _PER_YEAR // max(1, initial)
        self._counted = (0, 0, 0)  # from, until, how many

    # Which there are

    def chain(self, slot: int) -> Iterator[Credential]:
        """Yield the generations of a slot, oldest first, without regard to the present."""
        part = self.role(slot)
        life: Credential | None = self._first(slot, part)
        while life is not None:
            heir = self._heir(life, part)
            stop = min(life.ends, part.used_until, heir.used_from if heir else FAR)
            yield replace(life, used_before=stop)
            life = heir

    def listed(self, now: int, position: int = 0) -> Iterator[tuple[int, Credential]]:
        """Yield the credentials that a list shows, each with the position after it."""
        slot, generation = position >> _GENERATION_BITS, position & (1 << _GENERATION_BITS) - 1
        for each in range(slot, self._opened(now)):
            for life in self.listed_in(each, now):
                if each > slot or life.generation >= generation:
                    yield (each << _GENERATION_BITS) + life.generation + 1, life

    def listed_in(self, slot: int, now: int) -> Iterator[Credential]:
        for life in self.chain(slot):
            if life.created > now:
                return
            if life.ends > now:
                yield life

    def count(self, now: int) -> int:
        """Return how many are listed; counted again only after one was created or ended."""
        start, until, found = self._counted
        if not start <= now < until:
            found, until = 0, FAR
            # One slot more than are open tells when the next credential is due.
            for slot in range(min(self._opened(now) + 1, self.slots)):
                for life in self.chain(slot):
                    if life.created > now:
                        until = min(until, life.created)
                        break
                    if life.ends > now:
                        until = min(until, life.ends)
                        found += 1
            self._counted = (now, until, found)
        return found

    def _opened(self, now: int) -> int:
        later = (now - self._anchor) // self._pace + 1
        return min(self.slots, self.initial + max(0, later))

    # What they are

    def id(self, number: int) -> str:
        return self._ids.uuid(number)

    def find(self, credential_id: str) -> Credential | None:
        """Return a credential of the past, present or future by its id."""
        number = self._ids.payload(credential_id)
        if number is None or not self.slots or self.id(number) != credential_id:
            return None
        generation, slot = divmod(number, self.slots)
        if generation >= _MOST_GENERATIONS:
            return None
        return next((life for life in self.chain(slot) if life.generation == generation), None)

    def predecessor_of(self, credential_id: str) -> str | None:
        """Return the id of the credential that this one really replaces; None where it replaces none."""
        life = self.find(credential_id)
        if life is None:
            return None
        return self.id(life.number - self.slots) if life.generation else self.role(life.slot).replaces

    def last_use(self, life: Credential, now: int) -> int | None:
        period = self.role(life.slot).period
        if not period:
            return None
        name = f"{self._name}/use/{life.slot}"
        base = self._anchor - SeededRandom(name).randint(60, period - 1)
        return Rhythm(life.used_from, life.used_before, base, period, period // 10, name).last(now)

    # How they go on

    def _first(self, slot: int, part: CredentialRole) -> Credential:
        created = part.created
        if slot >= self.initial:
            rng = SeededRandom(self._name, "later", slot)
            created = self._anchor + (slot - self.initial) * self._pace + rng.randrange(self._pace)
        return Credential(
            slot,
            slot,
            0,
            part.label,
            part.owner,
            created,
            _end_of(created, part.days),
            part.used_from or created + HOUR,
        )

    def _renewal(self, life: Credential, part: CredentialRole) -> Renewal:
        if part.renewal:
            return part.renewal
        if not part.period or part.used_until < FAR:
            return Renewal.LAPSED
        renewal = SeededRandom(self._name, "renewal", life.slot, life.generation).choice(_DRAWN)
        if renewal is Renewal.MOVED and part.next_owner in (None, life.owner):
            return Renewal.IN_TIME
        return renewal

    def _heir(self, life: Credential, part: CredentialRole) -> Credential | None:
        renewal = self._renewal(life, part)
        if renewal is Renewal.LAPSED or life.generation + 1 == _MOST_GENERATIONS:
            return None
        rng = SeededRandom(self._name, "heir", life.slot, life.generation)
        if renewal is Renewal.LATE:
            created = life.ends + rng.randint(2 * HOUR, 9 * DAY)
        else:
            created = life.ends - rng.randint(2 * DAY, min(40, part.days // 3) * DAY)
            if not (life.generation or part.overlaps) and life.slot < self.initial:
                created = max(created, self._anchor + rng.randint(HOUR, DAY))
            if part.overlaps and not life.generation:
                created = min(created, self._anchor - rng.randint(4, 12) * DAY)
        used_from = created + rng.randint(HOUR // 2, HOUR if rng.chance(60) else 30 * HOUR)
        number, generation = life.number + self.slots, life.generation + 1
        owner = part.next_owner if renewal is Renewal.MOVED and part.next_owner is not None else life.owner
        label = life.label
        if renewal is Renewal.RENAMED:
            label = another_label(label, rng)
        elif not part.keeps_label:
            label = renewed_label(label, datetime.fromtimestamp(created, UTC).year, rng)
        return Credential(number, life.slot, generation, label, owner, created, _end_of(created, part.days), used_from)


def _end_of(created: int, days: int) -> int:
    """Return a midnight within this many days after the creation."""
    return (created + days * DAY) // DAY * DAY
