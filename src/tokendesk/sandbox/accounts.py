"""The accounts of the practice organization: kinds, ids and e-mail addresses, and how to look them up.

Accounts have two numbers: the *rank*, where each kind is a contiguous range, and the *index*, the order in which the
API returns them. A shuffle maps one to the other, so no list is needed.
"""

import re
from collections.abc import Iterator
from enum import Enum

from tokendesk.sandbox.names import CULTURES, LATIN, SERVICES, Culture, slug
from tokendesk.sandbox.seeded_random import Ids, Permutation, SeededRandom

HOME, CONTRACTING, PARTNERS = "example.com", "contractors.example.org", "partners.example.org"
_EMAIL = re.compile(r"([a-z-]+?)(?:\.([a-z-]+))?-?(\d*)@([a-z.]+)")


_OTHER_CULTURES_REMAINDER = 5  # of ranks divided by twelve: these accounts have a name from outside the Latin pool


class Kind(Enum):
    ADMIN = "admin"
    EXECUTIVE = "executive"
    INTEGRATION = "integration"  # an ordinary account used for a job, already in the policy for such accounts
    SERVICE = "service"  # the same, but still in the default policy
    CONTRACTOR = "contractor"
    LEAVER = "leaver"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    NO_EMAIL = "no e-mail"
    PERSON = "person"
    GUEST = "guest"  # not managed: in directories, but not in any authentication policy


def _sizes(users: int) -> dict[Kind, int]:
    """How many of each kind; at 1,204 users: 3, 12, 14, 21, 48, 60, 2, 3, 2, and 1,039 people."""
    sizes = {
        Kind.ADMIN: min(users, 3),
        Kind.EXECUTIVE: users // 100,
        Kind.INTEGRATION: users // 86,
        Kind.SERVICE: users // 55,
        Kind.CONTRACTOR: users // 25,
        Kind.LEAVER: users // 20,
        Kind.SUSPENDED: users // 600,
        Kind.CLOSED: users // 400,
        Kind.NO_EMAIL: users // 600,
    }
    sizes[Kind.PERSON] = users - sum(sizes.values())
    sizes[Kind.GUEST] = users // 100
    return sizes


class _Names:
    """The name pairs of some cultures in shuffled order; once all are used, they are numbered."""

    def __init__(self, cultures: tuple[Culture, ...], seed: int) -> None:
        self._cultures = cultures
        self._pairs = sum(c.pairs for c in cultures)
        self._order = Permutation(self._pairs, seed, "names")

    def person(self, ordinal: int) -> tuple[str, str, str]:
        """Return the full name, the nickname, and the local part of the e-mail address."""
        lap, place = divmod(ordinal, self._pairs)
        pair = self._order(place)
        for culture in self._cultures:
            if pair < culture.pairs:
                break
            pair -= culture.pairs
        name, nickname, local = culture.person(pair)
        return name, nickname, f"{local}{lap + 1 if lap else ''}"

    def ordinals(self, given: str, family: str, lap: int) -> Iterator[int]:
        base = 0
        for culture in self._cultures:
            pair = culture.pair(given, family)
            if pair is not None:
                yield lap * self._pairs + self._order.inverse(base + pair)
            base += culture.pairs


