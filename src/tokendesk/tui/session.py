"""What was written in this session: each decision is in the desk at once, and can be taken back, newest first."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tokendesk.config import Settings
from tokendesk.desk.entries import Desk, Entry


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: the words that were given with it, and the records it was about."""

    words: str
    records: tuple[str, ...]


class Session:
    """Writes entries, away from the event loop. `clock` gives the present as epoch seconds."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._written: list[tuple[Entry, Undone]] = []

    @property
    def last(self) -> str:
        """What `undo` would take back; empty where nothing was written."""
        return self._written[-1][1].words if self._written else ""

    async def note(
        self, about: str, records: Sequence[str], fields: Mapping[str, str | bool | None], words: str
    ) -> None:
        """Write on the notes of `records`. `words` say what was done, for undo. Raises TokendeskError."""
        from tokendesk.desk.notes import write_note

        await self._write(lambda desk: write_note(desk, about, records, fields), Undone(words, tuple(records)))

    async def policy(self, policy_id: str, fields: Mapping[str, str | None], words: str) -> None:
        from tokendesk.desk.policies import write_policy

        await self._write(lambda desk: write_policy(desk, policy_id, fields), Undone(words, (policy_id,)))

    async def goal(self, policy_id: str | None, words: str) -> None:
        from tokendesk.desk.goals import write_goal

        await self._write(lambda desk: write_goal(desk, policy_id), Undone(words, ()))

    async def undo(self) -> Undone | None:
        """Take the last entry of this session back and return what it was; None where there is none."""
        from tokendesk.desk.notes import undo

        if not self._written:
            return None
        entry, undone = self._written[-1]
        await asyncio.to_thread(self._with_desk, lambda desk: undo(desk, entry))
        await self._follow(entry)
        self._written.pop()
        return undone

    async def _write(self, write: Callable[[Desk], Entry], undone: Undone) -> None:
        entry = await asyncio.to_thread(self._with_desk, write)
        await self._follow(entry)
        self._written.append((entry, undone))

    async def _follow(self, entry: Entry) -> None:
        """Find anew how often a token is used, where it was said which one it took over from."""
        if "replaces" in entry.payload.get("fields", ()) and entry.payload.get("about") == "token":
            from tokendesk.history.rhythms import renew_rhythms

            places = self._settings.places
            await asyncio.to_thread(
                renew_rhythms, places.history, places.snapshot, places.desk, entry.payload["subjects"]
            )

    def _with_desk(self, write: Callable[[Desk], Entry]) -> Entry:
        settings = self._settings
        clock = self._clock
        with Desk(
            settings.places.desk, author=settings.author, clock=lambda: datetime.fromtimestamp(clock(), UTC)
        ) as desk:
            return write(desk)
