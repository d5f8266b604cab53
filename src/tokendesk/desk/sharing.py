"""A folder through which desks see each other's entries: a synced drive, or a checkout of git.

Each desk appends to a file of its own, `<desk id>.jsonl`, and reads all others. Nobody writes into a file of
another desk and nobody locks one. A last line without its end is half-written: it is read the next time.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.lines import Spoiled, entry_line, head_line, is_head, read_lines
from tokendesk.desk.merging import merge
from tokendesk.errors import UsageError
from tokendesk.input_files import read_bytes, read_text
from tokendesk.model.bounds import ENTRIES_BYTES, STATE_BYTES
from tokendesk.paths import open_private

_SUFFIX = ".jsonl"


@dataclass(frozen=True, slots=True)
class Exchanged:
    """How many entries went out and came in, and what could not be read, in sentences."""

    sent: int = 0
    received: int = 0
    problems: tuple[str, ...] = ()


def exchange(desk: Desk, folder: Path, memory: Path) -> Exchanged:
    """Lay this desk's entries down in `folder` and take in those of the others.

    `memory`: a file of ours that keeps which files were read as they are now. Raises UsageError where the folder
    is not there: a drive that is not mounted must not become an empty folder.
    """
    if desk.org_id is None:
        return Exchanged()  # before its first pull a desk could take in another organization's notes
    if not folder.is_dir():
        raise UsageError(f"The shared folder {folder} is not there. Mount it, or take share out of config.toml.")
    with _alone(memory):
        try:
            return _exchange(desk, folder, memory)
        except OSError as error:
            raise UsageError(
                f"The shared folder {folder} cannot be used: {error.strerror}. Your notes are kept on this desk."
            ) from error


def _exchange(desk: Desk, folder: Path, memory: Path) -> Exchanged:
    mine = folder / f"{desk.desk_id}{_SUFFIX}"
    if mine.is_symlink() or (mine.exists() and not mine.is_file()):
        raise UsageError(f"{mine} is no file of this desk. Take it out of the shared folder.")
    remembered = _recall(memory, desk.desk_id)
    seen: dict[str, _Seen] = {}
    problems: list[str] = []
    found: list[Entry] = []
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        if path == mine or not path.is_file():
            continue
        kept = remembered.get(path.name)
        try:
            stamp = _stamp(path)
            if _is_known(kept, stamp, desk):
                seen[path.name] = kept
                continue
            entries, wrong = _read(path, _lines(path), desk.org_id)
        except (OSError, UsageError) as error:
            entries, wrong = [], [f"{path.name}: {_why(error)}"]
        found += entries
        problems += wrong
        if not wrong:  # else it is said again until it is mended
            seen[path.name] = [*stamp, entries[-1].entry_id if entries else ""]
    kept = remembered.get(mine.name)
    untouched = mine.exists() and _is_known(kept, _stamp(mine), desk)
    lines = _lines(mine) if mine.exists() and not untouched else []
    beheaded = bool(lines) and not is_head(lines[0])
    if beheaded:
        problems.append(f"{mine.name}: its first line was lost; the file was written anew")
        lines.insert(0, head_line(desk.desk_id, desk.org_id))
    try:
        own, wrong = _read(mine, lines, desk.org_id)
    except UsageError as error:
        raise UsageError(f"{mine.name}: {error}") from None
    # Entries of our own that we do not have: this desk was restored from a copy, or copied and used twice.
    received = merge(desk, [*found, *own], keep=True).new if found or own else 0
    # Where the file is as we left it, it holds all up to the entry that was the last one then. Where it is broken it is
    # written anew: all of it is here.
    if beheaded or wrong:
        sent = _write(mine, desk, desk.own_entries(), anew=True)
    else:
        there = {entry.entry_id for entry in own}
        since = _place_of(desk, kept[2]) if untouched and kept else 0
        sent = _write(mine, desk, [entry for entry in desk.own_entries(since) if entry.entry_id not in there])
    if mine.exists():
        seen[mine.name] = [*_stamp(mine), _latest(desk)]
    _remember(memory, desk.desk_id, seen)
    return Exchanged(sent, received, (*problems, *wrong))


_Seen = list[Any]
"""Of a file that was read: its size, its time, and the id of the last entry that it holds."""


def _is_known(kept: _Seen | None, stamp: list[int], desk: Desk) -> TypeGuard[_Seen]:
    """Return whether a file is as it was when this desk, and not one of which it is a copy, took all of it in."""
    if kept is None or len(kept) != 3 or kept[:2] != stamp:
        return False
    return kept[2] == "" or _place_of(desk, kept[2]) > 0


def _place_of(desk: Desk, entry_id: str) -> int:
    found = desk.rows("SELECT sequence FROM entry WHERE entry_id = ?", str(entry_id))
    return int(found[0][0]) if found else 0


def _latest(desk: Desk) -> str:
    """Return the id of the latest entry of the desk's own."""
    found = desk.rows("SELECT entry_id FROM entry WHERE desk_id = ? ORDER BY sequence DESC LIMIT 1", desk.desk_id)
    return str(found[0][0]) if found else ""


