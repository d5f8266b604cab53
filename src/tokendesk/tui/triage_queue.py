"""The order of tokens in a triage, the current one, and the next."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence


class TriageQueue:
    """`groups`: reason and token ids of each group. The order does not change during a triage."""

    def __init__(self, groups: Sequence[tuple[str, Sequence[str]]], decided: Mapping[str, str]) -> None:
        self._why = {token: why for why, ids in groups for token in ids}
        self.ids: list[str] = list(self._why)
        self._place = {token: place for place, token in enumerate(self.ids)}
        self.decided: Mapping[str, str] = decided
        self.skipped: set[str] = set()
        self.current: str | None = None
        """The id of the token on the card; None at the end."""

    def why(self) -> str:
        return self._why[self.current] if self.current is not None else ""

    @property
    def place(self) -> int:
        """The position of the current token, from 1."""
        return self._place[self.current] + 1 if self.current is not None else len(self.ids)

    @property
    def count_decided(self) -> int:
        return sum(token in self.decided for token in self.ids)

    def counts(self) -> Counter[str]:
        return Counter(self.decided[token] for token in self.ids if token in self.decided)

    @property
    def count_skipped(self) -> int:
        return sum(token not in self.decided for token in self.skipped)

    def go_to(self, token: str | None) -> bool:
        if token is None or token not in self._place:
            return False
        self.current = token
        return True

    def step(self, step: int) -> bool:
        """Move in the order, regardless of decisions; False at its ends."""
        place = self._place[self.current] + step if self.current is not None else len(self.ids) + step
        if not 0 <= place < len(self.ids):
            return False
        self.current = self.ids[place]
        return True

    def advance(self) -> bool:
        """Go to the next token neither decided nor skipped, and wrap around at the end."""
        start = self._place[self.current] + 1 if self.current is not None else 0
        for token in (*self.ids[start:], *self.ids[:start]):
            if token not in self.decided and token not in self.skipped:
                self.current = token
                return True
        self.current = None
        return False

    def begin(self, last: str | None, skipped: Collection[str]) -> None:
        """Resume at token `last` if it is undecided, else at the first undecided one."""
        self.skipped = {token for token in skipped if token in self._place and token not in self.decided}
        if last is not None and last in self._place and last not in self.decided:
            self.current = last
        elif not self.advance() and self.skipped:
            # Only skipped tokens are left.
            self.skipped = set()
            self.advance()
