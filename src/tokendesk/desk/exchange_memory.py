"""What a desk remembers of the place where it exchanges entries, so that nothing unchanged is read again."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tokendesk.desk.entries import Desk
from tokendesk.errors import UsageError
from tokendesk.input_files import read_text
from tokendesk.model.bounds import STATE_BYTES
from tokendesk.paths import open_private

Seen = list[Any]
"""The state of what was read. A file: its size, its time, and the id of its last entry."""


def place_of(desk: Desk, entry_id: str) -> int:
    found = desk.rows("SELECT sequence FROM entry WHERE entry_id = ?", str(entry_id))
    return int(found[0][0]) if found else 0


def load_seen(memory: Path, desk_id: str) -> Mapping[str, Seen]:
    try:
        kept = json.loads(read_text(memory, STATE_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    files = kept.get("files") if isinstance(kept, dict) and kept.get("desk") == desk_id else None
    return {name: kept for name, kept in files.items() if isinstance(kept, list)} if isinstance(files, dict) else {}


def save_seen(memory: Path, desk_id: str, files: Mapping[str, Seen]) -> None:
    new = memory.with_name(f"{memory.name}.new")
    new.unlink(missing_ok=True)
    with open_private(new, must_be_new=True) as file:
        file.write(json.dumps({"desk": desk_id, "files": files}))
    new.replace(memory)


@contextmanager
def locked(memory: Path) -> Iterator[None]:
    """Prevents two processes of this desk from appending to its file at once. The lock is local, not in the folder."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(memory.with_suffix(".lock"), timeout=10, mode=0o600):
            yield
    except Timeout:
        raise UsageError(
            "Another tokendesk is sharing notes right now. Yours are kept and shared the next time."
        ) from None
