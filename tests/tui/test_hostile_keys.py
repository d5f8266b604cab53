"""Bursts of keys, small terminals, unusable state and signals: the screens continue, or exit cleanly."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from textual.command import CommandPalette

from tests.needs import needs_pipes, needs_terminals
from tests.tui.driver import app_on, main, opened, said, wait_until
from tests.tui.idle import until_idle
from tokendesk.config import Settings
from tokendesk.tui.ui_state import UiState


async def test_paging_in_the_palette_ends_nothing_on_a_low_terminal(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        await pilot.press("colon")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
        await pilot.press("down")
        await pilot.resize_terminal(80, 5)
        await pilot.press("pagedown", "pageup", "ctrl+end", "pagedown")
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(pilot.app.screen, CommandPalette))


async def test_paging_in_a_palette_opened_on_a_low_terminal_ends_nothing(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        await pilot.resize_terminal(80, 5)
        await pilot.press("colon", "pagedown", "down", "pagedown", "pageup", "m", "pagedown")
        await until_idle()
        assert pilot.app._exception is None


async def test_a_burst_of_keys_opens_one_palette(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        for _ in range(2):
            pilot.app.action_command_palette()
            pilot.app.action_command_palette()
            await wait_until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
            assert len(pilot.app.screen_stack) == 2
            await until_idle()
            for key in ("escape", "colon", "ctrl+p", "colon"):  # without waiting for what each of them does
                pilot.app.simulate_key(key)
            await until_idle()
            await pilot.press("escape", "escape")
            await wait_until(pilot, lambda: pilot.app.screen is main(pilot))


async def test_an_unknown_theme_in_the_state_file_is_said_and_not_worn(small: Settings) -> None:
    small.paths.ui.parent.mkdir(parents=True, exist_ok=True)
    small.paths.ui.write_text(json.dumps({"theme": {"chosen": "[b]mauve", "instead_of": "dark"}}), "utf-8")
    async with opened(app_on(small)) as pilot:
        assert pilot.app.theme == "tokendesk"
        await wait_until(pilot, lambda: "'[b]mauve', does not exist" in said(pilot))


@pytest.mark.parametrize(
    "content",
    ["[" * 100_000, '{"a":' * 100_000, '{"theme": 3, "history": {"tokens": ["\\ud800"]}}', "\0" * 100, "9" * 5_000],
    ids=["lists", "objects", "half a character", "zeroes", "digits"],
)
def test_a_state_file_that_cannot_be_read_costs_habits_only(tmp_path: Path, content: str) -> None:
    (tmp_path / "ui.json").write_text(content, "utf-8")
    habits = UiState(tmp_path / "ui.json")
    assert habits.theme("dark") == "dark"
    for text in habits.history("tokens"):
        text.encode()


@needs_pipes
def test_a_state_file_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ui.json")
    assert UiState(tmp_path / "ui.json").history("tokens") == []


WITHOUT_SIGNALS_IN_THE_LOOP = """
import asyncio
from tokendesk.cli import main
asyncio.SelectorEventLoop.add_signal_handler = asyncio.AbstractEventLoop.add_signal_handler
raise SystemExit(main())
"""
"""The event loop of Windows has this one."""


@needs_terminals
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("start", [["-m", "tokendesk"], ["-c", WITHOUT_SIGNALS_IN_THE_LOOP]], ids=["loop", "no loop"])
def test_a_signal_gives_the_terminal_back_what_it_showed(small: Settings, start: list[str], name: str) -> None:
    number = signal.Signals[name]
    ours, theirs = pytest.importorskip("pty").openpty()
    environ = {**os.environ, "TOKENDESK_HOME": str(small.paths.config_file.parent), "TERM": "xterm-256color"}
    with subprocess.Popen(
        [sys.executable, *start, "--profile", "default"],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        env={**environ, "TOKENDESK_ORG_ID": "acme"},
    ) as screens:  # fmt: skip
        os.close(theirs)
        seen = b""
        while b"Tokens" not in seen:
            seen += os.read(ours, 65_536)
        assert b"\x1b[?1049h" in seen
        screens.send_signal(number)
        while True:
            try:
                part = os.read(ours, 65_536)
            except OSError:  # nobody has the other end any more
                break
            if not part:
                break
            seen += part
        assert screens.wait() == 128 + number
    os.close(ours)
    assert seen.rindex(b"\x1b[?1049l") > seen.rindex(b"\x1b[?1049h")
