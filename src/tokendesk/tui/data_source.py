"""The right end of title lines: source of the data, its age, and whether writes are on."""

from typing import TYPE_CHECKING

from tokendesk.config import Settings
from tokendesk.model.text import printable
from tokendesk.model.timestamps import ago, day

if TYPE_CHECKING:
    from tokendesk.running.access import ApiAccess


def data_source_label(settings: Settings, access: "ApiAccess | None", pulled_at: int | None, now: int) -> str:
    file = settings.paths.file
    words = f"FILE {printable(file.name)}" if file else "DEMO" if settings.is_demo else "LIVE" if access else "SNAPSHOT"
    if pulled_at is not None:
        words = f"{words} · pulled {ago(pulled_at, now) if now - pulled_at < 86_400 else day(pulled_at)}"
    return f"{words} · writes on" if settings.allow_writes and access is not None else words


def changes_live_org(settings: Settings, access: "ApiAccess | None") -> bool:
    """Return whether a run would change a real organization, which is shown by red frames."""
    return settings.allow_writes and access is not None and not settings.is_demo
