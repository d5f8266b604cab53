"""What was written in this session: each decision is in the desk at once, and can be taken back, newest first."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError

if TYPE_CHECKING:
    from tokendesk.desk.entries import Desk, Entry


class UndoableChange(NamedTuple):
    """What was taken back: the words that were given with it, and the records it was about."""

    words: str
    records: tuple[str, ...]


class DeskWriter:
    """Writes entries, away from the event loop and one after the other. `now` gives epoch seconds."""

    def __init__(self, settings: Settings, now: Callable[[], float]) -> None:
        self._settings = settings
        self._now = now
        self._lock = asyncio.Lock()
        self._written: list[tuple[list[Entry], UndoableChange]] = []

    @property
    def last(self) -> str:
        """What `undo` would take back; empty where nothing was written."""
        return self._written[-1][1].words if self._written else ""

    async def note(
        self, about: str, records: Sequence[str], fields: Mapping[str, str | bool | None], words: str
    ) -> None:
        """Write on the notes of `records`. `words` say what was done, for undo. Raises TokendeskError."""
        await self.notes(about, [(records, fields)], words)

    async def notes(
        self, about: str, parts: Sequence[tuple[Sequence[str], Mapping[str, str | bool | None]]], words: str
    ) -> None:
        """Write several notes of different fields, which are taken back together."""
        from tokendesk.desk.notes import note_payload

        items = [("note", note_payload(about, records, fields)) for records, fields in parts]
        records = tuple(record for part, _ in parts for record in part)
        await self._write(lambda desk: desk.append_all(items), UndoableChange(words, records))

    async def policy(self, policy_id: str, fields: Mapping[str, str | None], words: str) -> None:
        from tokendesk.desk.policies import write_policy

        await self._write(lambda desk: [write_policy(desk, policy_id, fields)], UndoableChange(words, (policy_id,)))

    async def goal(self, policy_id: str | None, words: str) -> None:
        from tokendesk.desk.goals import write_goal

        await self._write(lambda desk: [write_goal(desk, policy_id)], UndoableChange(words, ()))

    async def undo(self) -> UndoableChange | None:
        """Take the last entry of this session back and return what it was; None where there is none."""
        async with self._lock:
            if not self._written:
                return None
            entries, undone = self._written[-1]
            items = [("undo", {"entry": entry.entry_id}) for entry in entries]
            await asyncio.to_thread(self._with_desk, lambda desk: desk.append_all(items))
            self._written.pop()
            await self._follow(entries)
            return undone

    async def _write(self, write: "Callable[[Desk], list[Entry]]", undone: UndoableChange) -> None:
        async with self._lock:
            entries = await asyncio.to_thread(self._with_desk, write)
            self._written.append((entries, undone))
            await self._follow(entries)

    async def _follow(self, entries: "Sequence[Entry]") -> None:
        """Find anew how often a token is used, where it was said which one it took over from."""
        with suppress(TokendeskError, sqlite3.Error):  # it is written all the same, and the next pull finds it
            for entry in entries:
                await self._follow_one(entry)

    async def _follow_one(self, entry: "Entry") -> None:
        if "replaces" in entry.payload.get("fields", ()) and entry.payload.get("about") == "token":
            from tokendesk.history.usage_rhythms import update_rhythms

            places = self._settings.places
            await asyncio.to_thread(
                update_rhythms, places.history, places.snapshot, places.desk, entry.payload["subjects"]
            )

    def _with_desk(self, write: "Callable[[Desk], list[Entry]]") -> "list[Entry]":
        from tokendesk.desk.entries import Desk

        settings = self._settings
        now = self._now
        with Desk(
            settings.places.desk, author=settings.author, clock=lambda: datetime.fromtimestamp(now(), UTC)
        ) as desk:
            return write(desk)
