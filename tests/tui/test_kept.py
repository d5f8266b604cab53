"""The dialog for the phrase of a plan lists what contradicts a decision to keep."""

from textual.widgets import Input, Static

from tests.desk.pulled import PRESENT, Office, office, pulled
from tests.tui.driver import wait_until
from tests.tui.idle import until_idle
from tokendesk.desk.notes import write_note
from tokendesk.model.plan_rules import NeverTouch
from tokendesk.tui.app import TokendeskApp
from tokendesk.tui.screens.confirm_phrase import ConfirmPhraseDialog
from tokendesk.tui.screens.review import Reviewed, ReviewScreen
from tokendesk.views.planning import Planner, revoke_tokens

__all__ = ["office", "pulled"]


async def test_the_words_to_type_say_that_a_token_is_kept(office: Office) -> None:
    ids = office.ids("policy:default")[:4]
    kept = office.reader.row("tokens", ids[0], PRESENT)
    assert kept
    with office.desk() as desk:
        write_note(desk, "token", [kept["token_id"]], {"decision": "keep"})
    plan = revoke_tokens(office.reader, ids, Planner(PRESENT, "ada", NeverTouch.of(())))
    app = TokendeskApp(office.settings, None, clock=lambda: PRESENT)
    async with app.run_test(size=(140, 40)) as pilot:
        review = ReviewScreen(plan, office.settings, None, lambda chosen: "", lambda: PRESENT)
        answers: list[Reviewed | None] = []
        await app.push_screen(review, answers.append)
        await until_idle()  # a key that is pressed before the review is drawn does nothing
        await pilot.press("A")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmPhraseDialog) and app.screen.is_mounted)
        about = " ".join(str(line.render()) for line in app.screen.query(Static))
        assert "1 token has the decision keep" in about
        assert kept["label"] in about
        line = app.screen.query_one(Input)
        line.focus()
        await pilot.press(*"revoke 4", "enter")
        assert answers == []
        await pilot.press(*" (1 kept)", "enter")
        while not answers:
            await pilot.pause()
        assert answers[0] is not None
        assert answers[0].chosen == plan
