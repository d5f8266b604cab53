"""How far the renewal of something is, in plain Python: for organizations whose history tells no rhythms."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from tests.practice import NOW
from tests.views.filters_made import DAY, Record

PRESENT = int(NOW.timestamp())
NEAR, RECENT = 60 * DAY, 30 * DAY
"""What ends or ended within the first is due for renewal, if it was used within the second before its end."""

States = dict[tuple[str, str], str]
"""By what it is about, token or credential, and its record; without those that are not due."""


class Ending(NamedTuple):
    """`gone_at`: when a pull first missed it. `noted`: what its note says of the renewal."""

    ends: int | None
    used: int | None
    gone_at: int | None = None
    noted: str | None = None
    renewed: bool = False

    def state(self) -> str | None:
        """Return None if no renewal is due."""
        if self.used is None or not self._is_near():
            return None
        over = min(moment for moment in (self.ends, self.gone_at) if moment is not None)
        last = self.ends if self.gone_at is None and self.ends is not None else self.gone_at
        if self.renewed and last is not None and self.used > last - NEAR - RECENT:
            return "renewed"
        if self.used <= min(PRESENT, over) - RECENT:
            return None
        if self.noted == "lapse":
            return "lapse"
        return "ended" if over <= PRESENT else self.noted or "not-asked"

    def _is_near(self) -> bool:
        if self.gone_at is not None:
            return self.gone_at > PRESENT - NEAR and (self.ends is None or self.ends <= PRESENT + NEAR)
        return self.ends is not None and abs(self.ends - PRESENT) < NEAR


def states(
    records: Mapping[str, Mapping[str, Record]],
    notes: Mapping[str, Mapping[str, Record]],
    changes: Mapping[str, Record],
    uses_of_gone: Mapping[str, int],
) -> States:
    """Return the states of all that is listed or went; `uses_of_gone`: what the history knows of the latter."""
    endings: dict[tuple[str, str], Ending] = {}
    for change in changes.values():
        if change["kind"][0] in ("gone", "expired"):
            about, key, before = str(change["_subject"][0]), str(change["id"][0]), change["before"][0]
            ends = int(datetime.fromisoformat(before).timestamp()) if isinstance(before, str) else None
            endings[about, key] = Ending(ends, uses_of_gone.get(key), _second(change, "at"))
    for about, pane, end in (("token", "tokens", "expires"), ("credential", "credentials", "ends")):
        for key, record in records[pane].items():
            endings[about, key] = Ending(_second(record, end), _second(record, "used"))
    replaced = {(about, note["replaces"][0]) for about, those in notes.items() for note in those.values()}
    found: States = {}
    for (about, key), ending in endings.items():
        noted = notes[about][key]["_renewal"][0] if key in notes.get(about, {}) else None
        told = ending._replace(noted=None if noted is None else str(noted), renewed=(about, key) in replaced)
        if (state := told.state()) is not None:
            found[about, key] = state
    return found


def _second(record: Record, name: str) -> int | None:
    value = record[name][0]
    return None if value is None else int(value)
