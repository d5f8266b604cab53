"""Noticing that another process pulled or wrote while the screens are open."""

from pathlib import Path
from typing import TYPE_CHECKING

from textual.worker import Worker

from tokendesk.config import Settings
from tokendesk.tui.reading import Reading

if TYPE_CHECKING:
    from textual.screen import Screen as _Base
else:
    _Base = object

SECONDS = 2.0
_Sign = tuple[int, int, int]


class Watching(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen. Files are opened again only while nothing is typed and no dialog is open."""

    _settings: Settings
    _reading: Reading
    _pulling: Worker[None] | None
    _seen: _Sign | None = None
    _desk_seen: int | None = None

    if TYPE_CHECKING:  # written in another mixin, which must not be hidden here

        @property
        def is_typing(self) -> bool: ...

    async def renew(self) -> None:
        raise NotImplementedError

    async def desk_changed(self) -> None:
        raise NotImplementedError

    def watch_files(self) -> None:
        """Begin to look. A saved file never changes."""
        self.files_seen()
        if self._settings.places.file is None:
            self.set_interval(SECONDS, self.look_at_files)

    def files_seen(self) -> None:
        """What the files are now is what is on screen."""
        self._seen = _sign(self._settings.places.snapshot)
        self._desk_seen = self._desk_version()

    async def look_at_files(self) -> None:
        ours = self._pulling is not None and self._pulling.is_running
        if ours or self.is_typing or not self.is_current:
            return
        sign = _sign(self._settings.places.snapshot)
        if sign is not None and sign != self._seen:
            await self.renew()
            self.notify("Another tokendesk pulled: this is the new snapshot. Marks, filter and cursor were kept.")
        elif self._desk_version() != self._desk_seen:
            self._desk_seen = self._desk_version()
            await self.desk_changed()

    def _desk_version(self) -> int:
        return int(self._reading.near.db.execute("PRAGMA desk.data_version").fetchone()[0])


def _sign(path: Path) -> _Sign | None:
    """Return what tells one file from the one that took its place; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
