"""The review of a plan, by keys: what it shows, what can be dropped, why it cannot be applied."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.tui.driver import (
    Pulled,
    app_on,
    main,
    marked,
    notices,
    opened,
    plan_of,
    reviewed,
    said,
    static_text,
    text_of,
    wait_until,
)
from tests.tui.idle import until_settled
from tokendesk.model.secret import Secret
from tokendesk.reporting.plan_file import load_plan
from tokendesk.running.access import ApiAccess
from tokendesk.tui.screens.review import ReviewScreen
from tokendesk.tui.widgets.group_list import GroupList
from tokendesk.tui.widgets.record_list import RecordList


async def test_m_shows_every_marked_row_and_H_drops_those_the_filter_hides(pulled: Pulled, tmp_path: Path) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        await pilot.press("2")
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 1204)
        main(pilot).set_filter("status:active policy:default")
        await wait_until(pilot, lambda: 5 < len(main(pilot).rows.ids) < 1204)
        await until_settled(pilot.app)  # the first rows come before the others, and keys wait for all of them
        await pilot.press("space", "space", "space")
        main(pilot).set_filter("is:marked is:admin or status:deactivated")
        await wait_until(pilot, lambda: 0 < len(main(pilot).rows.ids) < 100)
        await until_settled(pilot.app)
        await pilot.press("space")
        await wait_until(pilot, lambda: "Move 4 marked (3 hidden)" in text_of(pilot, "#keys"))
        review = await reviewed(pilot, "m", *"contr", "enter")
        assert len(review.rows.ids) == 4
        (hidden,) = [line for line in text_of(pilot, "#parts").splitlines() if "hidden" in line]
        assert "3" in hidden.split()
        await pilot.press("H")
        assert len(review.rows.ids) == 1
        assert "Move 0 users" in static_text(review, "#title")
        await pilot.press("u")
        assert "Move 3 users to Contractors" in static_text(review, "#title")
        await pilot.press("x", "w")
        pilot.app.screen.query_one(Input).value = str(tmp_path / "plan.json")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "Written: " in said(pilot))
        assert len(load_plan(tmp_path / "plan.json").rows) == 3
        await pilot.press("escape")
        assert pilot.app.screen_stack == [main(pilot)]
        assert len(marked(pilot, "users")) == 4
        await pilot.press("O")
        pilot.app.screen.query_one(Input).value = str(tmp_path / "plan.json")
        again = await reviewed(pilot, "enter")
        assert plan_of(again) == load_plan(tmp_path / "plan.json")


async def test_a_count_shows_only_its_rows_and_movement_decides_nothing(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        review = await reviewed(pilot, "asterisk", "m", *"exec", "enter")
        rows, plan = len(review.rows.ids), plan_of(review)
        await pilot.press("shift+tab")
        assert review.query_one(GroupList).has_focus
        await pilot.press("down", "down", "down", "enter")
        refused = [plan.rows[place] for place in review.rows.ids]
        assert refused
        assert {row.outcome for row in refused} == {"refused"}
        await pilot.press("j", "k", "G", "escape")
        assert len(review.rows.ids) == rows
        assert plan_of(review) is plan
        warnings = static_text(review, "#standing")
        assert "Undo restores membership, not ended sessions" in warnings
        assert "would stop" in text_of(pilot, "#parts")


async def test_apply_says_why_it_is_off(pulled: Pulled) -> None:
    settings, made = pulled
    access = ApiAccess("http://127.0.0.1:1", made.id, Secret("example"))
    live = settings._replace(profile="acme", allow_writes=True)
    for given, there, words in (
        (live, None, "No connection"),
        (live, replace(access, org_id="another"), "for another organization"),
        (live._replace(allow_writes=False), access, "Writes are off. Start with --write"),
        (live, access, "must never be moved"),
    ):
        async with opened(app_on(given, there)) as pilot:
            await reviewed(pilot, "m", *"contr", "enter")
            assert words in text_of(pilot, "#apply")
            await pilot.press("A")
            await wait_until(pilot, lambda: notices(pilot))
            assert words in notices(pilot)[0].message
            assert isinstance(pilot.app.screen, ReviewScreen)


async def test_a_real_organization_with_writes_on_has_a_red_frame(pulled: Pulled) -> None:
    settings, made = pulled
    access = ApiAccess("http://127.0.0.1:1", made.id, Secret("example"))
    live = settings._replace(profile="acme", allow_writes=True, admin_emails=("admin@example.com",))
    async with opened(app_on(live, access)) as pilot:
        assert main(pilot).has_class("live-writes")
        review = await reviewed(pilot, "m", *"contr", "enter")
        assert review.has_class("live-writes")
        assert "writes on" in text_of(pilot, "#title")
        await pilot.press("A", "enter")  # Cancel has the focus
        assert pilot.app.screen is review
        await pilot.press("A", "tab", *"move 2", "enter")
        assert "That does not match" in text_of(pilot, "#phrase-words")
        await pilot.press("escape")
        await pilot.press("A")
        await pilot.press(*"move 2")  # letters go to the line at once
        assert pilot.app.screen.query_one(Input).value == "move 2"
        await pilot.press("escape", "escape")
        assert pilot.app.screen_stack == [main(pilot)]


@pytest.mark.parametrize("size", [(140, 40), (100, 30), (80, 24), (40, 10), (20, 5)])
async def test_no_size_breaks_the_review(pulled: Pulled, size: tuple[int, int]) -> None:
    async with opened(app_on(pulled[0]), size) as pilot:
        review = await reviewed(pilot, "asterisk", "X")
        await pilot.press("enter", "escape", "tab", "tab", "question_mark", "escape", "s", "l", "s", "x")
        rows = len(review.query_one(RecordList).ids)
        assert rows == (81 if size[0] >= 80 else 0)  # where nothing is drawn nothing was marked, but X acts


async def test_m_and_X_say_where_they_act(pulled: Pulled) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        await pilot.press("3", "m", "X", "P")
        await wait_until(pilot, lambda: len(notices(pilot)) == 3)
        assert "Move works in Tokens (1) and Users (2)." in said(pilot)
        assert "Revoke works in Tokens (1)." in said(pilot)
        assert "No decision asks for a plan" in said(pilot)


@pytest.mark.parametrize("keys", [("X",), ("m", *"contr", "enter")], ids=["revoke", "move"])
@pytest.mark.parametrize(
    ("owner", "words"), [("site-admin", "site admin"), ("org-admin", "organization admin"), ("none", "none")]
)
async def test_the_review_says_what_an_owner_may_do(
    pulled: Pulled, keys: tuple[str, ...], owner: str, words: str
) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        main(pilot).set_filter(f"owner.role:{owner} owner.access:jira")
        await wait_until(pilot, lambda: 0 < len(main(pilot).rows.ids) < 82)
        await until_settled(pilot.app)
        before = pulled[0].paths.desk.read_bytes()
        review = await reviewed(pilot, "asterisk", *keys)
        await wait_until(pilot, lambda: "products" in static_text(review, "#row-text"))
        found = review.details_of(review.rows.row_id or 0)
        assert found
        facts = {fact.name: fact.value for fact in found.sections[0].facts}
        assert facts["role"] == words
        assert "Jira" in facts["products"]
        assert words in static_text(review, "#row-text")
        assert pulled[0].paths.desk.read_bytes() == before
