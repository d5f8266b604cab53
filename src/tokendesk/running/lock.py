"""One run at a time: per organization and user of this computer, whatever profile or home it is started from."""

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
from tokendesk.model.text import clean
from tokendesk.paths import create_private, make_private, open_private

_MOST_READ, _MOST_SHOWN = 400, 80
"""Bytes and characters of what the holder of a lock says of itself."""


@contextmanager
def one_run_at_a_time(api_url: str, org_id: str) -> Iterator[None]:
    """Hold the organization's run lock; the system frees it if this process dies. Raises Refused while it is held."""
    name = hashlib.sha256(f"{api_url}\n{org_id}".encode()).hexdigest()[:24]
    with ExitStack() as held:
        held.enter_context(_lock(_folder(), name))
        if (earlier := _earlier_folder()) is not None:
            held.enter_context(_lock(earlier, name))
        yield


def _lock(folder: Path, name: str) -> AbstractContextManager[None]:
    return hold(
        folder,
        f"run-{name}",
        lambda who: f"Another run on this organization is under way on this computer{who}. Wait until it has ended.",
    )


@contextmanager
def hold(folder: Path, name: str, refusal: Callable[[str], str]) -> Iterator[None]:
    """Hold the lock `name`, and say in a file beside it who does; the system frees it if this process dies.

    Raises Refused while it is held. `refusal`: makes the sentence of who holds it.
    """
    lock, holder = FileLock(folder / f"{name}.lock", mode=0o600), folder / f"{name}.holder"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Refused(refusal(_holder_words(holder))) from None
    except OSError as error:
        raise UsageError(f"{folder} cannot be locked: {error.strerror}. Make it writable.") from error
    try:
        _say_who(holder)
        yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _say_who(holder: Path) -> None:
    try:
        with open_private(holder) as file:
            file.write(f"process {os.getpid()}, since {datetime.now():%H:%M}")
    except OSError as error:
        raise UsageError(
            f"{holder} cannot be written: {error.strerror}. Nothing was begun; make room, or make it writable."
        ) from error


def _holder_words(holder: Path) -> str:
    """Return who holds the lock, as they wrote it: it may be any file by now, and hold anything."""
    try:
        said = read_head(holder, _MOST_READ).decode("utf-8", "replace")
    except OSError:
        return ""
    words = clean(" ".join(said.split()))[:_MOST_SHOWN]
    return f" ({words})" if words else ""


def _folder() -> Path:
    """Return this user's folder for locks. It is one for all homes and sessions: neither TOKENDESK_HOME nor TMPDIR,
    which two terminals may set differently, says where it is."""
    folder = PlatformDirs("tokendesk", appauthor=False).user_state_path / "locks"
    try:
        make_private(folder)
    except OSError as error:
        raise UsageError(
            f"The folder {folder} for locks cannot be made: {error.strerror}. Two runs at a time could not be told "
            "apart without it: make it writable."
        ) from error
    return folder


def _earlier_folder() -> Path | None:
    """Return where version 0.1 locks, so that the two do not run at a time; None where it could not lock either.

    To be dropped with the release after the next one.
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
