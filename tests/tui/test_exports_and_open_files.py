"""Exporting, copying, opening files, and files that change while the screens are open."""

import csv
from pathlib import Path

import pytest

from tests.needs import needs_shell
from tests.practice import NOW, organization, practice, pull_quietly
from tests.tui.driver import app_on, main, opened, reader, said, text_of, wait_until
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.running.snapshot_export import save_snapshot
from tokendesk.tui.browser import open_address
from tokendesk.tui.clipboard import copy
from tokendesk.tui.file_watcher import follow_files
from tokendesk.views.console import console_address
from tokendesk.views.saved_snapshot import open_saved_snapshot as opened_file


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_capital_e_writes_what_is_shown_and_asks_before_it_replaces(
    small: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tokens.csv").write_text("mine")
    async with opened(app_on(small)) as pilot:
        main(pilot).set_filter("used:never")
        await wait_until(pilot, lambda: 0 < len(main(pilot).rows.ids) < 30)
        count = len(main(pilot).rows.ids)
        await pilot.press("E")
        await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        pilot.app.screen.query_one("#export-path").value = "tokens.csv"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await wait_until(pilot, lambda: "already exists" in str(pilot.app.screen.query_one("#export-problem").render()))
        assert (tmp_path / "tokens.csv").read_text() == "mine"
        await pilot.press("enter")
        await wait_until(pilot, lambda: "Wrote" in said(pilot))
        assert f"Wrote {count} tokens" in said(pilot)
    with (tmp_path / "tokens.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.reader(file))) == count + 1


async def test_y_copies_the_cell_and_capital_y_the_marked_rows(
    small: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TMUX", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    async with opened(app_on(small)) as pilot:
        await pilot.press("l", "y")
        row = reader(pilot).row("tokens", main(pilot).rows.row_id or 0, int(NOW.timestamp()))
        assert row is not None
        assert pilot.app.clipboard == row["owner"]
        assert "Owner: " in said(pilot)
        await pilot.press("space", "space", "Y")
        await wait_until(pilot, lambda: "2 tokens, tab-sep" in said(pilot))
        lines = pilot.app.clipboard.splitlines()
        assert len(lines) == 3
        assert {line.count("\t") for line in lines} == {10}


@needs_shell
async def test_inside_tmux_it_is_tmux_that_copies(tmp_path: Path, small: Settings) -> None:
    program = tmp_path / "tmux"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\n/bin/cat > {tmp_path}/text\n')
    program.chmod(0o700)
    how = await copy(app_on(small), "a label", {"TMUX": "here", "PATH": str(tmp_path)})
    assert how == "with tmux"
    assert (tmp_path / "text").read_text() == "a label"
    assert (tmp_path / "arguments").read_text() == "load-buffer -w -\n"


def test_where_nothing_opens_addresses_that_is_said(tmp_path: Path) -> None:
    assert open_address("https://example.com", {"DISPLAY": ":0", "PATH": str(tmp_path)}, "linux") is False


def test_console_addresses_hold_nothing_but_the_ids() -> None:
    row = {"owner_id": "712020:a/../b?c", "account_id": "x"}
    assert console_address("https://admin.atlassian.com", "org", "tokens", row) == (
        "https://admin.atlassian.com/o/org/members/712020%3Aa%2F..%2Fb%3Fc"
    )
    assert console_address("https://admin.atlassian.com/", "org", "users", None).endswith("/o/org/overview")


async def test_an_opened_file_names_itself_and_says_why_it_cannot_be_written(small: Settings, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere" / "acme.tkd"
    file.parent.mkdir()
    save_snapshot(small.paths, file, with_notes=True, at=NOW)
    before = file.read_bytes()
    settings = small._replace(profile="default", paths=opened_file(small.paths, file))
    async with opened(app_on(settings)) as pilot:
        assert "FILE acme.tkd" in text_of(pilot, "#title")
        await pilot.press("e")
        await wait_until(pilot, lambda: "acme.tkd is a saved snapshot and read-only" in said(pilot))
        assert len(pilot.app.screen_stack) == 1
        await pilot.press("space", "2", "3", "4", "1", "slash", *"is:marked", "enter")
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 1)
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: "nothing to pull from" in said(pilot))
    assert file.read_bytes() == before
    assert names_in(file.parent) == ["acme.tkd"]


async def test_a_snapshot_that_another_process_pulled_is_shown_with_marks_and_cursor_kept(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        screen = main(pilot)
        await pilot.press("slash", *"-zzz", "enter")
        await wait_until(pilot, lambda: "30 of 30" in text_of(pilot, "#filter-row"))
        await pilot.press("j", "space", "j")
        record = reader(pilot).records("tokens", (screen.rows.row_id or 0,))[screen.rows.row_id or 0]
        await pilot.press("slash")
        with practice(organization(140, 36)) as access:
            await pull_quietly(small, access)
        await follow_files(screen)
        assert len(screen.rows.ids) == 30  # nothing moves while one types
        await pilot.press("enter")
        await follow_files(screen)
        await wait_until(pilot, lambda: len(screen.rows.ids) == 36)
        assert screen.query_shown.filter == "-zzz"
        row_id = reader(pilot).find("tokens", record)
        assert row_id is None or screen.rows.row_id == row_id


async def test_a_note_that_another_process_wrote_is_shown(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        screen = main(pilot)
        row_id = screen.rows.row_id or 0
        record = reader(pilot).records("tokens", (row_id,))[row_id]
        with Desk(small.paths.desk, author="another") as desk:
            write_note(desk, "token", [record], {"purpose": "from elsewhere"})
        await follow_files(screen)
        await wait_until(pilot, lambda: "from elsewhere" in text_of(pilot, "#details"))
