"""The one-line widgets around the list: title, tabs, activity, key bar."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tokendesk.model.text import fit_parts
from tokendesk.tui.actions import Action
from tokendesk.tui.keymap import actions_of
from tokendesk.tui.widgets.columns import fit_text


class TextLine(Static):
    """A line of text that changes without a layout of the screen."""

    DEFAULT_CSS = "TextLine { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__("", id=id, markup=False)

    @property
    def room(self) -> int:
        """The width; before the first layout that of the screen, so that the first frame is complete."""
        return self.size.width or self.app.size.width

    def say(self, content: Content) -> None:
        self.update(content, layout=False)


class TitleLine(TextLine):
    """The path on the left, the data source on the right; the left is truncated first, then the right loses parts.

    After the path come the conditions as chips; a click on a chip posts `ChipClicked` with its number.
    """

    class ChipClicked(Message):
        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._path: Sequence[str] = ()
        self._chips: Sequence[str] = ()
        self._right = ("", "")
        self._places: list[range] = []

    def set_parts(self, path: Sequence[str], right: str, tone: str = "", chips: Sequence[str] = ()) -> None:
        self._path, self._chips, self._right = path, chips, (right, tone)
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        right, tone = self._right
        room = self.room - 2
        name = " tokendesk  "
        right = fit_parts(right, room - len(name) - 10, cell_len)
        left = max(0, room - len(name) - cell_len(right) - 1)
        trail = fit_text(" ▸ ".join(self._path), min(left, cell_len(" ▸ ".join(self._path))))
        parts: list[tuple[str, str]] = [(name, "bold $accent"), (trail, "")]
        at = len(name) + cell_len(trail)
        left -= cell_len(trail)
        self._places = []
        for number, chip in enumerate(self._chips):
            more = len(self._chips) - number
            words = f" {chip} ×"
            # The last chip may be truncated; before others, keep room for their number.
            if cell_len(words) + 2 > left - (6 if more > 1 else 0):
                words = fit_text(words, left - 2).rstrip() if more == 1 and left > 12 else ""
            if not words:
                parts += [(" ", ""), (fit_text(f"+{more}", max(0, min(left - 1, 3))), "$muted")]
                left -= min(left, 4)
                break
            parts += [(" ", ""), (f"{words} ", "$text-accent on $surface-lighten-1")]
            self._places.append(range(at + 1, at + 2 + cell_len(words)))
            at += cell_len(words) + 2
            left -= cell_len(words) + 2
        parts += [(" " * max(1, left + 1), ""), (right + " ", tone or "$muted")]
        self.say(Content.assemble(*parts))

    def on_click(self, event: events.Click) -> None:
        number = next((number for number, place in enumerate(self._places) if event.x in place), None)
        if number is not None:
            self.post_message(self.ChipClicked(number))


class TabsLine(TextLine):
    """The panes with number keys and counts; a click opens a pane."""

    _ends: Sequence[tuple[int, str]] = ()
    _tabs: Sequence[tuple[str, str, int]] = ()
    _current = ""
    _goal = ""

    def set_goal(self, words: str) -> None:
        """Show progress towards the goal on the right; in little room, without the counts of panes."""
        self._goal = words
        self._draw()

    def set_tabs(self, tabs: Sequence[tuple[str, str, int]], current: str) -> None:
        """`tabs`: name, title and count of each pane, in the order of their number keys."""
        self._tabs, self._current = tabs, current
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        goal_width = cell_len(_in_short(self._goal)) + 1 if self._goal else 0
        for counts, names, gap in ((True, True, "  "), (True, True, ""), (False, True, " "), (False, False, " ")):
            parts, ends = self._pane_names(counts=counts, names=names, gap=gap)
            needed = ends[-1][0] if ends else 0
            # The goal matters more than how many rows all panes have, and less than their names.
            if needed + goal_width * counts <= self.room:
                break
        self._ends = ends
        room = self.room - (ends[-1][0] if ends else 0) - 1
        goal = self._goal if cell_len(self._goal) <= room else _in_short(self._goal)
        words = fit_text(goal, room, right=True) if goal and room > 0 else ""
        self.say(Content.assemble(*parts, (words, "$text-accent")))

    def _pane_names(
        self, *, counts: bool, names: bool, gap: str
    ) -> tuple[list[tuple[str, str]], list[tuple[int, str]]]:
        """Return the parts of the line, and where each pane ends. `names`: of all panes, else of the present one."""
        parts: list[tuple[str, str]] = [(" ", "")]
        ends: list[tuple[int, str]] = []
        for number, (name, title, count) in enumerate(self._tabs, 1):
            here = name == self._current
            parts.append((f" {number} ", "bold $text-accent" if here else "$muted"))
            if here or names:
                parts.append((title, "bold" if here else "$muted"))
            if counts:
                parts.append((f" {count:,} ", "$text-accent" if here else "$muted"))
            parts.append((gap, ""))
            ends.append((sum(cell_len(text) for text, _ in parts), name))
        return parts, ends

    async def on_click(self, event: events.Click) -> None:
        if (name := _at(self._ends, event.x)) is not None:
            await self.screen.run_action(f"pane({name!r})")


def _in_short(words: str) -> str:
    """Return the short form of the goal's progress: `Default: 21 of 82 decided`."""
    name, colon, rest = words.partition(": ")
    return f"{name}{colon}{rest.rpartition(' · ')[2]}"


