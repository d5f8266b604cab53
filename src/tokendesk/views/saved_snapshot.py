"""Opens a snapshot that was saved as a file, from any folder."""

from pathlib import Path

from tokendesk.errors import UsageError
from tokendesk.paths import ProfilePaths
from tokendesk.sqlite import is_snapshot
from tokendesk.views.foreign import check_foreign


def open_saved_snapshot(places: ProfilePaths, path: Path) -> ProfilePaths:
    """Return the places of the saved snapshot `path`; refuse other files."""
    try:
        there = path.exists()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Name another file.") from error
    if not there:
        raise UsageError(f"There is no file {path}. Make one with: tokendesk snapshot save {path.name}")
    if not is_snapshot(path):
        raise UsageError(f"{path} is not a tokendesk snapshot. Make one with: tokendesk snapshot save")
    check_foreign(path)
    return places._replace(file=path.absolute())
