"""The two style sheets: for the first frame, and for the rest."""

from pathlib import Path

import pytest
from textual.css.match import match
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

from tests.tui.driver import app_on, main, wait_until
from tokendesk.config import Settings
from tokendesk.model.secret import Secret
from tokendesk.running.access import ApiAccess
from tokendesk.tui.startup import DEFERRED_SHEET


@pytest.mark.parametrize("size", [(140, 40), (100, 30), (80, 24)])
@pytest.mark.parametrize("is_live", [False, True])
async def test_no_deferred_rule_is_of_a_widget_of_the_first_frame(
    small: Settings, size: tuple[int, int], is_live: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = small._replace(profile="acme", allow_writes=True) if is_live else small
    app = app_on(settings, ApiAccess("http://127.0.0.1:1", "an-organization", Secret("example")))
    there: list[DOMNode] = []
    matched: list[str] = []
    read = Stylesheet.read

    def read_watched(sheet: Stylesheet, filename: str | Path) -> None:
        read(sheet, filename)
        if filename == DEFERRED_SHEET:
            deferred = Stylesheet(variables=app.get_css_variables())
            read(deferred, filename)
            there.extend([app.screen, *app.screen.walk_children()])
            matched.extend(
                f"{rule.selectors}: {widget}"
                for rule in deferred.rules
                for widget in there
                if match(rule.selector_set, widget)
            )

    monkeypatch.setattr(Stylesheet, "read", read_watched)
    async with app.run_test(size=size, notifications=True) as pilot:
        await wait_until(pilot, main(pilot).ready.is_set)
        assert main(pilot).has_class("live-writes") == is_live
    assert len(there) > 5
    assert matched == []
