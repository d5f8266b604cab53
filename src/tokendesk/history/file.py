"""The format of the history file, and its schema."""

from pathlib import Path

APPLICATION_ID = 0x746B6869  # "tkhi"
VERSION = 2


def script(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")


def history_script() -> str:
    return script("schema.sql") + script("evidence.sql")
