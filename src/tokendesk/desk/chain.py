"""Whether the entries are what was written: none edited, none missing, no desk used twice."""

import json
from collections import defaultdict
from dataclasses import dataclass

from tokendesk.desk.entries import Desk, Entry
from tokendesk.model.moments import day, parse_moment
from tokendesk.model.text import clean

_MOST_SAID = 20


@dataclass(frozen=True, slots=True)
class Chain:
    """`entries`, `desks`: how many there are. `problems`: what is wrong; `remarks`: what may well be so."""

    entries: int
    desks: int
    problems: tuple[str, ...]
    remarks: tuple[str, ...]


def check_chain(desk: Desk) -> Chain:
    """Look at every entry of this desk and of those that were taken in."""
    problems: list[str] = []
    remarks: list[str] = []
    places: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    rows = desk.rows("SELECT entry_id, desk_id, sequence, time, author, kind, payload FROM entry")
    for entry_id, *parts, payload in sorted(rows, key=lambda row: (row[1], row[2])):
        desk_id, sequence, time, author, kind = parts
        places[desk_id][sequence] += 1
        try:
            whole = Entry(desk_id, sequence, time, author, kind, json.loads(payload)).entry_id == entry_id
        except (ValueError, RecursionError):
            whole = False
        if not whole:
            when = day(parse_moment(time)) or "day unknown"
            problems.append(
                f"entry {sequence} of {_name(desk, desk_id)} ({clean(kind)}, {clean(author)}, {when}) was edited: "
                "it does not fit its id"
            )
    for desk_id, found in places.items():
        twice = sorted(place for place, count in found.items() if count > 1)
        if twice:
            problems.append(
                f"{_name(desk, desk_id)} was copied and used twice: see {_ranges(twice)}. Nothing is lost; "
                "delete one copy"
            )
        if missing := _missing(sorted(found)):
            lacks = f"of {_name(desk, desk_id)} {_ranges(missing)} {_are(missing)}"
            if desk_id == desk.desk_id:
                problems.append(f"{lacks} missing")
            else:
                remarks.append(f"{lacks} not here: only a part was imported")
    if len(problems) > _MOST_SAID:
        problems[_MOST_SAID:] = [f"and {len(problems) - _MOST_SAID:,} more"]
    return Chain(len(rows), len(places), tuple(problems), tuple(remarks))


def _name(desk: Desk, desk_id: str) -> str:
    return "this desk" if desk_id == desk.desk_id else f"desk {clean(desk_id)}"


def _missing(there: list[int]) -> list[int]:
    """Return the places that lack an entry; a huge gap only by its ends."""
    missing: list[int] = []
    before = 0
    for place in there:
        gap = range(before + 1, place)
        missing += gap if len(gap) <= 1_000 else (gap[0], gap[-1])
        before = max(before, place)
    return missing


def _ranges(places: list[int]) -> str:
    """Return `entry 4` or `entries 4, 7 to 9`."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    said = ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs[:10])
    return f"entr{'y' if len(places) == 1 else 'ies'} {said}{', …' if len(runs) > 10 else ''}"


def _are(places: list[int]) -> str:
    return "is" if len(places) == 1 else "are"
