"""Which of some records are due for renewal, and why the others are left out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tokendesk.model.renewal_states import LAPSE, NOT_ASKED, RENEWED
from tokendesk.views.reader import Reader
from tokendesk.views.renewal_reading import read_renewals

NOT_ASKED_YET = f"renewal:{NOT_ASKED}"
OPEN = f"is:renewal -renewal:{LAPSE},{RENEWED}"
"""The filter of what somebody can be asked to renew."""
_WHY = {LAPSE: "noted to lapse", RENEWED: "renewed already"}


class DueRecords(NamedTuple):
    """`left_out`: how many of the others there are, by the reason."""

    records: tuple[str, ...]
    left_out: Mapping[str, int]

    @property
    def words(self) -> str:
        """`3 left out: 2 not due for renewal, 1 renewed already.`; empty if there are none."""
        return f"{sum(self.left_out.values()):,} left out: {self._reasons}." if self.left_out else ""

    @property
    def refusal(self) -> str:
        """Says why none is due, with the next step."""
        return f"Nothing to renew here: {self._reasons}. Filter with {OPEN} to see what is due."

    @property
    def _reasons(self) -> str:
        return ", ".join(f"{count:,} {why}" for why, count in self.left_out.items())


def due_records(reader: Reader, about: str, records: Iterable[str], now: int) -> DueRecords:
    """Return those of `records` whose renewal is due and still open. `about`: token or credential."""
    states = _states(reader, about, now)
    due: list[str] = []
    left_out: Counter[str] = Counter()
    for record in records:
        state = states.get(record)
        if state is None:
            left_out["not due for renewal"] += 1
        elif state in _WHY:
            left_out[_WHY[state]] += 1
        else:
            due.append(record)
    return DueRecords(tuple(due), left_out)


def is_any_due(reader: Reader, about: str, records: Sequence[str], now: int) -> bool:
    """Return whether the renewal of any of them is due."""
    return about in ("token", "credential") and not _states(reader, about, now).keys().isdisjoint(records)


def _states(reader: Reader, about: str, now: int) -> dict[str, str]:
    read_renewals(reader.db, now)
    return dict(reader.db.execute("SELECT record, state FROM temp.renewal WHERE about = ?", (about,)).fetchall())
