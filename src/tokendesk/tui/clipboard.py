"""Copying: by a program of this machine where there is one, else through the terminal (OSC 52)."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from textual.app import App

from tokendesk.model.text import printable_lines
from tokendesk.running.subprocesses import run_with_input

MOST_BYTES = 74_000
"""Terminals drop what is longer than 100,000 bytes, and base64 makes 4 out of 3."""
_PATIENCE = 2.0


async def copy(app: App[int], text: str, environ: Mapping[str, str] = os.environ) -> str:
    """Copy `text` and return which way it went. Not for more than `MOST_BYTES`."""
    text = printable_lines(text, tabs=True)
    # The terminal knows the clipboard of the person's own machine, however far away this one is.
    app.copy_to_clipboard(text)
    command = _command(environ)
    if command is None:
        return "through the terminal"
    if not await asyncio.to_thread(run_with_input, command, text.encode(), _PATIENCE):
        return "through the terminal"
    return f"with {Path(command[0]).name}"


def _command(environ: Mapping[str, str]) -> list[str] | None:
    """Return a program that sets the clipboard here. Inside tmux it is tmux itself: it drops OSC 52 otherwise."""
    candidates = [
        ("TMUX", ["tmux", "load-buffer", "-w", "-"]),
        ("", ["pbcopy"]),
        ("WAYLAND_DISPLAY", ["wl-copy"]),
        ("DISPLAY", ["xclip", "-selection", "clipboard"]),
    ]
    for needs, command in candidates:
        program = shutil.which(command[0], path=environ.get("PATH"))
        if program and (not needs or environ.get(needs)):
            return [program, *command[1:]]
    return None
