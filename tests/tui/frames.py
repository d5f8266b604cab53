"""Frames of a program without a terminal: each widget is drawn, and nothing is put together for nobody to see."""

from typing import Any

from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.geometry import Region

_render_update = Compositor.render_update


def _drawn(self: Compositor, full: bool = False, screen_stack: Any = None, simplify: bool = False) -> Any:
    """Draw what a frame shows. Without a terminal Textual puts the lines together, too, and throws them away."""
    screen, dirty = self.size.region, list(self._dirty_regions)
    if full or not dirty:  # a picture, or nothing to do
        return _render_update(self, full, screen_stack, simplify)
    self._dirty_regions.clear()
    visible_screen_stack.set(screen_stack or [])
    for _ in self._get_renders(Region.from_union(dirty).intersection(screen)):
        pass
    return None


def install() -> None:
    """Spare headless programs the composition of frames, which is a third of what a test of the screens costs."""
    Compositor.render_update = _drawn  # type: ignore[method-assign]
