"""Locks: one run at a time per organization and user of this computer, for all profiles and homes."""

import getpass
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import PlatformDirs

from tokendesk.errors import Refused, UsageError
from tokendesk.input_files import read_head
from tokendesk.model.text import printable
from tokendesk.paths import create_private, make_private, open_without_waiting

_MOST_READ, _MOST_SHOWN = 400, 80
"""Bytes read and characters shown of a lock's holder file."""


@contextmanager
def run_lock(api_url: str, org_id: str) -> Iterator[None]:
    """Hold the organization's run lock; the system releases it if this process dies. Raises Refused if it is taken."""
    name = hashlib.sha256(f"{api_url}\n{org_id}".encode()).hexdigest()[:24]
    with ExitStack() as held:
        held.enter_context(_lock_in(_lock_folder(), name))
        if (earlier := _lock_folder_of_0_1()) is not None:
            held.enter_context(_lock_in(earlier, name))
        yield


def _lock_in(folder: Path, name: str) -> AbstractContextManager[None]:
    return hold_lock(
        folder,
        f"run-{name}",
        lambda who: f"Another run on this organization is active on this computer{who}. Wait until it ends.",
    )


@contextmanager
def hold_lock(folder: Path, name: str, refusal: Callable[[str], str]) -> Iterator[None]:
    """Hold the lock `name`, with a file that says who holds it; the system releases it if this process dies.

    Raises Refused if it is taken. `refusal`: returns the message for a holder.
    """
    lock, holder = FileLock(folder / f"{name}.lock", mode=0o600), folder / f"{name}.holder"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Refused(refusal(_describe_holder(holder))) from None
    except OSError as error:
        raise UsageError(
            f"{lock.lock_file} cannot be locked: {error.strerror}. "
            "Move it away if it is no regular file, or make it writable, then try again."
        ) from error
    try:
        _write_holder(holder)
        yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _write_holder(holder: Path) -> None:
    try:
        # Without waiting: a pipe in its place has no reader.
        with open(holder, "w", encoding="utf-8", opener=open_without_waiting) as file:
            file.write(f"process {os.getpid()}, since {datetime.now():%H:%M}")
    except OSError as error:
        raise UsageError(
            f"{holder} cannot be written: {error.strerror}. Nothing was started; remove it, or free some space."
        ) from error


def _describe_holder(holder: Path) -> str:
    """Return who holds the lock, from the holder file, which may contain anything."""
    try:
        content = read_head(holder, _MOST_READ).decode("utf-8", "replace")
    except OSError:
        return ""
    words = printable(" ".join(content.split()))[:_MOST_SHOWN]
    return f" ({words})" if words else ""


def _lock_folder() -> Path:
    """Return this user's folder for locks, the same for all homes and sessions: it does not depend on TOKENDESK_HOME
    or TMPDIR, which may differ between terminals."""
    folder = PlatformDirs("tokendesk", appauthor=False).user_state_path / "locks"
    try:
        make_private(folder)
    except OSError as error:
        raise UsageError(
            f"Cannot create the lock folder {folder}: {error.strerror}. Without it, two runs could overlap. "
            "Make it writable."
        ) from error
    return folder


def _lock_folder_of_0_1() -> Path | None:
    """Return the lock folder of version 0.1, so that the two do not run at once; None if it cannot be used.

    To be removed in the release after the next.
    """
    folder = Path(tempfile.gettempdir()) / f"tokendesk-{_user()}"
    try:
        create_private(folder)
        found = folder.lstat()
    except OSError:
        return None
    theirs = folder.is_symlink() or (hasattr(os, "getuid") and found.st_uid != os.getuid())
    return None if theirs or not os.access(folder, os.W_OK | os.X_OK) else folder


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "".join(c for c in getpass.getuser() if c.isalnum())
