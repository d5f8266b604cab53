"""Describes how often a token is used, for the details."""

from collections.abc import Sequence
from dataclasses import dataclass

from tokendesk.history.token_uses import pull_times, replaced_tokens, replacement_chain, token_uses
from tokendesk.model.usage_rhythm import Rhythm, bar_edges, bars, describe_evidence, describe_outlook, find_rhythm
from tokendesk.views import leads
from tokendesk.views.facts import Fact
from tokendesk.views.reader import Reader, Row

_BARS = 14


@dataclass(frozen=True, slots=True)
class TokenRhythm:
    """A rhythm and its evidence. `before`: the number of predecessors included."""

    rhythm: Rhythm
    uses: Sequence[int]
    pulls: Sequence[int]
    before: int

    def chart(self, now: int) -> tuple[str, str]:
        """Return the bars of the latest uses, and the unit of one bar."""
        unit, edges = bar_edges(self.rhythm.cadence, now, _BARS)
        return bars(self.uses, self.pulls, edges), unit

    def facts(self, now: int) -> tuple[Fact, ...]:
        """Return the lines of the details: none for a token without known uses."""
        if not self.uses:
            return ()
        drawn, unit = self.chart(now)
        words = describe_outlook(self.rhythm, now)
        late = "warn" if self.rhythm.next_at is not None and not self.rhythm.inside(now) else ""
        seen = f"{describe_evidence(self.rhythm)}; a bar is a {unit}"
        if self.before:
            seen += f"; with the {'token' if self.before == 1 else f'{self.before} tokens'} it took over from"
        alike = leads.any_of("tokens", "rhythm", [self.rhythm.cadence])
        rhythm = Fact("rhythm", f"{drawn}  {self.rhythm.cadence}", leads=alike)
        said = (Fact("", words, late),) if words else ()
        return (rhythm, *said, Fact("", seen, "dim"))


def rhythm_of(reader: Reader, row: Row) -> TokenRhythm:
    """Return the rhythm of the token of `row`, from the current history."""
    replaces = replaced_tokens(reader.db) if row["replaces"] else {}
    tokens = replacement_chain(row["token_id"], replaces)
    uses, pulls = token_uses(reader.db, tokens, "history"), pull_times(reader.db, "history")
    return TokenRhythm(find_rhythm(uses, pulls), uses, pulls, len(tokens) - 1)