class Accounts:
    def __init__(self, seed: int, users: int) -> None:
        self.users = users
        self.sizes = _sizes(users)
        self.total = users + self.sizes[Kind.GUEST]
        self._seed = seed
        self._ids = Ids(seed, "account")
        self._order = Permutation(users, seed, "accounts")
        self._first: dict[Kind, int] = {}
        first = 0
        for kind, size in self.sizes.items():
            self._first[kind] = first
            first += size
        self._latin = _Names((LATIN,), seed)
        self._others = _Names(CULTURES, seed)
        self._service_order = Permutation(len(SERVICES), seed, "services")

    def _rank(self, index: int) -> int:
        return self._order.inverse(index) if index < self.users else index

    def place(self, index: int) -> tuple[Kind, int]:
        """Return the kind of an account and its number within the kind."""
        rank = self._rank(index)
        for kind, first in reversed(self._first.items()):
            if rank >= first and self.sizes[kind]:
                return kind, rank - first
        raise IndexError(index)

    def index(self, kind: Kind, ordinal: int) -> int:
        rank = self._first[kind] + ordinal
        return self._order(rank) if rank < self.users else rank

    def account_id(self, index: int) -> str:
        # Accounts from before 2018 carry the older prefix.
        return ("557058:" if index % 5 == 3 else "712020:") + self._ids.uuid(index)

    def find_id(self, account_id: str) -> int | None:
        """Return the index of an account id, or None."""
        index = self._ids.payload(account_id[7:])
        if index is None or index >= self.total or self.account_id(index) != account_id:
            return None
        return index

    def names(self, index: int) -> tuple[str, str, str | None]:
        """Return full name, nickname and e-mail address; closed accounts have none of them."""
        kind, ordinal = self.place(index)
        if kind is Kind.CLOSED:
            return "Former user", "Former user", None
        if kind in (Kind.INTEGRATION, Kind.SERVICE):
            lap, service = self._service(kind, ordinal)
            name = SERVICES[service]
            again = f"-{lap + 1}" if lap else ""
            return name + again, name, f"{_service_slug(name)}{again}@{HOME}"
        rank = self._rank(index)
        twelfth, rest = divmod(rank, 12)
        if rest == _OTHER_CULTURES_REMAINDER:
            name, nickname, local = self._others.person(twelfth)
        else:
            name, nickname, local = self._latin.person(twelfth * 11 + rest - (rest > _OTHER_CULTURES_REMAINDER))
        if kind is Kind.NO_EMAIL:
            return name, nickname, None
        domain = {Kind.CONTRACTOR: CONTRACTING, Kind.GUEST: PARTNERS}.get(kind, HOME)
        return name, nickname, f"{local}@{domain}"

    def find_email(self, email: str) -> int | None:
        """Return the index of an address, ignoring case, or None."""
        email = email.lower()
        match = _EMAIL.fullmatch(email)
        if match is None:
            return None
        given, family, number, _ = match.groups()
        lap = int(number) - 1 if number else 0
        if family is None:
            return self._find_service(email, given, lap)
        candidates = [ordinal * 12 + _OTHER_CULTURES_REMAINDER for ordinal in self._others.ordinals(given, family, lap)]
        for ordinal in self._latin.ordinals(given, family, lap):
            twelfth, rest = divmod(ordinal, 11)
            candidates.append(twelfth * 12 + rest + (rest >= _OTHER_CULTURES_REMAINDER))
        for rank in candidates:
            if 0 <= rank < self.total:
                index = self._order(rank) if rank < self.users else rank
                if self.names(index)[2] == email:
                    return index
        return None

    def _service(self, kind: Kind, ordinal: int) -> tuple[int, int]:
        if kind is Kind.SERVICE:
            ordinal += self.sizes[Kind.INTEGRATION]
        lap, service = divmod(ordinal, len(SERVICES))
        return lap, self._service_order(service)

    def _find_service(self, email: str, local: str, lap: int) -> int | None:
        service = _SERVICE_SLUGS.get(local)
        if service is None:
            return None
        ordinal = lap * len(SERVICES) + self._service_order.inverse(service)
        integrations = self.sizes[Kind.INTEGRATION]
        kind = Kind.INTEGRATION if ordinal < integrations else Kind.SERVICE
        ordinal -= integrations if kind is Kind.SERVICE else 0
        if not 0 <= ordinal < self.sizes[kind]:
            return None
        index = self.index(kind, ordinal)
        return index if self.names(index)[2] == email else None

    def random(self, purpose: str, index: int) -> SeededRandom:
        return SeededRandom(self._seed, purpose, index)


def _service_slug(name: str) -> str:
    return "-".join(slug(word) for word in name.split())


_SERVICE_SLUGS = {_service_slug(name): i for i, name in enumerate(SERVICES)}
