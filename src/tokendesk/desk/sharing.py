"""Shares entries between desks through a folder: a synced drive, or a git checkout.

Each desk appends to its own file, `<desk id>.jsonl`, and reads all others. No desk writes to or locks the file of
another desk. A last line without a line end is incomplete: it is read the next time.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TypeGuard

from tokendesk.desk.arriving import Own
from tokendesk.desk.bounds import MOST_WRONG_LINES
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.exchange_memory import Seen, load_seen, locked, place_of, save_seen
from tokendesk.desk.lines import InvalidLine, entry_line, file_lines, head_line, is_head, read_lines
from tokendesk.desk.merging import merge
from tokendesk.desk.telling import describe_wrong_clocks
from tokendesk.errors import UsageError
from tokendesk.input_files import open_bounded
from tokendesk.model.bounds import ENTRIES_BYTES, LINE_BYTES

_SUFFIX = ".jsonl"
_MOST_SAID = 20


@dataclass(frozen=True, slots=True)
class Exchanged:
    """How many entries were sent and received, and sentences on files that could not be read."""

    sent: int = 0
    received: int = 0
    problems: tuple[str, ...] = ()
    clocks: tuple[str, ...] = ()
    """Sentences on wrong clocks of the desks with new entries."""
    place: str = "the shared folder"


@dataclass(frozen=True, slots=True)
class FolderLog:
    """`memory`: a file that stores which files were read in their current state."""

    folder: Path
    memory: Path
    place: str = "the shared folder"

    def exchange(self, desk: Desk) -> Exchanged:
        """Write this desk's entries to the folder and import those of other desks.

        Raises UsageError if the folder is missing: a drive that is not mounted must not become an empty folder.
        """
        return exchange(desk, self.folder, self.memory)


def exchange(desk: Desk, folder: Path, memory: Path) -> Exchanged:
    if desk.org_id is None:
        return Exchanged()  # before its first pull, a desk could import another organization's notes
    if not folder.is_dir():
        raise UsageError(f"The shared folder {folder} is not there. Mount it, or remove share from config.toml.")
    with locked(memory):
        try:
            return _exchange(desk, folder, memory)
        except OSError as error:
            raise UsageError(
                f"The shared folder {folder} cannot be used: {error.strerror}. Your notes are kept on this desk."
            ) from error


def _exchange(desk: Desk, folder: Path, memory: Path) -> Exchanged:
    mine = folder / f"{desk.desk_id}{_SUFFIX}"
    if mine.is_symlink() or (mine.exists() and not mine.is_file()):
        raise UsageError(f"{mine} is not a file of this desk. Remove it from the shared folder.")
    remembered = load_seen(memory, desk.desk_id)
    own = _Own(mine, desk, remembered.get(mine.name))
    others = _Others(folder, mine, desk, remembered)
    received = 0
    clocks: tuple[str, ...] = ()
    if not (own.is_done and others.is_done):
        # Own entries that are missing here: this desk was restored from a copy.
        taken = Own.KNOWN if own.is_as_left else Own.REFUSED
        merged = merge(desk, chain(others.entries(), own.entries()), keep=True, own=taken)
        received = merged.new
        clocks = tuple(describe_wrong_clocks(desk, merged.desks))
    problems = others.problems + own.problems
    if own.foreign:
        problems.append(_unknown_there(own.foreign, mine))
    sent = own.write()
    seen = dict(others.seen)
    if own.foreign:
        if mine.name in remembered:
            seen[mine.name] = remembered[mine.name]
    elif mine.exists():
        seen[mine.name] = [*_stamp(mine), _latest(desk)]
    save_seen(memory, desk.desk_id, seen)
    return Exchanged(sent, received, tuple(problems), clocks)


def _unknown_there(count: int, mine: Path) -> str:
    said = "1 entry" if count == 1 else f"{count:,} entries"
    return (
        f"{mine.name} has {said} that this desk does not have, so nothing was sent. If this desk was restored from a "
        f"copy, take them back with: tokendesk desk import {mine.name} --mine --apply. Otherwise somebody else wrote "
        "there: delete the file, and it is written again"
    )


class _Others:
    """Reads new entries from the files of other desks. `seen`: their state afterwards."""

    def __init__(self, folder: Path, mine: Path, desk: Desk, remembered: Mapping[str, "Seen"]) -> None:
        self._desk = desk
        self.seen: dict[str, Seen] = {}
        self.problems: list[str] = []
        self._waiting: list[tuple[Path, Seen | None]] = []
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            if path == mine or not path.is_file():
                continue
            kept = remembered.get(path.name)
            try:
                if _is_known(kept, _stamp(path), desk):
                    self.seen[path.name] = kept
                    continue
            except OSError as error:
                self.problems.append(f"{path.name}: {_why(error)}")
                continue
            self._waiting.append((path, kept))

    @property
    def is_done(self) -> bool:
        return not self._waiting

    def entries(self) -> Iterator[Entry]:
        for path, kept in self._waiting:
            wrong = WrongLines(path.name)
            last = ""
            try:
                stamp = _stamp(path)
                with open_bounded(path, ENTRIES_BYTES) as file:
                    last = _skip_known(file, kept, self._desk)
                    for read in read_lines(_lines(file, path, last), self._desk.org_id):
                        if isinstance(read, InvalidLine):
                            wrong.add(f"{path.name}, {read}")
                        elif f"{read.desk_id}{_SUFFIX}" != path.name:
                            wrong.add(f"{path.name}: entry {read.sequence} is from another desk than this file")
                        else:
                            last = read.entry_id
                            yield read
                        if wrong.count >= MOST_WRONG_LINES:
                            break
            except (OSError, UsageError) as error:
                wrong.add(f"{path.name}: {_why(error)}")
            self.problems += wrong.in_short(rest_unread=wrong.count >= MOST_WRONG_LINES)
            if not wrong.count:  # otherwise the problem is reported again until it is fixed
                self.seen[path.name] = [*stamp, last]


class WrongLines:
    """What is wrong with one file: sentences on the first lines, and how many there are."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._said: list[str] = []
        self.count = 0

    def add(self, words: str) -> None:
        self.count += 1
        if self.count <= _MOST_SAID:
            self._said.append(words)

    def in_short(self, *, rest_unread: bool = False) -> list[str]:
        if rest_unread:
            rest = f"{self._name}: {self.count:,} lines are wrong, so the rest of it was not read"
            return [*self._said, f"{rest}. Delete it, and its desk writes it again"]
        more = self.count - _MOST_SAID
        return [*self._said, f"and {more:,} more of this file"] if more > 0 else self._said


