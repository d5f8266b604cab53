"""A crash report helps to fix the crash, and contains no personal data."""

import inspect
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.practice import settings_in
from tokendesk.tui.app import TokendeskApp


class Crashing(TokendeskApp):
    CSS_PATH = str(Path(inspect.getfile(TokendeskApp)).with_name("app.tcss"))

    def action_crash(self) -> None:
        email = "@".join(("ada.lovelace", "example.com"))
        try:
            raise KeyError(len(email))
        except KeyError as error:
            raise RuntimeError("the rows are out of order") from error

    async def work(self) -> None:
        self.action_crash()

    def action_crash_at_work(self) -> None:
        self.run_worker(self.work())


@pytest.mark.parametrize("action", ["crash", "crash_at_work"])
def test_the_traceback_shows_no_values_of_variables(
    action: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    app = Crashing(settings_in(tmp_path))

    async def press(pilot: Pilot[object]) -> None:
        app.call_later(app.run_action, action)
        await pilot.pause()

    app.run(headless=True, auto_pilot=press)
    assert app.return_code == 1
    printed = "".join(capsys.readouterr())
    assert "RuntimeError: the rows are out of order" in printed
    assert "KeyError: 24" in printed
    assert "action_crash" in printed
    assert "ada.lovelace@example.com" not in printed
    assert "locals" not in printed
