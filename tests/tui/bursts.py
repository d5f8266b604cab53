"""Bytes as a terminal sends them: one read may bring many keys."""

import asyncio
from typing import Any

from textual._xterm_parser import XTermParser
from textual.app import App

CONTROLS = {
    "enter": "\r", "tab": "\t", "backspace": "\x7f", "delete": "\x1b[3~", "up": "\x1b[A", "down": "\x1b[B",
    "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F", "ctrl+a": "\x01", "ctrl+c": "\x03",
    "ctrl+e": "\x05", "ctrl+k": "\x0b", "ctrl+u": "\x15", "ctrl+w": "\x17", "shift+tab": "\x1b[Z",
}  # fmt: skip


def send_chunk(app: App[Any], *keys: str) -> None:
    """Have the keys come in one chunk, as a paste or a slow line brings them: nothing is awaited between them."""
    for event in XTermParser().feed("".join(CONTROLS.get(key, key) for key in keys)):
        app.post_message(event)


async def until_handled() -> None:
    """Return when all that was sent is done, except for what waits for the next frame."""
    loop: Any = asyncio.get_running_loop()
    await asyncio.sleep(0)
    while loop._ready:  # noqa: ASYNC110 - no event tells when a loop has nothing left to do
        await asyncio.sleep(0)
