"""What the screens show while a first pull reads on, and after a quick one."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.practice import NOW, organization, pull_quietly, serving_access, settings_in
from tests.snapshot.held_back import HeldBack
from tests.tui.driver import app_on, main, notices, opened, text_of, wait_until
from tokendesk.snapshot.file import SnapshotInfo
from tokendesk.tui.app import TokendeskApp
from tokendesk.tui.data_source import snapshot_label


async def test_tokens_can_be_browsed_while_users_are_still_being_read(tmp_path: Path) -> None:
    held = HeldBack()
    with serving_access(organization(), held) as access:
        app = app_on(settings_in(tmp_path), access)
        async with app.run_test(size=(140, 40)) as pilot:
            await pilot.press("ctrl+r")
            await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 82)
            assert " of 1,204 users so far" in text_of(pilot, "#title")
            assert "of 1,204" in text_of(pilot, "#activity")
            await pilot.press("2")
            await wait_until(pilot, lambda: 0 < len(main(pilot).rows.ids) < 300)
            assert not any("Pulled" in each.title for each in notices(pilot))
            held.go_on.set()
            await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 1204)
            await wait_until(pilot, lambda: any("Pulled" in each.title for each in notices(pilot)))
            assert "so far" not in text_of(pilot, "#title")


async def test_a_first_pull_that_fails_half_way_keeps_the_tokens(tmp_path: Path) -> None:
    held = HeldBack(refuses=True)
    with serving_access(organization(), held) as access:
        app = app_on(settings_in(tmp_path), access)
        async with app.run_test(size=(140, 40)) as pilot:
            await pilot.press("ctrl+r")
            await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 82)
            held.go_on.set()
            await wait_until(pilot, lambda: any("Pull failed" in each.title for each in notices(pilot)))
            assert any("Tokens and their owners are here" in each.message for each in notices(pilot))
        held.refuses = False
        async with opened(app_on(settings_in(tmp_path), access)) as pilot:  # it continues by itself
            await wait_until(pilot, lambda: any("Pulled" in each.title for each in notices(pilot)))
            assert "so far" not in text_of(pilot, "#title")


async def test_shift_r_pulls_the_tokens_alone_and_says_how_old_the_other_users_are(tmp_path: Path) -> None:
    settings, later = settings_in(tmp_path), NOW + timedelta(days=2)
    held = HeldBack()
    held.go_on.set()
    with serving_access(organization(), held) as access:
        await pull_quietly(settings, access)
        held.lines.clear()
        app = TokendeskApp(settings._replace(clock=later), access, clock=lambda: int(later.timestamp()))
        async with opened(app) as pilot:
            await pilot.press("R")
            await wait_until(pilot, lambda: any("Pulled" in each.title for each in notices(pilot)))
            assert held.lines["POST search"] == 1
            await wait_until(pilot, lambda: "tokens just now" in text_of(pilot, "#title"))
            assert "other users 23 Nov 2026" in text_of(pilot, "#title")


def test_two_minutes_after_a_full_pull_the_title_shows_that_the_tokens_are_newer(tmp_path: Path) -> None:
    settings, now = settings_in(tmp_path), int(NOW.timestamp())
    info = SnapshotInfo("1", "org", "Acme", now, 1204, 82, 4, oldest_at=now - 120, tokens_at=now)
    assert snapshot_label(settings, None, info, now).endswith("tokens just now · other users 2 min ago")
    assert snapshot_label(settings, None, info._replace(tokens_at=now - 120), now).endswith("pulled 2 min ago")


def test_a_snapshot_dated_in_the_future_has_a_date_and_no_age(tmp_path: Path) -> None:
    settings, now = settings_in(tmp_path), int(NOW.timestamp())
    info = SnapshotInfo("1", "org", "Acme", now, 1204, 82, 4, oldest_at=now, tokens_at=now)
    assert snapshot_label(settings, None, info, now - 6 * 86_400).endswith("pulled 23 Nov 2026")
    assert snapshot_label(settings, None, info, now - 2).endswith("pulled just now")


async def test_a_pull_that_fails_after_its_snapshot_is_current_does_not_deny_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, held = settings_in(tmp_path), HeldBack()
    held.go_on.set()
    replace = Path.replace

    def replace_and_damage(self: Path, target: Path) -> Path:
        if target.name == "current":
            settings.paths.history.write_bytes(b"not a database " * 100)
        return replace(self, target)

    with serving_access(organization(120, 30), held) as access:
        await pull_quietly(settings, access)
        before = settings.paths.snapshot
        async with opened(app_on(settings, access)) as pilot:
            with monkeypatch.context() as patch:
                patch.setattr(Path, "replace", replace_and_damage)
                await pilot.press("R")
                await wait_until(pilot, lambda: any("Pull failed" in each.title for each in notices(pilot)))
            assert settings.paths.snapshot != before
            (failed,) = [each.message for each in notices(pilot) if each.title == "Pull failed"]
            assert failed.endswith("The new snapshot is here all the same.")
