"""The line that shows what runs in the background."""

from textual.app import App, ComposeResult

from tests.tui.driver import text_of
from tokendesk.snapshot.progress import Progress
from tokendesk.tui.activity import LineActivity
from tokendesk.tui.widgets.lines import TextLine


class OneLine(App[int]):
    def compose(self) -> ComposeResult:
        yield TextLine(id="activity")


async def test_a_wait_stays_in_sight_while_another_list_arrives() -> None:
    app = OneLine()
    async with app.run_test(size=(120, 5)) as pilot:
        activity = LineActivity(app.query_one("#activity", TextLine), "Pulling", "C cancels")
        activity.waiting("Users: rate limit", 600)
        activity.progress(Progress("policies", 500, 1204))
        shown = text_of(pilot, "#activity").rstrip()
        assert shown.startswith(" Pulling (C cancels): waiting 600 s, until ")
        assert shown.endswith(" (Users: rate limit) · policies 500 of 1,204")


async def test_a_narrow_line_loses_whole_parts() -> None:
    app = OneLine()
    async with app.run_test(size=(50, 5)) as pilot:
        activity = LineActivity(app.query_one("#activity", TextLine), "Pulling", "C cancels")
        activity.progress(Progress("users", 500, 1204))
        activity.progress(Progress("policies", 500, 1204))
        assert text_of(pilot, "#activity").rstrip() == " Pulling (C cancels): users 500 of 1,204"
        activity.say("no outcome is known of any of these users yet")
        assert text_of(pilot, "#activity").rstrip().endswith("…")
