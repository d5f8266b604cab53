"""Screens that stay open pull by themselves, while nobody is busy."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.practice import NOW, organization, pull_quietly, serving_access, settings_in
from tests.snapshot.held_back import HeldBack
from tests.tui.driver import form, main, notices, opened, wait_until
from tokendesk.config import Settings, load_settings
from tokendesk.errors import UsageError
from tokendesk.snapshot.file import SnapshotInfo, snapshot_info
from tokendesk.tui import refreshing
from tokendesk.tui.app import TokendeskApp
from tokendesk.tui.refreshing import Refresher, due

HOUR = 3_600
SIX_HOURS = timedelta(hours=6)


@pytest.mark.parametrize(
    ("tokens", "oldest", "tried", "expected"),
    [
        (HOUR, HOUR, 0, ""),
        (7 * HOUR, 7 * HOUR, 0, "pull.tokens"),
        (7 * HOUR, 25 * HOUR, 0, "pull.start"),
        (HOUR, 25 * HOUR, 0, ""),
        (7 * HOUR, 7 * HOUR, HOUR, ""),
        (9 * HOUR, 9 * HOUR, 7 * HOUR, "pull.tokens"),
        # Read and tried while the clock was ahead.
        (-3 * HOUR, -3 * HOUR, 0, "pull.start"),
        (-3 * HOUR, -3 * HOUR, HOUR, ""),
        (7 * HOUR, 7 * HOUR, -3 * HOUR, "pull.tokens"),
    ],
)
def test_tokens_are_due_every_six_hours_and_everything_once_a_day(
    tokens: int, oldest: int, tried: int, expected: str
) -> None:
    """All as seconds ago."""
    now = int(NOW.timestamp())
    info = SnapshotInfo("p", "o", None, now - tokens, 5, 5, 1, tokens_at=now - tokens, oldest_at=now - oldest)
    assert due(info, now - tried if tried else 0, now, 6 * HOUR) == expected
    if expected:
        assert due(info._replace(only_owners=True), 0, now, 6 * HOUR) == "pull.start"


async def test_an_open_screen_pulls_tokens_when_they_are_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refreshing, "SECONDS", 0.05)
    held, later = HeldBack(), NOW + timedelta(hours=7)
    held.go_on.set()
    with serving_access(organization(120, 30), held) as access:
        settings = settings_in(tmp_path)._replace(refresh=SIX_HOURS)
        await pull_quietly(settings, access)
        held.lines.clear()
        app = TokendeskApp(settings._replace(clock=later), access, clock=lambda: int(later.timestamp()))
        async with opened(app) as pilot:
            await wait_until(pilot, lambda: snapshot_info(settings.paths.snapshot).pulled_at == later.timestamp())
            await wait_until(pilot, lambda: not main(pilot).flows.is_pulling)
            assert not notices(pilot)  # nobody asked for it
        assert held.lines["POST search"] == 1
        assert held.lines["GET api-tokens"] == 1


async def test_nothing_is_pulled_beside_a_form_a_filter_or_without_a_connection(small: Settings) -> None:
    held, later = HeldBack(), NOW + timedelta(hours=7)
    with serving_access(organization(120, 30), held) as access:
        app = TokendeskApp(small._replace(clock=later), access, clock=lambda: int(later.timestamp()))
        async with opened(app) as pilot:
            refresher = Refresher(main(pilot), SIX_HOURS)
            await pilot.press("slash")
            await wait_until(pilot, lambda: main(pilot).view.filter_bar.is_typing)
            refresher.check()
            assert not main(pilot).flows.is_pulling
            await pilot.press("escape", "e")
            refresher.check()  # the form may still be opening
            assert not main(pilot).flows.is_pulling
            await form(pilot)
            refresher.check()
            assert not main(pilot).flows.is_pulling
            await pilot.press("escape")
            await wait_until(pilot, lambda: main(pilot).is_current and not main(pilot).flows.is_opening)
            refresher.check()
            assert main(pilot).flows.is_pulling
            await wait_until(pilot, lambda: not main(pilot).flows.is_pulling)
    offline = TokendeskApp(small._replace(clock=later), clock=lambda: int(later.timestamp()))
    async with opened(offline) as pilot:
        Refresher(main(pilot), SIX_HOURS).check()
        assert not main(pilot).flows.is_pulling


async def test_after_a_refresh_that_failed_the_other_kind_is_tried(small: Settings) -> None:
    now = [int((NOW + timedelta(hours=7)).timestamp())]
    held = HeldBack(finds_by_id=False)
    held.go_on.set()
    with serving_access(organization(120, 30), held) as access:
        app = TokendeskApp(small._replace(clock=NOW + timedelta(hours=7)), access, clock=lambda: now[0])
        async with opened(app) as pilot:
            refresher = Refresher(main(pilot), SIX_HOURS)
            refresher.check()
            await wait_until(pilot, lambda: any("Pull failed" in each.title for each in notices(pilot)))
            now[0] += 6 * HOUR
            held.lines.clear()
            await wait_until(pilot, lambda: not main(pilot).flows.is_pulling)
            refresher.check()
            await wait_until(pilot, lambda: held.lines["POST search"] == 2)  # the two pages of all users
            await wait_until(pilot, lambda: not main(pilot).flows.is_pulling)


def test_the_setting_is_a_time_of_at_least_ten_minutes(tmp_path: Path) -> None:
    def loaded(text: str) -> Settings:
        (tmp_path / "config.toml").write_text(f'[profiles.x]\nrefresh = "{text}"\n', "utf-8")
        return load_settings("x", {"TOKENDESK_HOME": str(tmp_path)})

    assert loaded("6h").refresh == SIX_HOURS
    assert loaded("0").refresh == timedelta()
    with pytest.raises(UsageError, match=r'refresh must be a time such as "6h", from "10m" to "7d"'):
        loaded("5m")
