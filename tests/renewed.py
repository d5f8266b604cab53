"""A profile in which a token was surely renewed, as its pulls show."""

from datetime import UTC, datetime
from pathlib import Path

from tests.history.made_up import BO, START, Pulls
from tests.practice import settings_in
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.model.records import Token
from tokendesk.model.timestamps import DAY, iso
from tokendesk.running.renew import renew_notes

OLD, NEW, OTHER = "token-old", "token-new", "token-other"
_SWITCHED = 5
"""How many days before the present the new one took over."""


def token(
    record: str,
    label: str,
    *,
    made: int = -300,
    ends: int = 20,
    used: int | None = 0,
    scopes: tuple[str, ...] | None = ("read:jira-work", "write:jira-work"),
) -> Token:
    """Return a token of Bo; times in days from the present."""
    last = iso(START + used * DAY - 3600) if used is not None else None
    return Token(
        record, label, "ALLOWED", iso(START + made * DAY), iso(START + ends * DAY), last, BO.account_id,
        BO.name, BO.email, scopes,
    )  # fmt: skip


def renewed_home(home: Path) -> Settings:
    """Fill `home` with daily pulls until the present: OLD, with a note, fell silent, and NEW began. OTHER is due."""
    settings = settings_in(home)
    with Desk(settings.paths.desk, author="admin") as desk:
        write_note(desk, "token", [OLD], {"purpose": "Nightly export"})
    pulls = Pulls(settings.paths)
    pulls.day = -41
    while pulls.day < 0:
        day = pulls.day + 1
        tokens = [
            token(OLD, "nightly export", made=-355, ends=10, used=min(day, -_SWITCHED)),
            token(OTHER, "sync", ends=30, used=day),
        ]
        if day >= -_SWITCHED:
            tokens.append(token(NEW, "nightly export", made=-_SWITCHED, ends=360, used=day))
        pulls.next(tokens)
    return settings


def run_rule(settings: Settings) -> str:
    return renew_notes(settings, lambda: datetime.fromtimestamp(START, UTC))
