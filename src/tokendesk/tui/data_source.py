"""The right end of title lines: source of the data, its age, and whether writes are on."""

from typing import TYPE_CHECKING

from tokendesk.config import Settings
from tokendesk.model.text import printable
from tokendesk.model.timestamps import DAY, MINUTE, ago, day

if TYPE_CHECKING:
    from tokendesk.running.access import ApiAccess
    from tokendesk.snapshot.file import SnapshotInfo


def data_source_label(settings: Settings, access: "ApiAccess | None", pulled_at: int | None, now: int) -> str:
    """`pulled_at`: epoch seconds of the oldest part, or None to leave it out."""
    return _label(settings, access, "" if pulled_at is None else f"pulled {_when(pulled_at, now)}")


def snapshot_label(settings: Settings, access: "ApiAccess | None", info: "SnapshotInfo | None", now: int) -> str:
    """Return the label with the age of the snapshot; after a quick pull, with both ages."""
    if info is None or info.tokens_at - info.oldest_at < MINUTE:
        return data_source_label(settings, access, info and min(info.oldest_at, info.tokens_at), now)
    ages = f"tokens {_when(info.tokens_at, now)} · other users {_when(info.oldest_at, now)}"
    return _label(settings, access, ages)


def _when(moment: int, now: int) -> str:
    # In the future, by a clock that was wrong, only the date says something.
    return ago(min(moment, now), now) if -MINUTE < now - moment < DAY else day(moment)


def _label(settings: Settings, access: "ApiAccess | None", age: str) -> str:
    file = settings.paths.file
    words = f"FILE {printable(file.name)}" if file else "DEMO" if settings.is_demo else "LIVE" if access else "SNAPSHOT"
    writes = "writes on" if settings.allow_writes and access is not None else ""
    return " · ".join(filter(None, (words, age, writes)))


def changes_live_org(settings: Settings, access: "ApiAccess | None") -> bool:
    """Return whether a run would change a real organization, which is shown by red frames."""
    return settings.allow_writes and access is not None and not settings.is_demo
