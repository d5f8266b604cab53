"""The tokens of a triage in their order, where one stands in it, and what comes next."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence


class Queue:
    """`groups`: why, and the ids of the tokens for which that is so; the order stays as it is while one decides."""

    def __init__(self, groups: Sequence[tuple[str, Sequence[str]]], decided: Mapping[str, str]) -> None:
        self._why = {token: why for why, ids in groups for token in ids}
        self.ids: list[str] = list(self._why)
        self._place = {token: place for place, token in enumerate(self.ids)}
        self.decided: Mapping[str, str] = decided
        self.skipped: set[str] = set()
        self.at: str | None = None
        """The id of the token on the card; None at the end."""

    def why(self) -> str:
        return self._why[self.at] if self.at is not None else ""

    @property
    def place(self) -> int:
        """The place of the card in the order, from 1 on."""
        return self._place[self.at] + 1 if self.at is not None else len(self.ids)

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
        self.at = token
        return True

    def step(self, step: int) -> bool:
        """Go on or back in the order, whatever was decided; False at its ends."""
        place = self._place[self.at] + step if self.at is not None else len(self.ids) + step
        if not 0 <= place < len(self.ids):
            return False
        self.at = self.ids[place]
        return True

    def go_on(self) -> bool:
        """Go to the next token that is neither decided nor skipped, from here on and then from the start."""
        start = self._place[self.at] + 1 if self.at is not None else 0
        for token in (*self.ids[start:], *self.ids[:start]):
            if token not in self.decided and token not in self.skipped:
                self.at = token
                return True
        self.at = None
        return False

    def begin(self, last: str | None, skipped: Collection[str]) -> None:
        """Take up where it was left: at the token `last` if that is still open, else at the first open one."""
        self.skipped = {token for token in skipped if token in self._place and token not in self.decided}
        if last is not None and last in self._place and last not in self.decided:
            self.at = last
        elif not self.go_on() and self.skipped:
            # All others are done: the skipped ones are what is left.
            self.skipped = set()
            self.go_on()
