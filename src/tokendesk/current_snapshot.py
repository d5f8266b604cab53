"""Which of a profile's snapshots is the current one: each is a file of its own, and `snapshots/current` names one.

No pull touches a file that a reader may have open: some systems neither replace nor remove such a file.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tokendesk.input_files import read_head

FOLDER = "snapshots"
POINTER = "current"
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
SUFFIX = ".sqlite"
_ATTEMPTS, _PAUSE = 3, 0.02
"""How often, and after how many seconds, a file is tried again that another program has open for a moment."""

Result = TypeVar("Result")


def current_snapshot(cache: Path) -> Path:
    """Return the profile's current snapshot. If there is none, the path does not exist.

    If nothing names one, it is the latest, else the one of tokendesk 0.1, which replaced a single file.
    """
    folder = cache / FOLDER
    try:
        name = patiently(lambda: read_head(folder / POINTER, 100)).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        name = ""
    if _ID.fullmatch(name):
        return folder / (name + SUFFIX)
    return max(snapshots_in(folder), key=_modified, default=cache / "snapshot.sqlite")


def snapshots_in(folder: Path) -> list[Path]:
    """Return the snapshots in the folder, in any order."""
    try:
        return [each for each in folder.glob("*" + SUFFIX) if _ID.fullmatch(each.stem)]
    except OSError:
        return []


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # removed meanwhile
        return 0


def patiently(act: Callable[[], Result], attempts: int = _ATTEMPTS) -> Result:
    """Repeat what is refused: Windows refuses to open or replace a file at the moment when another program does."""
    while True:
        try:
            return act()
        except PermissionError:
            attempts -= 1
            if not attempts:
                raise
            time.sleep(_PAUSE)