def _skip_known(file: BinaryIO, kept: "Seen | None", desk: Desk) -> str:
    """Skip what was already read of a file that has only grown; return the id of the last entry before that, or "".

    This avoids reading whole files again each time a colleague writes a line.
    """
    if kept is None or len(kept) != 3 or not isinstance(kept[0], int) or place_of(desk, str(kept[2])) == 0:
        return ""
    file.seek(0, os.SEEK_END)
    if not 0 < kept[0] <= file.tell():
        file.seek(0)
        return ""
    start = max(0, kept[0] - LINE_BYTES)
    file.seek(max(start, kept[0] - 4_096))
    before = file.read(kept[0] - file.tell())
    if before.endswith(b"\n") and f'"id":"{kept[2]}"'.encode() in before.rstrip(b"\n").rpartition(b"\n")[2]:
        return str(kept[2])
    file.seek(0)
    return ""


def _lines(file: BinaryIO, path: Path, last: str) -> Iterator[str]:
    """Yield the complete lines of a file from the current position; an incomplete one is read the next time."""
    if last:  # its first line was read earlier
        yield head_line(path.stem, None)
    yield from file_lines(file, until_last_end=True)


class _Own:
    """This desk's own file in the folder."""

    def __init__(self, path: Path, desk: Desk, kept: "Seen | None") -> None:
        self._path = path
        self._desk = desk
        self._kept = kept
        self.problems: list[str] = []
        self.foreign = 0
        self._rewrite = False
        self._there: set[str] = set()
        self._untouched = path.exists() and _is_known(kept, _stamp(path), desk)
        # If the file is as this desk left it, this desk wrote everything in it, even what is missing here.
        self.is_as_left = kept is not None and path.exists() and kept[:2] == _stamp(path)
        # The sequence number up to which this desk wrote there, if known.
        self._wrote = place_of(desk, str(kept[2])) if kept and len(kept) == 3 else 0

    @property
    def is_done(self) -> bool:
        return self._untouched or not self._path.exists()

    def entries(self) -> Iterator[Entry]:
        """Yield the entries of the file; its problems are known afterwards."""
        if self.is_done:
            return
        wrong = WrongLines(self._path.name)
        with open_bounded(self._path, ENTRIES_BYTES) as file:
            lines = file_lines(file, until_last_end=True)
            first = next(lines, None)
            if first is None:
                return
            if not is_head(first):
                self.problems.append(f"{self._path.name}: its first line was lost; the file was written again")
                self._rewrite = True
                lines = chain([first], lines)
                first = head_line(self._desk.desk_id, self._desk.org_id)
            try:
                for read in read_lines(chain([first], lines), self._desk.org_id):
                    if isinstance(read, InvalidLine):
                        self._rewrite = True
                        wrong.add(f"{self._path.name}, {read}")
                    elif read.desk_id != self._desk.desk_id or not (self.is_as_left or self._is_here(read)):
                        self.foreign += 1
                    else:
                        self._there.add(read.entry_id)
                        yield read
            except UsageError as error:
                raise UsageError(f"{self._path.name}: {error}") from None
        self.problems += wrong.in_short()

    def _is_here(self, entry: Entry) -> bool:
        return place_of(self._desk, entry.entry_id) > 0

    def write(self) -> int:
        """Append what the file lacks, or rewrite it if it is broken."""
        if self.foreign:
            return 0  # it may contain what this desk lost
        if self._rewrite:
            return _write(self._path, self._desk, self._desk.own_entries(), again=True)
        # If the file is as we left it, it contains everything up to the entry that was the last one then.
        since = self._wrote if self._untouched else 0
        missing = (e for e in self._desk.own_entries(since) if e.entry_id not in self._there)
        return _write(self._path, self._desk, missing)


