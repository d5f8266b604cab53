"""Triage by keys: each decision is written at once, and survives a crash."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.database import database
from tests.tui.driver import app_on, closed, form, notes, opened, triage_begun, wait_until
from tokendesk.config import Settings
from tokendesk.tui.screens.policy_picker import PolicyPicker
from tokendesk.tui.screens.suggest import SuggestDialog
from tokendesk.views.policies import policy_choices


def decided(settings: Settings) -> dict[str, str]:
    return {str(row["subject"]): str(row["decision"]) for row in notes(settings) if row["decision"]}


async def test_forty_tokens_are_decided_by_keys_alone(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(app_on(settings), (100, 30)) as pilot:
        screen = await triage_begun(pilot)
        largest = policy_choices(screen.reader)[0].policy_id
        cards = []
        for number in range(40):
            cards.append(screen.queue.current)
            match number % 4:
                case 0:
                    await pilot.press("p")
                    await wait_until(pilot, lambda: isinstance(pilot.app.screen, SuggestDialog))
                    await pilot.press(*("x" if number < 8 else ("down",)), "enter")
                case 1:
                    await pilot.press("r")
                case 2:
                    # Nobody moves to where they are: the first policy of the list, or the one after it.
                    token = screen.token()
                    assert token is not None
                    await pilot.press("m")
                    await wait_until(pilot, lambda: isinstance(pilot.app.screen, PolicyPicker))
                    await pilot.press(*(("down",) if token["policy_id"] == largest else ()), "enter")
                case 3:
                    await pilot.press("a")
                    await form(pilot)
                    await pilot.press("enter")
            await wait_until(pilot, lambda number=number: screen.queue.count_decided == number + 1)
            # In the desk before the next key, for whoever reads the file.
            assert len(decided(settings)) == number + 1
        assert len(set(cards)) == 40
        await pilot.press("escape")
        await closed(pilot)
    found = decided(settings)
    assert {word: list(found.values()).count(word) for word in ("keep", "revoke", "move", "ask")} == {
        "keep": 10, "revoke": 10, "move": 10, "ask": 10,
    }  # fmt: skip
    rows = {str(row["subject"]): row for row in notes(settings)}
    assert {rows[str(card)]["decision"] for card in cards[1::4]} == {"revoke"}
    assert {str(rows[str(card)]["reply_by"]) for card in cards[3::4]} == {"2026-12-07"}
    assert all(rows[str(card)]["target"] for card in cards[2::4])
    assert all(rows[str(card)]["purpose"] for card in cards[0::4])
    from tokendesk.cli import main as command

    monkeypatch.setenv("TOKENDESK_HOME", str(settings.paths.config_file.parent))
    written = tmp_path / "revoke.json"
    command(["--profile", "demo", "list", "tokens", "decision:revoke", "-o", str(written)])
    assert len(json.loads(written.read_text("utf-8"))) == 10


async def test_triage_goes_on_where_it_was_left_and_takes_back_what_was_last(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        screen = await triage_begun(pilot)
        skipped = screen.queue.current
        await pilot.press("s", "r")
        await wait_until(pilot, lambda: screen.queue.count_decided == 1)
        revoked = next(iter(decided(settings)))
        await pilot.press("u")
        await wait_until(pilot, lambda: screen.queue.count_decided == 0 and screen.queue.current == revoked)
        assert decided(settings) == {}
        await pilot.press("r", "j", "j")
        await wait_until(pilot, lambda: screen.queue.count_decided == 1)
        left = screen.queue.current
        await pilot.press("escape")
        await closed(pilot)
    async with opened(app_on(settings)) as pilot:
        screen = await triage_begun(pilot)
        assert screen.queue.current == left
        assert screen.queue.skipped == {skipped}


async def test_the_end_sums_up_what_is_shown_and_goes_on_to_the_plans(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        await pilot.press("space", "space", "space")
        screen = await triage_begun(pilot)
        assert len(screen.queue.ids) == 3
        await pilot.press("r", "s", "r")
        await wait_until(pilot, lambda: screen.queue.current is None)
        drawn = str(screen.query_one("#card-text").render())
        assert "2 of 3 tokens are decided" in drawn
        assert "1 is undecided, skipped." in drawn
        await pilot.press("r")
        assert len(decided(settings)) == 2
        await pilot.press("n")
        await wait_until(pilot, lambda: screen.queue.current is not None)
        await pilot.press("r")
        await wait_until(pilot, lambda: screen.queue.current is None)
        await pilot.press("enter")
        await wait_until(pilot, lambda: type(pilot.app.screen).__name__ == "ReviewScreen")


async def test_keys_that_come_faster_than_the_desk_writes_decide_one_token_each(settings: Settings) -> None:
    async with opened(app_on(settings)) as pilot:
        screen = await triage_begun(pilot)
        for _ in range(5):
            screen.action_decide("revoke")
        await wait_until(pilot, lambda: screen.queue.count_decided == 5)
        assert len(decided(settings)) == 5


_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.practice import settings_in
from tests.tui.driver import app_on, opened, triage_begun, wait_until

async def go():
    async with opened(app_on(settings_in(Path(sys.argv[1])))) as pilot:
        screen = await triage_begun(pilot)
        for number in range(3):
            await pilot.press("r")
            await wait_until(pilot, lambda: screen.queue.count_decided == number + 1)
        await pilot.press("e", *"half a purpose")
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

asyncio.run(go())
"""


def test_a_kill_loses_the_form_being_typed_and_nothing_else(settings: Settings) -> None:
    home = settings.paths.config_file.parent
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(home)], cwd=Path(__file__).parents[2], capture_output=True, check=False
    )
    assert done.returncode == -9, done.stderr.decode()[-2000:]
    assert list(decided(settings).values()) == ["revoke"] * 3
    with database(settings.paths.desk) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
