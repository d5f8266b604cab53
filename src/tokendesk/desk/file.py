"""The desk's file: its format, and the tables it is made with."""

from pathlib import Path

APPLICATION_ID = 0x746B6465  # "tkde"
VERSION = 3
ADDED_BY_3 = frozenset(("written", "dated", "undoing", "clock", "run_entry", "own_clock", "returned", "run_aside"))
"""The tables missing from a desk of format 2, and from a snapshot saved with one."""


def desk_script() -> str:
    return "".join(Path(__file__).with_name(name).read_text("utf-8") for name in ("schema.sql", "folded.sql"))
