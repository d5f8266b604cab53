"""Copies text with a local program if there is one, else through the terminal (OSC 52)."""

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from textual.app import App

from tokendesk.model.text import printable_lines
from tokendesk.running.subprocesses import run_with_input

MOST_BYTES = 74_000
"""Terminals drop sequences of more than 100,000 bytes, and base64 makes 4 bytes of 3."""
_PATIENCE = 2.0


class _Program(NamedTuple):
    """A program that sets a clipboard. `needs`: the variable of the environment without which it cannot."""

    command: tuple[str, ...]
    needs: str = ""
    encoding: str = "utf-8"


_TMUX = _Program(("tmux", "load-buffer", "-w", "-"), "TMUX")
"""Inside tmux it is tmux, which may drop OSC 52."""
_PROGRAMS = {
    "win32": (_Program(("clip.exe",), encoding="utf-16-le"),),
    "darwin": (_TMUX, _Program(("pbcopy",))),
}
_ELSEWHERE = (
    _TMUX,
    _Program(("wl-copy",), "WAYLAND_DISPLAY"),
    _Program(("xclip", "-selection", "clipboard"), "DISPLAY"),
    _Program(("clip.exe",), "WSL_DISTRO_NAME", "utf-16-le"),
)


async def copy(app: App[int], text: str, environ: Mapping[str, str] = os.environ, system: str = sys.platform) -> str:
    """Copy `text`, at most `MOST_BYTES` long, and return how it was copied."""
    text = printable_lines(text, tabs=True)
    # The terminal reaches the clipboard of the user's own machine, even over SSH.
    app.copy_to_clipboard(text)
    program = clipboard_program(environ, system)
    if program is None:
        return "through the terminal"
    content = text.encode(program.encoding, "replace")
    if not await asyncio.to_thread(run_with_input, program.command, content, _PATIENCE):
        return "through the terminal"
    return f"with {Path(program.command[0]).name}"


def clipboard_program(environ: Mapping[str, str], system: str) -> _Program | None:
    """Return the program that sets the clipboard of this computer, with its full path; None if there is none."""
    for program in _PROGRAMS.get(system, _ELSEWHERE):
        name, *arguments = program.command
        found = _of_windows(name, environ) if system == "win32" else shutil.which(name, path=environ.get("PATH"))
        if found and (not program.needs or environ.get(program.needs)):
            return program._replace(command=(found, *arguments))
    return None


def _of_windows(name: str, environ: Mapping[str, str]) -> str | None:
    """Return the path of a program of Windows itself. A search would begin in the current folder."""
    found = Path(environ.get("SYSTEMROOT", r"C:\Windows"), "System32", name)
    return str(found) if found.is_file() else None
