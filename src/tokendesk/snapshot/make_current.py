"""Makes a new snapshot the current one, without touching those that readers may have open."""

import os
import uuid
from contextlib import suppress
from pathlib import Path

from tokendesk.current_snapshot import FOLDER, POINTER, SUFFIX, current_snapshot, patiently, snapshots_in
from tokendesk.errors import UsageError
from tokendesk.paths import open_private

UNFINISHED = ".unfinished"
"""The end of the names of files that a killed pull may leave."""
_ATTEMPTS = 100
"""How often a file is given its name, with pauses: another program, such as a virus scanner, may have it open."""


def make_current(draft: Path, cache: Path, snapshot_id: str) -> None:
    """Move `draft` to the snapshots and make it the current one. Raises OSError and UsageError.

    The one before stays, for those who have it open. Older ones are removed if the system permits it.
    """
    before = current_snapshot(cache)
    folder = cache / FOLDER
    new = folder / (snapshot_id + SUFFIX)
    patiently(lambda: draft.replace(new), _ATTEMPTS)
    pointer = folder / f".{POINTER}-{uuid.uuid4().hex[:8]}{UNFINISHED}"
    try:
        with open_private(pointer, must_be_new=True) as file:
            file.write(snapshot_id + "\n")
            file.flush()
            os.fsync(file.fileno())
        patiently(lambda: pointer.replace(folder / POINTER), _ATTEMPTS)
    except BaseException as error:
        for each in (pointer, new):
            with suppress(OSError):
                each.unlink(missing_ok=True)
        if isinstance(error, OSError) and (folder / POINTER).is_dir():
            raise UsageError(
                f"{folder / POINTER} is a folder. The old snapshot is unchanged; move it away, then pull again."
            ) from error
        raise
    for each in (*snapshots_in(folder), cache / "snapshot.sqlite"):
        if each not in (new, before):
            with suppress(OSError):
                each.unlink(missing_ok=True)
