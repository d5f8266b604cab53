"""Opens a URL in the desktop's browser."""

import os
import re
import shutil
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

from tokendesk.running.subprocesses import start_detached

_START_FILE = "import os, sys; os.startfile(sys.argv[1])"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def open_address(address: str, environ: Mapping[str, str] = os.environ, system: str = sys.platform) -> bool:
    """Open the web page `address`; False without a desktop, or if it is no address of a web page."""
    if not is_web_address(address):
        return False
    command = browser_command(environ, system)
    return command is not None and start_detached([*command, address])


def is_web_address(address: str) -> bool:
    """Return whether this is https, or http on this computer: the system would run a path or another scheme."""
    if re.search(r"""[\s"'<>`\\^{|}\x00-\x1f\x7f]""", address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def browser_command(environ: Mapping[str, str], system: str) -> list[str] | None:
    """Return the program that opens an address, and its arguments before it. No shell, and no text browser: that would
    draw over this terminal."""
    if system == "win32":
        # In a process of its own: a browser started by this one would inherit its environment, which may have a key.
        return [sys.executable, "-I", "-c", _START_FILE]
    if system == "darwin":
        program = "open"
    elif environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        program = "xdg-open"
    else:
        program = "wslview"
    found = shutil.which(program, path=environ.get("PATH"))
    return None if found is None else [found]
