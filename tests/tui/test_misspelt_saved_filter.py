"""An old saved filter with a misspelt value: it gives a message, and nothing is lost."""

import json
from pathlib import Path

import pytest

from tests.practice import pulled_home
from tests.tui.driver import app_on, main, opened, text_of, wait_until
from tokendesk.cli import main as command
from tokendesk.config import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return pulled_home(tmp_path, 120, 30)


async def test_a_saved_filter_with_a_misspelt_value_says_so_and_stays(settings: Settings) -> None:
    kept = {"tokens": {"my writers": "power:raed"}}
    settings.paths.ui.parent.mkdir(parents=True, exist_ok=True)
    settings.paths.ui.write_text(json.dumps({"saved": kept}), "utf-8")
    async with opened(app_on(settings), (140, 44)) as pilot:
        rows = list(main(pilot).rows.ids)
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.press(*"my writers")
        await pilot.pause()
        await pilot.press("enter", "enter")
        await wait_until(pilot, lambda: "did you mean read?" in text_of(pilot, "#filter-row"))
        assert list(main(pilot).rows.ids) == rows
    assert json.loads(settings.paths.ui.read_text("utf-8"))["saved"] == kept


@pytest.mark.parametrize("text", ["power:raed", "-power:raed", "decision:keeep"])
def test_commands_refuse_a_misspelt_value_with_2(
    text: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(settings.paths.config_file.parent))
    monkeypatch.setenv("TOKENDESK_PROFILE", "demo")
    for words in (["list", "tokens"], ["note", "--purpose", "x"], ["revoke"]):
        assert command([*words, "--", text] if text.startswith("-") else [*words, text]) == 2, words
        assert "did you mean" in capsys.readouterr().err
