"""The desk's file: its format, and the tables it is made with."""

from pathlib import Path

APPLICATION_ID = 0x746B6465  # "tkde"
VERSION = 4
ADDED_BY_3 = frozenset(("written", "dated", "undoing", "clock", "run_entry", "own_clock", "returned", "run_aside"))
"""The tables missing from a desk of format 2, and from a snapshot saved with one."""


_ADDED_BY_4 = "    renewal TEXT,\n"


def desk_script(version: int = VERSION) -> str:
    """Return the script that makes the tables of a desk of this format; before format 3, with some too many."""
    script = "".join(Path(__file__).with_name(name).read_text("utf-8") for name in ("schema.sql", "folded.sql"))
    return script if version >= 4 else script.replace(_ADDED_BY_4, "")