def _lines(path: Path) -> list[str]:
    """Return the whole lines of a file; one without its end is read the next time."""
    whole, _, _ = read_bytes(path, ENTRIES_BYTES).rpartition(b"\n")
    return whole.decode("utf-8", "replace").split("\n") if whole else []


def _read(path: Path, lines: Iterable[str], org_id: str | None) -> tuple[list[Entry], list[str]]:
    """Return lines as entries, and what is wrong with those that are none. Raises UsageError as `read_lines` does."""
    entries: list[Entry] = []
    problems: list[str] = []
    for read in read_lines(lines, org_id):
        if isinstance(read, Spoiled):
            problems.append(f"{path.name}, {read}")
        else:
            entries.append(read)
    return entries, problems


def _why(error: OSError | UsageError) -> str:
    return f"cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def _write(mine: Path, desk: Desk, entries: Sequence[Entry], *, anew: bool = False) -> int:
    """Append entries, behind the last whole line or as all that the file holds; return how many."""
    if not entries and not anew:
        return 0
    descriptor = os.open(mine, os.O_RDWR | os.O_CREAT, 0o666)  # for colleagues to read, as far as the umask lets
    with os.fdopen(descriptor, "r+b") as file:
        end = 0 if anew else file.read().rfind(b"\n") + 1
        file.seek(end)
        file.truncate()
        lines = [entry_line(entry) for entry in entries]
        if end == 0:
            lines.insert(0, head_line(desk.desk_id, desk.org_id))
        file.write("".join(f"{line}\n" for line in lines).encode())
        file.flush()
        os.fsync(file.fileno())
    return len(entries)


def _recall(memory: Path, desk_id: str) -> Mapping[str, _Seen]:
    try:
        kept = json.loads(read_text(memory, STATE_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    files = kept.get("files") if isinstance(kept, dict) and kept.get("desk") == desk_id else None
    return {name: kept for name, kept in files.items() if isinstance(kept, list)} if isinstance(files, dict) else {}


def _remember(memory: Path, desk_id: str, files: Mapping[str, _Seen]) -> None:
    new = memory.with_name(f"{memory.name}.new")
    new.unlink(missing_ok=True)
    with open_private(new, must_be_new=True) as file:
        file.write(json.dumps({"desk": desk_id, "files": files}))
    new.replace(memory)


@contextmanager
def _alone(memory: Path) -> Iterator[None]:
    """Two processes of this desk must not append to its file at the same time. The lock is ours, not the folder's."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(memory.with_suffix(".lock"), timeout=10, mode=0o600):
            yield
    except Timeout:
        raise UsageError(
            "Another tokendesk is sharing notes right now. Yours are kept and shared the next time."
        ) from None
