"""Opens a URL in the desktop's browser."""

import os
import shutil
import sys
from collections.abc import Mapping

from tokendesk.running.subprocesses import start_detached


def open_address(address: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Open `address`; False without a desktop. A text browser would draw over this terminal."""
    if sys.platform == "darwin":
        program = "open"
    elif environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        program = "xdg-open"
    else:
        program = "wslview"
    found = shutil.which(program, path=environ.get("PATH"))
    return found is not None and start_detached([found, address])
