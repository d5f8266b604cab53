"""Copies text with a local program if there is one, else through the terminal (OSC 52)."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from textual.app import App

from tokendesk.model.text import printable_lines
from tokendesk.running.subprocesses import run_with_input

MOST_BYTES = 74_000
"""Terminals drop sequences of more than 100,000 bytes, and base64 makes 4 bytes of 3."""
_PATIENCE = 2.0


async def copy(app: App[int], text: str, environ: Mapping[str, str] = os.environ) -> str:
    """Copy `text`, at most `MOST_BYTES` long, and return how it was copied."""
    text = printable_lines(text, tabs=True)
    # The terminal reaches the clipboard of the user's own machine, even over SSH.
    app.copy_to_clipboard(text)
    command = _command(environ)
    if command is None:
        return "through the terminal"
    if not await asyncio.to_thread(run_with_input, command, text.encode(), _PATIENCE):
        return "through the terminal"
    return f"with {Path(command[0]).name}"


def _command(environ: Mapping[str, str]) -> list[str] | None:
    """Return a command that sets the local clipboard. Inside tmux it is tmux, which may drop OSC 52."""
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
