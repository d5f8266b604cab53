"""Checks the entries: none edited, none missing, no desk used twice."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nsmallest
from itertools import groupby

from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.entry import id_of
from tokendesk.desk.telling import describe_wrong_clocks
from tokendesk.model.text import printable
from tokendesk.model.timestamps import day, parse_timestamp

_MOST_SAID = 20


@dataclass(frozen=True, slots=True)
class Chain:
    """`entries`, `desks`: their numbers. `problems`: errors; `remarks`: findings that may be fine; `clocks`: wrong
    clocks."""

    entries: int
    desks: int
    problems: tuple[str, ...]
    remarks: tuple[str, ...]
    clocks: tuple[str, ...] = ()


def check_chain(desk: Desk) -> Chain:
    """Check every entry of this desk and of imported ones."""
    problems: list[str] = []
    remarks: list[str] = []
    count = desks = 0
    edited = _Edited(desk)
    for desk_id, rows in groupby(desk.each(_PLACES), key=lambda row: str(row[0])):
        desks += 1
        problems += edited.of(desk_id)
        places = _Places()
        for _, sequence in rows:
            count += 1
            places.add(sequence)
        twice, missing = places.twice, places.missing
        if twice:
            remark = f"{_name(desk, desk_id)} was copied and used twice: see {_ranges(twice)}"
            problems.append(f"{remark}. Nothing is lost; delete one copy")
        if missing:
            lacks = f"of {_name(desk, desk_id)} {_ranges(missing)} {_are(missing)}"
            if desk_id == desk.desk_id:
                problems.append(f"{lacks} missing")
            else:
                remarks.append(f"{lacks} not here: only a part was imported")
    more = max(0, edited.count - _MOST_SAID) + max(0, len(problems) - _MOST_SAID)
    if more:
        problems[_MOST_SAID:] = [f"and {more:,} more"]
    return Chain(count, desks, tuple(problems), tuple(remarks), tuple(describe_wrong_clocks(desk)))


# Two scans, each in the file's order of its rows: a join would look up each row.
_PLACES = "SELECT desk_id, sequence FROM entry ORDER BY desk_id, sequence"
_ENTRIES = "SELECT entry_id, desk_id, sequence, time, author, kind, payload FROM entry"
_MOST_PLACES = 2_000


class _Places:
    """Collects the sequence numbers of one desk, in order, and finds duplicate and missing ones."""

    def __init__(self) -> None:
        self.twice: list[int] = []
        self.missing: list[int] = []
        self._before = 0

    def add(self, place: int) -> None:
        if place == self._before:
            if self.twice[-1:] != [place] and len(self.twice) < _MOST_PLACES:
                self.twice.append(place)
        elif len(self.missing) < _MOST_PLACES:
            gap = range(self._before + 1, place)
            self.missing += gap if len(gap) <= 1_000 else (gap[0], gap[-1])  # only the ends of a huge gap
        self._before = place


class _Edited:
    """The entries that do not match their ids: their number, and the first few by desk and sequence."""

    def __init__(self, desk: Desk) -> None:
        self.count = 0
        self._desk = desk
        self._first = nsmallest(_MOST_SAID, self._found())

    def _found(self) -> Iterator[tuple[str, int, str, str, str, str]]:
        for entry_id, desk_id, sequence, time, author, kind, payload in self._desk.each(_ENTRIES):
            if not _is_whole(entry_id, desk_id, sequence, time, author, kind, payload):
                self.count += 1
                yield str(desk_id), sequence, entry_id, kind, author, time

    def of(self, desk_id: str) -> list[str]:
        """Return sentences that name the entries of a desk."""
        return [
            f"entry {sequence} of {_name(self._desk, desk_id)} ({printable(kind)}, {printable(author)}, "
            f"{day(parse_timestamp(time)) or 'day unknown'}) was edited: it does not match its id"
            for its_desk, sequence, _, kind, author, time in self._first
            if its_desk == desk_id
        ]


def _is_whole(entry_id: str, desk_id: str, sequence: int, time: str, author: str, kind: str, payload: str) -> bool:
    # Payloads are stored in canonical form, so their text can be inserted into the entry's canonical form unchanged.
    entry = Entry(desk_id, sequence, time, author, kind, {})
    if id_of(entry, payload) == entry_id:
        return True
    try:
        return entry._replace(payload=json.loads(payload)).entry_id == entry_id
    except (ValueError, RecursionError):
        return False


def _name(desk: Desk, desk_id: str) -> str:
    return "this desk" if desk_id == desk.desk_id else f"desk {printable(desk_id)}"


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
