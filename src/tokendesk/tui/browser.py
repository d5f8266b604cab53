"""Opening an address outside, where there is something that opens it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping


def open_address(address: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Hand `address` to the desktop; False where there is none. A browser in this terminal would draw over us."""
    if sys.platform == "darwin":
        program = "open"
    elif environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        program = "xdg-open"
    else:
        program = "wslview"
    found = shutil.which(program, path=environ.get("PATH"))
    if found is None:
        return False
    try:
        subprocess.Popen(
            [found, address], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    except OSError:
        return False
    return True
