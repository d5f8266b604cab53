"""What a text condition looks for: a text, or several with anything between them (`svc-*-prod`)."""

from typing import NamedTuple, Self

from tokendesk.model.text import fold

WILDCARD = "*"
MAX_CHARACTERS = 1_000
"""Of a word with `*`: SQLite refuses patterns of more than 50,000 bytes, and folding may lengthen a text."""


class TextMatch(NamedTuple):
    """`parts` are folded and follow one another; a text without `*` has one. `whole`: nothing is around them."""

    parts: tuple[str, ...]
    whole: bool = False

    @classmethod
    def of_pattern(cls, text: str, *, whole: bool = False) -> Self:
        # Folded part by part: the folded form of another sign may be an asterisk.
        return cls(tuple(map(fold, text.split(WILDCARD))), whole)

    @property
    def is_plain(self) -> bool:
        return len(self.parts) == 1

    def test(self, sql: str) -> str:
        """Return the SQL that tests the folded text `sql`: true, false or NULL, with one parameter."""
        if self.is_plain:
            return f"{sql} = ?" if self.whole else f"instr({sql}, ?) > 0"
        return f"{sql} GLOB ?"

    @property
    def parameter(self) -> str:
        if self.is_plain:
            return self.parts[0]
        pattern = WILDCARD.join(map(_literal, self.parts))
        return pattern if self.whole else f"*{pattern}*"

    def fits(self, folded: str) -> bool:
        """Return whether the whole text `folded` matches."""
        first, *others = self.parts
        if not others:
            return folded == first
        *middle, last = others
        if len(folded) < len(first) + len(last) or not (folded.startswith(first) and folded.endswith(last)):
            return False
        rest = folded[len(first) : len(folded) - len(last)]
        for part in middle:
            at = rest.find(part)
            if at < 0:
                return False
            rest = rest[at + len(part) :]
        return True


def _literal(part: str) -> str:
    """Return `part` as GLOB matches it literally."""
    return part.replace("[", "[[]").replace("?", "[?]").replace(WILDCARD, "[*]")