def _is_known(kept: Seen | None, stamp: list[int], desk: Desk) -> TypeGuard[Seen]:
    """Return whether a file is unchanged since this desk (not the original of a copied desk) imported all of it."""
    if kept is None or len(kept) != 3 or kept[:2] != stamp:
        return False
    return kept[2] == "" or place_of(desk, kept[2]) > 0


def _latest(desk: Desk) -> str:
    """Return the id of the desk's latest own entry."""
    found = desk.rows("SELECT entry_id FROM entry WHERE desk_id = ? ORDER BY sequence DESC LIMIT 1", desk.desk_id)
    return str(found[0][0]) if found else ""


def _why(error: OSError | UsageError) -> str:
    return f"cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def _write(mine: Path, desk: Desk, entries: Iterable[Entry], *, again: bool = False) -> int:
    """Append entries after the last complete line, or replace the file's content; return how many."""
    waiting = iter(entries)
    first = next(waiting, None)
    if first is None and not again:
        return 0
    count = 0
    descriptor = os.open(mine, os.O_RDWR | os.O_CREAT, 0o666)  # readable by colleagues, as far as the umask allows
    with os.fdopen(descriptor, "r+b") as file:
        end = 0 if again else _last_end(file)
        file.seek(end)
        file.truncate()
        if end == 0:
            file.write(f"{head_line(desk.desk_id, desk.org_id)}\n".encode())
        for entry in chain([first] if first else [], waiting):
            file.write(f"{entry_line(entry)}\n".encode())
            count += 1
        file.flush()
        os.fsync(file.fileno())
    return count


def _last_end(file: BinaryIO) -> int:
    """Return the offset after the last complete line of a file."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - 65_536)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0
