"""One run at a time: per organization and computer, whatever profile or home it is started from."""

import getpass
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from tokendesk.errors import Refused, UsageError
from tokendesk.paths import make_folder


@contextmanager
def one_run_at_a_time(api_url: str, org_id: str) -> Iterator[None]:
    """Hold the organization's run lock; the system frees it if this process dies. Raises Refused while it is held."""
    folder = _folder()
    name = hashlib.sha256(f"{api_url}\n{org_id}".encode()).hexdigest()[:24]
    lock, holder = FileLock(folder / f"run-{name}.lock", mode=0o600), folder / f"run-{name}.holder"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        try:
            who = f" ({holder.read_text('utf-8').strip()[:80]})"
        except (OSError, UnicodeDecodeError):
            who = ""
        raise Refused(
            f"Another run on this organization is under way on this computer{who}. Wait until it has ended."
        ) from None
    except OSError as error:
        raise UsageError(f"{folder} cannot be locked: {error.strerror}. Make it writable.") from error
    try:
        holder.write_text(f"process {os.getpid()}, since {datetime.now():%H:%M}", "utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _folder() -> Path:
    """Return this person's folder for locks. It is shared by all homes: not a part of any of them."""
    folder = Path(tempfile.gettempdir()) / f"tokendesk-{_user()}"
    make_folder(folder)
    found = folder.lstat()
    if folder.is_symlink() or (hasattr(os, "getuid") and found.st_uid != os.getuid()):
        raise UsageError(f"{folder} belongs to somebody else. Remove it, or set TMPDIR to a folder of your own.")
    return folder


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "".join(c for c in getpass.getuser() if c.isalnum())
