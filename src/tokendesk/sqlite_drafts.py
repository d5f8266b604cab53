"""The files in which new databases are made, and removing those that a killed process left."""

import os
import re
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_ENDS = ("", "-wal", "-shm", "-journal")
_ABANDONED = 24 * 3600
"""Seconds after which nobody writes a draft any more: to make one takes less than a minute."""


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """Yield the name of a file next to `path` to make its content in, which is removed in any case."""
    draft = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.new")
    with _folder_locked(path.parent, alone=False):
        try:
            yield draft
        finally:
            for end in _ENDS:
                draft.with_name(draft.name + end).unlink(missing_ok=True)


def remove_drafts(path: Path) -> None:
    """Remove the drafts of `path` that nobody writes any more. What cannot be removed stays.

    Without a lock, only those that are a day old.
    """
    name = re.compile(rf"{re.escape(path.name)}\.[0-9a-f]{{8}}\.new({'|'.join(_ENDS)})")
    with suppress(OSError):
        if not _found(path.parent, name):  # as a rule; a lock would only delay others
            return
        with _folder_locked(path.parent, alone=True) as is_locked:
            for left in _found(path.parent, name):
                with suppress(OSError):
                    if is_locked or abs(time.time() - left.stat().st_mtime) > _ABANDONED:
                        left.unlink(missing_ok=True)


def _found(folder: Path, name: re.Pattern[str]) -> list[Path]:
    with os.scandir(folder) as entries:
        return [Path(entry.path) for entry in entries if name.fullmatch(entry.name)]


@contextmanager
def _folder_locked(folder: Path, *, alone: bool) -> Iterator[bool]:
    """Lock the folder against those who want it `alone`; yield whether that was possible.

    The system releases the lock if this process dies. `alone`: only if nobody else has it, and without waiting. Where
    folders cannot be locked, as on Windows and on some network disks, nobody can.
    """
    if sys.platform == "win32":
        yield False
        return
    import fcntl

    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # it may be written but not read
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
            is_locked = True
        except OSError:
            is_locked = False
        yield is_locked
    finally:
        os.close(descriptor)
