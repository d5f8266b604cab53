"""A folder through which desks see each other's entries: a synced drive, or a checkout of git.

Each desk appends to a file of its own, `<desk id>.jsonl`, and reads all others. Nobody writes into a file of
another desk and nobody locks one. A last line without its end is half-written: it is read the next time.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.lines import Spoiled, entry_line, head_line, read_lines
from tokendesk.desk.merging import merge
from tokendesk.errors import UsageError

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
    seen: dict[str, list[int]] = {}
    problems: list[str] = []
    found: list[Entry] = []
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        if path == mine or not path.is_file():
            continue
        stamp = _stamp(path)
        if remembered.get(path.name) != stamp:
            entries, wrong = _read(path, desk.org_id)
            found += entries
            problems += wrong
            if wrong:
                continue  # said again until it is mended
        seen[path.name] = stamp
    # Where the file is as we left it, it holds all up to the entry that was the last one then.
    *left, last = remembered.get(mine.name) or [0]
    untouched = mine.exists() and left == _stamp(mine)
    own, wrong = _read(mine, desk.org_id) if mine.exists() and not untouched else ([], [])
    # Entries of our own that we do not have: this desk was restored from a copy, or copied and used twice.
    received = merge(desk, [*found, *own], keep=True).new if found or own else 0
    sent = _append(desk, mine, {entry.entry_id for entry in own}, last if untouched else 0)
    if mine.exists() and not wrong:
        seen[mine.name] = [*_stamp(mine), desk.sequence]
    _remember(memory, desk.desk_id, seen)
    return Exchanged(sent, received, (*problems, *wrong))


def _read(path: Path, org_id: str | None) -> tuple[list[Entry], list[str]]:
    """Return the whole lines of a file as entries, and what is wrong with the others."""
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    entries: list[Entry] = []
    problems: list[str] = []
    try:
        for read in read_lines(whole.decode("utf-8", "replace").split("\n"), org_id) if whole else ():
            if isinstance(read, Spoiled):
                problems.append(f"{path.name}, {read}")
            else:
                entries.append(read)
    except UsageError as error:
        return [], [f"{path.name}: {error}"]
    return entries, problems


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def _append(desk: Desk, mine: Path, there: set[str], since: int) -> int:
    """Append this desk's own entries after `since` that are not `there`; return how many.

    A torn last line is cut off first.
    """
    entries = [entry for entry in desk.own_entries(since) if entry.entry_id not in there]
    if not entries:
        return 0
    descriptor = os.open(mine, os.O_RDWR | os.O_CREAT, 0o666)  # for colleagues to read, as far as the umask lets
    with os.fdopen(descriptor, "r+b") as file:
        content = file.read()
        end = content.rfind(b"\n") + 1
        file.seek(end)
        file.truncate()
        lines = [entry_line(entry) for entry in entries]
        if end == 0:
            lines.insert(0, head_line(desk.desk_id, desk.org_id))
        file.write("".join(f"{line}\n" for line in lines).encode())
        file.flush()
        os.fsync(file.fileno())
    return len(entries)


def _recall(memory: Path, desk_id: str) -> Mapping[str, list[int]]:
    try:
        kept = json.loads(memory.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    files = kept.get("files") if isinstance(kept, dict) and kept.get("desk") == desk_id else None
    return files if isinstance(files, dict) else {}


def _remember(memory: Path, desk_id: str, files: Mapping[str, list[int]]) -> None:
    new = memory.with_name(f"{memory.name}.new")
    new.write_text(json.dumps({"desk": desk_id, "files": files}), "utf-8")
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
