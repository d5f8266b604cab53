"""Writes desk entries at once, and undoes those of this session, newest first."""

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
    """A change that can be undone: its description, and its records.

    `tokens`: those whose predecessor it changes, and so their rhythm.
    """

    words: str
    records: tuple[str, ...]
    tokens: tuple[str, ...] = ()


class DeskWriter:
    """Writes entries in a thread, one after the other. `now` returns epoch seconds."""

    def __init__(self, settings: Settings, now: Callable[[], float]) -> None:
        self._settings = settings
        self._now = now
        self._lock = asyncio.Lock()
        self._written: list[tuple[list[Entry], UndoableChange]] = []

    @property
    def last(self) -> str:
        """What `undo` would undo; empty if nothing was written."""
        return self._written[-1][1].words if self._written else ""

    async def note(
        self, about: str, records: Sequence[str], fields: Mapping[str, str | bool | None], words: str
    ) -> None:
        """Change the notes of `records`. `words` describe the change for undo. Raises TokendeskError."""
        await self.notes(about, [(records, fields)], words)

    async def notes(
        self, about: str, parts: Sequence[tuple[Sequence[str], Mapping[str, str | bool | None]]], words: str
    ) -> None:
        """Write several notes of different fields, which are undone together."""
        from tokendesk.desk.notes import note_payload

        items = [("note", note_payload(about, records, fields)) for records, fields in parts]
        records = tuple(record for part, _ in parts for record in part)
        replacing = [part for part, fields in parts if about == "token" and "replaces" in fields]
        tokens = tuple(record for part in replacing for record in part)
        await self._write(lambda desk: desk.append_all(items), UndoableChange(words, records, tokens))

    async def undo_take_overs(self, about: str, records: Sequence[str]) -> int:
        """Undo what the rule for renewals wrote on `records`; return how many take-overs that were."""
        from tokendesk.running.renew import undo_take_over

        tokens = tuple(records) if about == "token" else ()
        undone = UndoableChange("the undoing of take-overs", tuple(records), tokens)
        return len(await self._write(lambda desk: undo_take_over(desk, about, *records), undone))

    async def policy(self, policy_id: str, fields: Mapping[str, str | None], words: str) -> None:
        from tokendesk.desk.policies import write_policy

        await self._write(lambda desk: [write_policy(desk, policy_id, fields)], UndoableChange(words, (policy_id,)))

    async def goal(self, policy_id: str | None, words: str) -> None:
        from tokendesk.desk.goals import write_goal

        await self._write(lambda desk: [write_goal(desk, policy_id)], UndoableChange(words, ()))

    async def undo(self) -> UndoableChange | None:
        """Undo the last change of this session and return it; None if there is none."""
        async with self._lock:
            if not self._written:
                return None
            entries, undone = self._written[-1]
            items = [("undo", {"entry": entry.entry_id}) for entry in entries]
            await asyncio.to_thread(self._with_desk, lambda desk: desk.append_all(items))
            self._written.pop()
            await self._follow(undone)
            return undone

    async def _write(self, write: "Callable[[Desk], list[Entry]]", undone: UndoableChange) -> "list[Entry]":
        async with self._lock:
            entries = await asyncio.to_thread(self._with_desk, write)
            if entries:
                self._written.append((entries, undone))
                await self._follow(undone)
            return entries

    async def _follow(self, change: UndoableChange) -> None:
        """Recompute the usage rhythm of tokens whose predecessor was set."""
        if not change.tokens:
            return
        from tokendesk.history.usage_rhythms import update_rhythms

        paths = self._settings.paths
        with suppress(TokendeskError, sqlite3.Error):  # the entry is written, and the next pull recomputes it
            await asyncio.to_thread(update_rhythms, paths.history, paths.snapshot, paths.desk, change.tokens)

    def _with_desk(self, write: "Callable[[Desk], list[Entry]]") -> "list[Entry]":
        from tokendesk.desk.entries import Desk

        settings = self._settings
        now = self._now
        with Desk(
            settings.paths.desk, author=settings.author, clock=lambda: datetime.fromtimestamp(now(), UTC)
        ) as desk:
            return write(desk)
