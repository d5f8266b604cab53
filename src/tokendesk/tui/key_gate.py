"""Keys, one at a time: the next is handed out when what the one before began is there.

Textual sends a key through the message queues of the focused widget and its ancestors, and runs a binding at the end
of them. A key that comes meanwhile goes to whatever has the focus then. In a burst, such as a paste or a slow line,
letters so overtake the key that leads to their dialog or text line.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterator
from typing import Any, Protocol, TypeAlias, runtime_checkable
from weakref import WeakSet

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker, WorkerError

KeyEvent: TypeAlias = events.Key | events.Paste

LONGEST_HOLD = 1.0
"""Seconds that keys wait for a worker."""
_MOST_LAPS = 20
"""Ways through the queues after a key: each message that it led to may post another one."""


@runtime_checkable
class TakesKeys(Protocol):
    """A screen that says what keys wait for, and whether it takes those pressed before it was seen."""

    DROPS_EARLY_KEYS: bool

    def groups_before(self, key: str) -> Collection[str]:
        """Return the groups of the screen's workers that end before `key` is taken."""


class KeyGate:
    """`hand_out` does with a key what Textual does. All methods run in the task of the app."""

    def __init__(self, app: App[Any], hand_out: Callable[[KeyEvent], Awaitable[None]]) -> None:
        self._app = app
        self._hand_out = hand_out
        self._waiting: deque[KeyEvent] = deque()
        self._under_way = 0
        """How many keys were handed out since all was quiet."""
        self._line: Widget | None = None
        """The text line that got all keys under way, where there is one."""
        self._is_expecting = False
        """Whether an action ran that opens something which is not there yet."""
        self._drawn: WeakSet[Screen[Any]] = WeakSet()
        self._let_go: WeakSet[Worker[Any]] = WeakSet()
        """Workers that took too long: keys wait for them no more."""
        self._watches: dict[Worker[Any], asyncio.Task[None]] = {}
        self._limit: Timer | None = None

    def begin(self) -> None:
        """Follow which screen is on top; those that are open count as seen."""
        self._drawn.update(self._app.screen_stack)
        self._app.screen_change_signal.subscribe(self._app, self._follow_screen, immediate=True)

    async def take(self, event: KeyEvent) -> None:
        """Hand `event` out, now or later."""
        if not self._waiting:
            self._end_expecting()
        if isinstance(event, events.Key) and (event.key == "ctrl+c" or self._goes_to_line(event)):
            await self._send(event)
        else:
            self._waiting.append(event)
            await self._advance()

    async def expect(self, action: Awaitable[bool]) -> bool:
        """Run `action`, which opens something: what is typed from now on is meant for that."""
        self._is_expecting = True
        has_run = await action
        self._is_expecting &= has_run and not _takes_letters(self._app.focused)
        if self._is_expecting and not self._under_way:
            self._settle()
        return has_run

    # --- one key after the other

    def _goes_to_line(self, event: events.Key) -> bool:
        """Return whether `event` is a letter for the line that has all letters before it: its queue keeps the order."""
        line = self._app.focused
        return (
            line is not None
            and not (self._waiting or self._is_expecting)
            and (line is self._line or not self._under_way)
            and self._app.screen in self._drawn
            and line.check_consume_key(event.key, event.character)
        )

    async def _advance(self) -> None:
        """Hand out the next key where it may go."""
        while self._waiting and not self._under_way:
            screen = self._app.screen
            if screen not in self._drawn:
                return
            if held_by := self._held_by(screen, self._waiting[0]):
                if not self._is_let_through(held_by):
                    self._watch(held_by)
                    return
            elif not self._end_expecting():
                self._stop_limit()
                await self._send(self._waiting.popleft())

    async def _send(self, event: KeyEvent) -> None:
        target: Widget = self._app.focused or self._app.screen
        is_letter = isinstance(event, events.Key) and target.check_consume_key(event.key, event.character)
        self._line = target if is_letter and (not self._under_way or target is self._line) else None
        self._under_way += 1
        await self._hand_out(event)
        if self._under_way == 1:
            self._settle(target)

    def _settle(self, target: Widget | None = None, laps: int = 0) -> None:
        """Go the way that a key goes, behind all that is there, until no queue has anything left."""
        self._under_way = self._under_way or 1
        start = target or self._app.focused or self._app.screen
        self._go_on(iter([*start.ancestors_with_self]), self._under_way, laps + 1)

    def _go_on(self, way: Iterator[MessagePump], sent: int, laps: int) -> None:
        for pump in way:
            if pump is not self._app and pump.call_later(self._go_on, way, sent, laps):
                return
        self._app.call_later(self._end_lap, sent, laps)

    async def _end_lap(self, sent: int, laps: int) -> None:
        if sent != self._under_way or (laps < _MOST_LAPS and not self._is_quiet()):
            self._settle(laps=laps)
            return
        self._under_way, self._line = 0, None
        await self._advance()

    def _is_quiet(self) -> bool:
        pumps: list[MessagePump] = [self._app, *self._app.screen.walk_children(with_self=True)]
        return not any(pump.message_queue_size for pump in pumps)

    # --- what keys wait for

    def _follow_screen(self, screen: Screen[Any]) -> None:
        if screen not in self._drawn:
            self._is_expecting = False
            screen.call_after_refresh(self._app.call_later, self._seen, screen)
        elif self._waiting:
            self._app.call_later(self._advance)

    async def _seen(self, screen: Screen[Any]) -> None:
        """Go on, now that the first frame of `screen` was drawn. What was pressed before stands ahead of this call."""
        self._drawn.add(screen)
        if isinstance(screen, TakesKeys) and screen.DROPS_EARLY_KEYS:
            self._drop(len(self._waiting), "pressed before this could be read")
        await self._advance()

    def _end_expecting(self) -> bool:
        """Return whether what was to open did not, which is known once all is quiet."""
        if not self._is_expecting or self._under_way or self._held_by(self._app.screen):
            return False
        self._is_expecting = False
        self._drop(len(self._waiting), "typed for something that did not open")
        return True

    def _held_by(self, screen: Screen[Any], event: KeyEvent | None = None) -> list[Worker[Any]]:
        """Return the workers that `event` waits for, else those that every key does."""
        if not isinstance(screen, TakesKeys):
            return []
        groups = screen.groups_before(event.key if isinstance(event, events.Key) else "")
        return [
            worker
            for worker in self._app.workers
            if worker.node is screen and worker.group in groups and not worker.is_finished
            and worker not in self._let_go
        ]  # fmt: skip

    def _is_let_through(self, held_by: Collection[Worker[Any]]) -> bool:
        """Escape waits for no worker: it gives up what is being opened, or takes the keys before it along."""
        keys = [event.key if isinstance(event, events.Key) else "" for event in self._waiting]
        if "escape" not in keys:
            return False
        self._let_go.update(held_by)
        if self._is_expecting:
            self._is_expecting = False
            for worker in held_by:
                worker.cancel()
            self._drop(keys.index("escape"), "typed for something that esc gave up")
            self._waiting.popleft()
        return True

    def _watch(self, held_by: Collection[Worker[Any]]) -> None:
        for worker in held_by:
            if worker not in self._watches:
                self._watches[worker] = asyncio.create_task(self._watch_one(worker))
        if self._limit is None:
            self._limit = self._app.set_timer(LONGEST_HOLD, self._end_hold)

    async def _watch_one(self, worker: Worker[Any]) -> None:
        try:
            await worker.wait()
        except WorkerError:
            pass
        finally:
            del self._watches[worker]
            self._app.call_later(self._advance)

    async def _end_hold(self) -> None:
        self._stop_limit()
        if self._waiting:
            self._let_go.update(self._held_by(self._app.screen, self._waiting[0]))
        if self._is_expecting:
            self._is_expecting = False
            self._drop(len(self._waiting), "typed for something that takes long to open")
        await self._advance()

    def _stop_limit(self) -> None:
        if self._limit is not None:
            self._limit.stop()
            self._limit = None

    def _drop(self, count: int, why: str) -> None:
        for _ in range(count):
            self._waiting.popleft()
        if count:
            self._app.notify(f"{count:,} key{' was' if count == 1 else 's were'} dropped: {why}.", severity="warning")


def _takes_letters(widget: Widget | None) -> bool:
    return widget is not None and widget.check_consume_key("a", "a")
