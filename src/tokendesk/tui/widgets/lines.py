"""The one-line widgets around the list: title, tabs, activity, key bar."""

from collections.abc import Collection, Mapping, Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from tokendesk.tui.keys import KEYS
from tokendesk.tui.widgets.columns import fit_text


class Line(Static):
    """One line that never lays the screen out again when its text changes."""

    DEFAULT_CSS = "Line { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__("", id=id, markup=False)

    def say(self, content: Content) -> None:
        self.update(content, layout=False)


class TitleLine(Line):
    """Where we are on the left, what the data is on the right; the left gives way first."""

    def set_parts(self, path: Sequence[str], right: str, tone: str = "") -> None:
        self._parts = (tuple(path), right, tone)
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if not hasattr(self, "_parts"):
            return
        path, right, tone = self._parts
        room = self.size.width - 2
        name = "tokendesk"
        trail = " ▸ ".join(path)
        right = right if cell_len(right) <= room - len(name) - 12 else right.split(" · ")[0]
        width = max(0, room - len(name) - cell_len(right) - 4)
        self.say(
            Content.assemble(
                (f" {name}  ", "bold $accent"),
                (fit_text(trail, width), ""),
                ("  ", ""),
                (right + " ", tone or "$muted"),
            )
        )


class TabsLine(Line):
    """The panes with their numbers and counts."""

    def set_tabs(self, tabs: Sequence[tuple[str, str, int]], current: str) -> None:
        """`tabs`: name, title and count of each pane, in the order of their number keys."""
        parts: list[tuple[str, str]] = [(" ", "")]
        for number, (name, title, count) in enumerate(tabs, 1):
            here = name == current
            parts.append((f" {number} ", "bold $text-accent" if here else "$muted"))
            parts.append((title, "bold" if here else "$muted"))
            parts.append((f" {count:,} ", "$text-accent" if here else "$muted"))
            parts.append(("  ", ""))
        self.say(Content.assemble(*parts))


class KeyBar(Line):
    """The keys of one place that matter most, as many as fit; those that cannot act are faint."""

    def __init__(self, *, id: str | None = None, place: str = "screen") -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        places = {place, "list"} if place == "screen" else {place}
        self._keys = sorted((key for key in KEYS if key.bar and places.intersection(key.places)), key=lambda k: k.bar)
        self._off: Collection[str] = ()
        self._titles: Mapping[str, str] = {}

    def tell(self, *, off: Collection[str] | None = None, titles: Mapping[str, str] | None = None) -> None:
        """`off`: ids of keys that cannot act now; `titles`: what some keys are called now."""
        if off is not None:
            self._off = off
        if titles is not None:
            self._titles = titles
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        keys = list(self._keys)
        titles = {key.id: self._titles.get(key.id, key.title) for key in keys}
        while keys and sum(_width(key.shown_keys.split()[0], titles[key.id]) for key in keys) > self.size.width - 1:
            # Help and Quit stay: with them everything else can be found.
            droppable = [key for key in keys if key.id not in ("help", "quit")] or keys
            keys.remove(droppable[-1])
        parts: list[tuple[str, str]] = [(" ", "")]
        for key in keys:
            off = key.id in self._off
            parts.append((key.shown_keys.split()[0], "$faint" if off else "bold $accent"))
            parts.append((f" {titles[key.id]}   ", "$faint" if off else "$muted"))
        self.say(Content.assemble(*parts))


def _width(keys: str, title: str) -> int:
    return cell_len(keys) + 1 + cell_len(title) + 3
