"""Exchanges entries with a team's database: what the other lacks, by the last sequence number of each desk.

A desk sends its own entries only: its id belongs to the role that wrote it first.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tokendesk.desk.arriving import Own
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.exchange_memory import Seen, load_seen, locked, place_of, save_seen
from tokendesk.desk.lines import entry_line
from tokendesk.desk.merging import merge
from tokendesk.desk.sharing import Exchanged
from tokendesk.desk.telling import describe_wrong_clocks
from tokendesk.errors import UsageError
from tokendesk.model.bounds import MIB
from tokendesk.model.text import printable
from tokendesk.stopping import check_stopped
from tokendesk.team.connection import check_version, connected, describe, foreign_desk
from tokendesk.team.rows import read_row

if TYPE_CHECKING:
    import psycopg

_PART = 1_000
"""How many entries are sent, or received, at once, and their bytes."""
_PART_BYTES = 8 * MIB
_MOST_SAID = 20
_PLACE = "the team's database"
_MOST_BAD = 200
"""How many entries that are not what they say are remembered of a desk, and not read again."""
_DESKS = """
SELECT desk, last, entries, written_by, session_user FROM tokendesk.desk WHERE organization = %s ORDER BY desk
"""
_PAGE = """
SELECT id, seq, body FROM (
    SELECT id, seq, body, sum(octet_length(body)) OVER (ORDER BY seq, id) - octet_length(body) AS before
    FROM (SELECT id, seq, body FROM tokendesk.entry WHERE {which} ORDER BY seq, id LIMIT %s) AS part
) AS page
WHERE before < %s ORDER BY seq, id
"""
"""As many entries as are of a bounded size together, at least one: some contain a plan."""
_AFTER = _PAGE.format(which="organization = %s AND desk = %s AND (seq, id) > (%s, %s)")
_AT = "SELECT id FROM tokendesk.entry WHERE organization = %s AND desk = %s AND seq = %s"
_BY_ID = _PAGE.format(which="organization = %s AND id = ANY(%s)")
_IDS = "SELECT id FROM tokendesk.entry WHERE organization = %s AND desk = %s ORDER BY seq, id"
_ADD = """
INSERT INTO tokendesk.entry (organization, id, desk, seq, body)
SELECT %s, id, %s, seq, body FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS new (id, seq, body)
ON CONFLICT (organization, id) DO NOTHING
"""


class Held(NamedTuple):
    """What the database has of a desk: its last sequence number, and how many entries."""

    last: int
    entries: int


@dataclass(frozen=True, slots=True)
class PostgresLog:
    """`url`: without a password. `memory`: a file that stores what was read of each desk."""

    url: str
    memory: Path
    place: str = _PLACE

    def exchange(self, desk: Desk) -> Exchanged:
        """Send this desk's entries to the database and import those of other desks.

        Raises UsageError or TeamUnavailable.
        """
        if desk.org_id is None:
            return Exchanged()  # before its first pull, a desk could import another organization's notes
        try:
            with locked(self.memory), connected(self.url) as db:
                check_version(db)
                return _Exchange(db, desk, desk.org_id, self.memory).run()
        except OSError as error:
            where = error.filename or self.memory
            raise UsageError(
                f"{where} cannot be written: {error.strerror}. Your notes are kept on this desk."
            ) from error


class _Exchange:
    def __init__(self, db: "psycopg.Connection[Any]", desk: Desk, org_id: str, memory: Path) -> None:
        self._db, self._desk, self._org_id, self._memory = db, desk, org_id, memory
        self._remembered = load_seen(memory, desk.desk_id)
        self._seen: dict[str, Seen] = {}
        self._bad: dict[str, list[str]] = {}
        """By desk, the ids of entries that are not what they say: they are never imported."""
        self._received = 0
        self._desks: set[str] = set()
        self._problems: list[str] = []

    def run(self) -> Exchanged:
        from psycopg.errors import InsufficientPrivilege

        mine = self._desk.desk_id
        held = self._held()
        for desk_id, there in held.items():
            if self._is_known(desk_id, there):
                self._seen[desk_id] = self._remembered[desk_id]
            else:
                self._receive(desk_id, there)
            if bad := self._bad.get(desk_id):
                what = "1 entry" if len(bad) == 1 else f"{len(bad):,} entries"
                self._problems.append(f"{what} of desk {printable(desk_id)} cannot be read: see tokendesk check")
        try:
            sent = self._send(held.get(mine, Held(0, 0)))
        except InsufficientPrivilege as error:  # it may read all the same
            sent = 0
            self._problems.append(str(describe(error, sharing=True)))
        if sent:
            self._remember(mine, self._held()[mine])
        save_seen(self._memory, mine, self._seen)
        clocks = tuple(describe_wrong_clocks(self._desk, self._desks)) if self._desks else ()
        problems = self._problems
        if len(problems) > _MOST_SAID:
            problems = [*problems[:_MOST_SAID], f"and {len(problems) - _MOST_SAID:,} more"]
        return Exchanged(sent, self._received, tuple(problems), clocks, _PLACE)

    def _held(self) -> dict[str, Held]:
        """Return what there is of each desk. Raises UsageError if somebody else wrote under this desk's id."""
        rows = self._db.execute(_DESKS, (self._org_id,)).fetchall()
        for desk_id, _, _, owner, me in rows:
            if desk_id == self._desk.desk_id and owner != me:
                raise foreign_desk(owner)
        return {desk_id: Held(last, entries) for desk_id, last, entries, _, _ in rows}

    # --- receiving

    def _is_known(self, desk_id: str, there: Held) -> bool:
        """Return whether all of it was read, and is still here: a desk may have been restored from an older copy."""
        match self._remembered.get(desk_id):
            case [last, entries, str(latest), list(bad)] if latest.isascii():
                self._bad[desk_id] = [str(entry_id) for entry_id in bad]
                return (last, entries) == there and (not latest or place_of(self._desk, latest) > 0)
        return False

    def _receive(self, desk_id: str, there: Held) -> None:
        """Import what is missing of a desk: what follows its last entry here, then what fills gaps."""
        before = self._here(desk_id)
        for rows in self._pages_after(desk_id, before.last):
            self._import(desk_id, rows)
        here, held = self._ids_at(desk_id, min(before.last, there.last))
        bad = set(self._bad.get(desk_id, ()))
        if held - here - bad or self._here(desk_id).entries + len(bad) < there.entries:
            for rows in self._pages_of_missing(desk_id):
                self._import(desk_id, rows)
        if len(self._bad.get(desk_id, ())) <= _MOST_BAD:
            self._remember(desk_id, there)

    def _here(self, desk_id: str) -> Held:
        question = "SELECT coalesce(max(sequence), 0), count(*) FROM entry WHERE desk_id = ?"
        return Held(*self._desk.rows(question, desk_id)[0])

    def _ids_at(self, desk_id: str, place: int) -> tuple[set[str], set[str]]:
        """Return the ids at a sequence number, here and there: where a desk was copied, they differ from then on."""
        here = self._desk.rows("SELECT entry_id FROM entry WHERE desk_id = ? AND sequence = ?", desk_id, place)
        there = self._db.execute(_AT, (self._org_id, desk_id, place)).fetchall()
        return {row[0] for row in here}, {row[0] for row in there}

    def _pages_after(self, desk_id: str, last: int) -> Iterator[list[Any]]:
        place = (last, "g")  # after every id, which is hexadecimal
        while rows := self._db.execute(_AFTER, (self._org_id, desk_id, *place, _PART, _PART_BYTES)).fetchall():
            yield rows
            place = (rows[-1][1], rows[-1][0])
            check_stopped()

    def _pages_of_missing(self, desk_id: str) -> Iterator[list[Any]]:
        here = {row[0] for row in self._desk.rows("SELECT entry_id FROM entry WHERE desk_id = ?", desk_id)}
        ids = [row[0] for row in self._db.execute(_IDS, (self._org_id, desk_id)).fetchall()]
        here |= set(self._bad.get(desk_id, ()))
        missing = [entry_id for entry_id in ids if entry_id not in here]
        while rows := self._db.execute(_BY_ID, (self._org_id, missing[:_PART], _PART, _PART_BYTES)).fetchall():
            yield rows
            missing = missing[len(rows) :]  # both are in the same order
            check_stopped()

    def _import(self, desk_id: str, rows: Sequence[Any]) -> None:
        # Only its role writes under this desk's id: what is missing here was lost by a copy.
        merged = merge(self._desk, self._checked(desk_id, rows), keep=True, own=Own.KNOWN)
        self._received += merged.new
        self._desks |= merged.desks

    def _checked(self, desk_id: str, rows: Sequence[Any]) -> Iterator[Entry]:
        for row in rows:
            read = read_row(self._org_id, desk_id, *row)
            if isinstance(read, str):
                self._bad.setdefault(desk_id, []).append(row[0])
            else:
                yield read

    def _remember(self, desk_id: str, there: Held) -> None:
        latest = self._desk.rows("SELECT entry_id FROM entry WHERE desk_id = ? ORDER BY sequence DESC LIMIT 1", desk_id)
        self._seen[desk_id] = [*there, str(latest[0][0]) if latest else "", self._bad.get(desk_id, [])]

    # --- sending

    def _send(self, there: Held) -> int:
        """Send this desk's entries that the database lacks; return how many."""
        mine = self._desk.desk_id
        sent = self._add(self._desk.own_entries(there.last))
        here = self._here(mine)
        ids_here, held = self._ids_at(mine, min(here.last, there.last))
        if ids_here - held or there.entries + sent < here.entries:
            ids = {row[0] for row in self._db.execute(_IDS, (self._org_id, mine)).fetchall()}
            sent += self._add(each for each in self._desk.own_entries() if each.entry_id not in ids)
        return sent

    def _add(self, entries: Iterable[Entry]) -> int:
        sent = 0
        waiting = iter(entries)
        while part := list(_bounded(waiting)):
            ids, places = [each.entry_id for each in part], [each.sequence for each in part]
            bodies = [entry_line(each) for each in part]
            added = self._db.execute(_ADD, (self._org_id, self._desk.desk_id, ids, places, bodies)).rowcount
            sent += max(0, added)
            check_stopped()
        return sent


def _bounded(entries: Iterator[Entry]) -> Iterator[Entry]:
    """Yield the next entries, of a bounded size together: some contain a plan."""
    size = 0
    for number, entry in enumerate(entries, 1):
        yield entry
        size += len(entry_line(entry))
        if number >= _PART or size > _PART_BYTES:
            return
