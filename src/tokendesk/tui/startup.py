"""What makes the first frame come sooner.

Each number is the CPU time until the first frame against that of an empty Textual app: with it, and without it in the
same round of starts. Beside these, what has nothing to say before the rows are there is mounted behind the first frame:
1.31, and 1.58 with everything at once.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App

DEFERRED_SHEET = Path(__file__).with_name("deferred.tcss")


@contextmanager
def paused_gc() -> Iterator[None]:
    """Until the first frame there is much to make and nothing to collect: 1.31, and 1.50 without the pause.

    `resume_gc` ends it earlier, once the screen is complete.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def resume_gc() -> None:
    """Collect again; what start-up made stays to the end, and is not looked through."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def set_frame_rate() -> None:
    """Before Textual is imported: the next frame waits 2 ms at most, not 17. Nothing is drawn unasked."""
    os.environ.setdefault("TEXTUAL_FPS", "500")


def read_deferred_sheet(app: "App[int]") -> None:
    """Read the rules that nothing of the first frame needs: 1.31, and 1.40 with one sheet for all."""
    app.stylesheet.read(DEFERRED_SHEET)
