"""The scenario of the practice organization: its tokens, their owners, and how they are used.

One act has 82 tokens; larger organizations repeat it with other people, smaller ones omit tokens. A letter is the
life of one token; a number after it means that the token expires within that many days, which is rare. Tokens of one
word have one owner.

    d daily   k on workdays   w weekly   m monthly   q after each quarter's end   i every few months
    e ended a month or two ago   o ended long ago   n never used
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tokendesk.sandbox.accounts import Accounts, Kind
from tokendesk.sandbox.seeded_random import SeededRandom

GIT, AGENT = "git", "agent"
"""The purpose of a token, if its scopes show it: Git over HTTPS, or an assistant that works for its owner."""

_ACT = (
    (Kind.INTEGRATION, "dw kq d5 d w m o i n"),
    (Kind.SERVICE, "dk d d w m m q q25 e o o"),
    (Kind.LEAVER, "o o o"),
    (Kind.CONTRACTOR, "k e"),
    (Kind.EXECUTIVE, "o"),
    (Kind.ADMIN, "wn"),
    (
        Kind.PERSON,
        "deenooiio eioo nee oie en eo oi on ie k6 w o12 e i q n m o e i o e n q o e o n e o o",
    ),
)
_USES = {
    **dict.fromkeys(
        ((Kind.PERSON, 9, "k"), (Kind.PERSON, 12, "e"), (Kind.PERSON, 18, "e"),
         (Kind.ADMIN, 0, "w"), (Kind.SERVICE, 0, "k"), (Kind.INTEGRATION, 2, "d")), GIT,
    ),
    **dict.fromkeys(
        ((Kind.PERSON, 0, "d"), (Kind.PERSON, 16, "m"), (Kind.CONTRACTOR, 0, "k"), (Kind.INTEGRATION, 3, "d")), AGENT,
    ),
}  # fmt: skip
"""By kind, owner and life: developers whose app passwords ended, their pipelines, assistants, agents."""
STEP = 37  # coprime to the length: neighbours in the list are not neighbours in the scenario


@dataclass(frozen=True, slots=True)
class TokenRole:
    """One token in an act: the kind of its owner, the owner's number within that kind, its life."""

    kind: Kind
    holder: int
    life: str
    expires_in: int  # days after the anchor, 0 for later
    use: str = ""


def _roles() -> Iterator[TokenRole]:
    for kind, words in _ACT:
        for holder, word in enumerate(words.split()):
            life, days = word.rstrip("0123456789"), word.lstrip("deikmnoqw")
            for letter in life:
                yield TokenRole(kind, holder, letter, int(days or 0), _USES.get((kind, holder, letter), ""))


ROLES = tuple(_roles())
ROLE_COUNT = len(ROLES)
HOLDERS = {kind: len(words.split()) for kind, words in _ACT}
_BACK = pow(STEP, -1, ROLE_COUNT)


class TokenHolders:
    """The owners of token slots. Slots from `tokens` on are for tokens created after the anchor."""

    def __init__(self, seed: int, accounts: Accounts, tokens: int) -> None:
        self._accounts = accounts
        self.tokens = tokens if accounts.users else 0
        # Slots are opened over time; ten years of them are enough.
        self.slots = self.tokens * 6
        self._offset = SeededRandom(seed, "cast").randrange(ROLE_COUNT)

    def place(self, slot: int) -> int:
        """Return which of the PARTS a slot has."""
        return (slot * STEP + self._offset) % ROLE_COUNT

    def role(self, slot: int) -> TokenRole:
        return ROLES[self.place(slot)]

    def _crew(self, kind: Kind) -> tuple[Kind, int]:
        """Return the kind of account for a role and how many there are: small organizations lack some kinds."""
        for candidate in (kind, Kind.PERSON, Kind.ADMIN):
            if size := self._accounts.sizes[candidate]:
                return candidate, size
        raise ValueError("an organization without users has no tokens")

    def owner(self, slot: int) -> int:
        """Return the index of the account that owns the tokens of a slot."""
        part = self.role(slot)
        kind, size = self._crew(part.kind)
        return self._accounts.index(kind, (slot // ROLE_COUNT * HOLDERS[part.kind] + part.holder) % size)

    def slots_of(self, index: int, opened: int) -> list[int]:
        """Return which of the first `opened` slots belong to an account."""
        kind, ordinal = self._accounts.place(index)
        slots = []
        for played, holders in HOLDERS.items():
            crew, size = self._crew(played)
            if crew is not kind:
                continue
            acts = -(-opened // ROLE_COUNT)
            for number in range(ordinal, acts * holders, size):
                act, holder = divmod(number, holders)
                for place, part in enumerate(ROLES):
                    if part.kind is played and part.holder == holder:
                        slot = act * ROLE_COUNT + (place - self._offset) * _BACK % ROLE_COUNT
                        if slot < opened:
                            slots.append(slot)
        return sorted(slots)

    @property
    def owning_leavers(self) -> int:
        return -(-self.tokens // ROLE_COUNT) * HOLDERS[Kind.LEAVER]
