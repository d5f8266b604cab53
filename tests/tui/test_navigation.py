"""The trail of views: back and forward over all panes, and its steps."""

from tokendesk.tui.navigation import Navigator, Page
from tokendesk.views.query import Query, Scope

TOKENS = Query("tokens")
IDLE = Query("tokens", filter="idle:90d..")
USERS = Query("users")
OF_ADA = Query("tokens", scopes=(Scope("Ada", "owner.id:ada"),))
PAGE = Page("overview:overview", TOKENS)


def before(navigator: Navigator, record: str | None = None) -> tuple[Query, str | None] | None:
    view = navigator.view_before(record)
    return (view.query, view.record) if view else None


def after(navigator: Navigator, record: str | None = None) -> tuple[Query, str | None] | None:
    view = navigator.view_after(record)
    return (view.query, view.record) if view else None


def test_the_trail_leads_through_all_panes_back_and_forward_with_the_records() -> None:
    navigator = Navigator(TOKENS)
    assert before(navigator) is None
    assert after(navigator) is None
    navigator.change(IDLE, "t1")
    navigator.to_pane(USERS, "t2")
    navigator.step_in(OF_ADA, "ada")
    assert before(navigator, "t3") == (USERS, "ada")
    assert before(navigator, "bo") == (IDLE, "t2")
    assert before(navigator) == (TOKENS, "t1")
    assert before(navigator) is None
    assert navigator.query == TOKENS
    assert after(navigator) == (IDLE, None)
    assert after(navigator) == (USERS, "bo")
    assert after(navigator) == (OF_ADA, "t3")
    assert after(navigator) is None
    assert navigator.query == OF_ADA


def test_a_new_view_after_going_back_drops_those_ahead() -> None:
    navigator = Navigator(TOKENS)
    navigator.change(IDLE, None)
    navigator.to_pane(USERS, None)
    before(navigator)
    navigator.change(TOKENS.sorted_by("label"), "t1")
    assert after(navigator) is None
    assert before(navigator) == (IDLE, "t1")


def test_a_typed_filter_is_one_step() -> None:
    navigator = Navigator(TOKENS)
    for text in ("i", "id", "idle:90d.."):
        navigator.change(TOKENS.narrowed(text), "t1", typing=True)
    navigator.end_typing()
    for text in ("idle:90d.. a", "idle:90d.. ab"):
        navigator.change(TOKENS.narrowed(text), "t2", typing=True)
    assert before(navigator) == (IDLE, "t2")
    assert before(navigator) == (TOKENS, "t1")
    assert before(navigator) is None
    assert after(navigator) == (IDLE, None)
    assert after(navigator) == (TOKENS.narrowed("idle:90d.. ab"), None)


def test_a_filter_that_is_taken_back_is_no_step_and_keeps_what_is_ahead() -> None:
    navigator = Navigator(TOKENS)
    navigator.change(IDLE, None)
    before(navigator)
    for text in ("x", "", "xy", ""):
        navigator.change(TOKENS.narrowed(text), None, typing=True)
    navigator.end_typing()
    assert before(navigator) is None
    assert after(navigator) == (IDLE, None)


def test_escape_goes_the_way_of_the_view_that_the_trail_restored() -> None:
    navigator = Navigator(Query("policies"))
    navigator.step_in(USERS, "p1")
    navigator.step_in(OF_ADA, "ada")
    navigator.to_pane(Query("journal"), None)
    assert navigator.back(None) is None
    assert before(navigator) == (OF_ADA, None)
    place = navigator.back("t1")
    assert place
    assert (place.query, place.record) == (USERS, "ada")
    assert before(navigator) == (OF_ADA, "t1")
    place = navigator.back("t1")
    assert place
    assert (place.query, place.record) == (USERS, "ada")
    place = navigator.back(None)
    assert place
    assert place.query == Query("policies")


def test_both_ways_back_lead_to_the_page_that_the_rows_were_opened_from() -> None:
    navigator = Navigator(TOKENS)
    navigator.step_in(OF_ADA, "t1", PAGE)
    assert navigator.left == TOKENS
    view = navigator.view_before("t2")
    assert view is not None
    assert (view.query, view.page, navigator.left) == (TOKENS, PAGE, OF_ADA)
    assert after(navigator) == (OF_ADA, "t2")
    view = navigator.view_before(None)
    assert view is not None
    assert view.page == PAGE
    navigator.view_after(None)
    place = navigator.back("t3")
    assert place is not None
    assert (place.record, place.page, navigator.left) == ("t1", PAGE, OF_ADA)
    navigator.change(IDLE, None)
    view = navigator.view_before(None)
    assert view is not None
    assert view.page is None