class KeyBar(TextLine):
    """The most important keys of a context, as many as fit; unavailable ones are faint.

    A click acts like the key. Completions are shown here too: a line that appears and disappears would move the list.
    """

    def __init__(self, *, id: str | None = None, place: str = "screen") -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._place = place
        self._places = {place, "list"} if place == "screen" else {place}
        self._ends: Sequence[tuple[int, Action]] = ()
        self._off: Collection[str] = ()
        self._away: Collection[str] = ()
        self._titles: Mapping[str, str] = {}
        # These keys lead to all others.
        self._kept = ("help", "quit" if place == "screen" else "view.back")
        self._offer: Content | None = None

    def on_mount(self) -> None:
        self._draw()

    def set_state(
        self,
        *,
        off: Collection[str] | None = None,
        away: Collection[str] | None = None,
        titles: Mapping[str, str] | None = None,
    ) -> None:
        """`off`: ids of unavailable actions; `away`: ids of hidden ones; `titles`: titles that differ now."""
        before = self._off, self._away, self._titles
        if off is not None:
            self._off = off
        if away is not None:
            self._away = away
        if titles is not None:
            self._titles = titles
        if before != (self._off, self._away, self._titles):
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    @property
    def shows_completion(self) -> bool:
        return self._offer is not None

    def show_completion(self, words: Content | None) -> None:
        if words is not None or self._offer is not None:
            self._offer = words
            self._draw()

    def _draw(self) -> None:
        if self._offer is not None:
            self._ends = ()
            self.say(self._offer)
            return
        table = [key for key in actions_of(self.app) if key.bar_order and self._places.intersection(key.contexts)]
        here = [key for key in table if key.id not in self._away]
        keys = sorted(here, key=lambda key: key.bar_order)
        gap = 3 if self.room >= _ROOMY else 2
        titles = {key.id: self._titles.get(key.id, key.title) for key in keys}
        room = self.room - 1
        while keys and sum(_width(key.shown_keys.split()[0], titles[key.id]) + gap for key in keys) > room:
            droppable = [key for key in keys if key.id not in self._kept] or keys
            keys.remove(droppable[-1])
        # The keys to leave are always at the end.
        keys.sort(key=lambda key: _LAST.index(key.id) if key.id in _LAST else -1)
        parts: list[tuple[str, str]] = [(" ", "")]
        ends: list[tuple[int, Action]] = []
        for key in keys:
            off = key.id in self._off
            parts.append((key.shown_keys.split()[0], "$faint" if off else "bold $accent"))
            parts.append((f" {titles[key.id]}{' ' * gap}", "$faint" if off else "$muted"))
            ends.append((sum(cell_len(text) for text, _ in parts), key))
        self._ends = ends
        self.say(Content.assemble(*parts))

    async def on_click(self, event: events.Click) -> None:
        key = _at(self._ends, event.x)
        if key is None:
            return
        action = key.textual_action(self._place)
        name = action.partition("(")[0]
        if "." in name or hasattr(self.screen, f"action_{name}"):
            await self.screen.run_action(action)
        else:
            await self.screen.query_one("#list").run_action(action)


What = TypeVar("What")


def _at(ends: Sequence[tuple[int, What]], x: int) -> What | None:
    """Return the item at cell `x`."""
    return next((what for end, what in ends if x < end), None)


_ROOMY = 100
_LAST = ("commands", "help", "view.back", "quit")


def _width(keys: str, title: str) -> int:
    return cell_len(keys) + 1 + cell_len(title)
