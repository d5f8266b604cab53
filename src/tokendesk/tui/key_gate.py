"""Delivers keys one at a time: the next follows when what the previous one opened is on screen.

Textual sends a key through the message queues of the focused widget and its ancestors, and runs its binding at the
end. A key that arrives before that goes to the widget that has the focus by then. In a burst, as of a paste or a slow
connection, letters would overtake the key that opens their dialog or text line.
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
"""The most seconds that keys wait for a worker."""
ROWS = "rows"
"""The group of the worker that reads the rows of a query. Keys meant for these rows never act on those before."""
_MOST_LAPS = 20
"""The most passes through the queues after a key: each message may post another."""


@runtime_checkable
class TakesKeys(Protocol):
    """A screen that names what keys wait for, and whether early keys are dropped."""

    DROPS_EARLY_KEYS: bool

    def groups_before(self, key: str) -> Collection[str]:
        """Return the groups of the screen's workers that must end before `key` is handled."""


@runtime_checkable
class ActsAlone(Protocol):
    """A widget whose own bindings neither open anything nor move the focus, so that they may follow each other."""

    ACTS_ALONE: bool


class KeyGate:
    """`hand_out` passes a key to Textual. All methods run in the app's task."""

    def __init__(self, app: App[Any], hand_out: Callable[[KeyEvent], Awaitable[None]]) -> None:
        self._app = app
        self._hand_out = hand_out
        self._waiting: deque[KeyEvent] = deque()
        self._under_way = 0
        """How many keys were delivered since the queues were empty."""
        self._target: Widget | None = None
        """The widget that received all keys being handled, if it keeps their order."""
        self._is_expecting = False
        """Whether an action ran that opens something not on screen yet."""
        self._drawn: WeakSet[Screen[Any]] = WeakSet()
        self._let_go: WeakSet[Worker[Any]] = WeakSet()
        """Workers that took too long, for which keys no longer wait."""
        self._watches: dict[Worker[Any], asyncio.Task[None]] = {}
        self._limit: Timer | None = None

    def begin(self) -> None:
        """Subscribe to screen changes; screens already open count as drawn."""
        self._drawn.update(self._app.screen_stack)
        self._app.screen_change_signal.subscribe(self._app, self._follow_screen, immediate=True)

    async def take(self, event: KeyEvent) -> None:
        """Deliver `event`, now or later."""
        if not self._waiting:
            self._end_expecting()
        if isinstance(event, events.Key) and (event.key == "ctrl+c" or self._keeps_order(event)):
            await self._send(event)
        else:
            self._waiting.append(event)
            await self._advance()

    async def expect(self, action: Awaitable[bool]) -> bool:
        """Run `action`, which opens something that receives the keys from now on."""
        self._is_expecting = True
        has_run = await action
        self._is_expecting &= has_run and not _takes_letters(self._app.focused)
        if self._is_expecting and not self._under_way:
            self._settle()
        return has_run

    # --- one key after the other

    def _keeps_order(self, event: events.Key) -> bool:
        """Return whether `event` goes to the widget that got the previous ones: its queue keeps the order."""
        target = self._app.focused
        return (
            target is not None
            and not (self._waiting or self._is_expecting)
            and (target is self._target or not self._under_way)
            and self._app.screen in self._drawn
            and self._is_for(target, event)
        )

    def _is_for(self, target: Widget, event: KeyEvent) -> bool:
        """Return whether `event` is a letter for `target`, or a binding of it that changes nothing else."""
        if not isinstance(event, events.Key):
            return False
        if target.check_consume_key(event.key, event.character):
            return True
        if not isinstance(target, ActsAlone) or self._held_by(self._app.screen, event):
            return False
        binding = self._app.screen.active_bindings.get(event.key)
        return binding is not None and binding.node is target

    async def _advance(self) -> None:
        """Deliver the next key if nothing holds it."""
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
        is_next = not self._under_way or target is self._target
        self._target = target if is_next and self._is_for(target, event) else None
        self._under_way += 1
        await self._hand_out(event)
        if self._under_way == 1:
            self._settle(target)

    def _settle(self, target: Widget | None = None, laps: int = 0) -> None:
        """Pass through the queues that a key passes through, until all are empty."""
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
        self._under_way, self._target = 0, None
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
        """Continue after the first frame of `screen`. Keys pressed before it are already waiting."""
        self._drawn.add(screen)
        if isinstance(screen, TakesKeys) and screen.DROPS_EARLY_KEYS:
            self._drop(len(self._waiting), "pressed before this could be read")
        await self._advance()

    def _end_expecting(self) -> bool:
        """Return whether the expected screen did not open, which is known once the queues are empty."""
        if not self._is_expecting or self._under_way or self._held_by(self._app.screen):
            return False
        self._is_expecting = False
        self._drop(len(self._waiting), "typed for something that did not open")
        return True

    def _held_by(self, screen: Screen[Any], event: KeyEvent | None = None) -> list[Worker[Any]]:
        """Return the workers that `event` waits for; without one, those that any key waits for."""
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
        """Escape waits for no worker: it cancels what is opening. The keys before it are dropped."""
        keys = [event.key if isinstance(event, events.Key) else "" for event in self._waiting]
        if "escape" not in keys:
            return False
        self._let_go.update(held_by)
        if self._is_expecting:
            self._is_expecting = False
            for worker in held_by:
                worker.cancel()
            self._drop(keys.index("escape"), "typed for something that esc cancelled")
            self._waiting.popleft()
        else:
            self._drop(keys.index("escape"), "still waiting when esc was pressed")
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
        held_by = self._held_by(self._app.screen, self._waiting[0]) if self._waiting else []
        self._let_go.update(held_by)
        if self._is_expecting:
            self._is_expecting = False
            self._drop(len(self._waiting), "typed for something that takes long to open")
        elif any(worker.group == ROWS for worker in held_by):
            self._drop(len(self._waiting), "typed for rows that take long to load")
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
