"""The rhythm and the audited actions of a token in the details."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.history.made_up import BO, JOB, START, Pulls
from tests.history.world import World, access_to
from tests.practice import settings_in
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.history.events import EventState, store_actions, store_events, store_problem
from tokendesk.history.usage_rhythms import update_rhythms
from tokendesk.history.writing import open_history
from tokendesk.model.findings import Thresholds
from tokendesk.model.records import Event, Token
from tokendesk.model.timestamps import DAY, iso
from tokendesk.sandbox.faults import with_faults
from tokendesk.sandbox.serve import serving
from tokendesk.views.activity_details import activity_sections
from tokendesk.views.details import details
from tokendesk.views.facts import Section
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader


@pytest.fixture
def pulls(tmp_path: Path) -> Pulls:
    return Pulls(settings_in(tmp_path).paths)


def reader(pulls: Pulls) -> Reader:
    return Reader(pulls.paths, Thresholds())


def page(pulls: Pulls, token: Token, tab: str = "Facts") -> list[str]:
    """Return the lines of one page of the details of a token."""
    with reader(pulls) as found:
        row_id = found.find("tokens", token.token_id)
        assert row_id is not None
        told = details(found, "tokens", row_id, pulls.now)
    assert told is not None
    return [line for section in told.sections if section.tab == tab for line in _lines(section)]


def _lines(section: Section) -> list[str]:
    return [section.title, *(f"{fact.name}: {fact.value}" for fact in section.facts)]


def labels(pulls: Pulls, text: str) -> list[str]:
    with reader(pulls) as found:
        ids = found.ids(Query("tokens", filter=text), pulls.now)
        rows = found.window(found.panes["tokens"], ids, pulls.now)
        return [rows[row_id]["label"] for row_id in ids]


def weekly(pulls: Pulls, token: Token, days: Sequence[int], until: int) -> None:
    """Pull every week until the day `until`; the token is used on `days`."""
    while pulls.day < until:
        used = [day for day in days if day <= pulls.day + 7]
        last = iso(START + used[-1] * DAY) if used else None
        pulls.next([replace(token, last_active_at=last, expires_at=iso(START + 360 * DAY))], days=7)


def test_an_idle_token_inside_its_quarterly_rhythm_is_said_to_be_so(pulls: Pulls) -> None:
    weekly(pulls, JOB, (0, 91, 182), 273)
    told = page(pulls, JOB)
    assert "rhythm: ····▂▁▁▂▁▁▂▁▁▁  quarterly" in told  # July to August
    assert ": 3 uses seen; 39 pulls, longest gap 7 d; a bar is a month" in told
    assert any("inside its quarterly rhythm, next expected about" in line for line in told)
    assert labels(pulls, "rhythm:quarterly is:idle") == ["nightly job"]
    # Nothing came: what was a rest is none any more.
    weekly(pulls, JOB, (0, 91, 182), 301)
    assert not any("inside its quarterly rhythm" in line for line in page(pulls, JOB))


def test_a_rhythm_goes_on_through_the_token_that_took_over(pulls: Pulls) -> None:
    new = replace(JOB, token_id="token-new", label="nightly job 2")
    for day in range(1, 40):
        used = START + day * DAY - 3600
        old = replace(JOB, last_active_at=iso(min(used, START + 35 * DAY)))
        pulls.next([old] if day < 36 else [old, replace(new, last_active_at=iso(used))])
    assert not any("daily" in line for line in page(pulls, new))
    with Desk(pulls.paths.desk) as desk:
        write_note(desk, "token", [new.token_id], {"replaces": JOB.token_id})
    told = page(pulls, new)
    assert any(line.endswith("  daily") for line in told)
    assert any(line.endswith("with the token it took over from") for line in told)
    assert labels(pulls, "rhythm:daily") == [JOB.label]
    update_rhythms(pulls.paths.history, pulls.paths.snapshot, pulls.paths.desk, [new.token_id])
    assert labels(pulls, "rhythm:daily") == [new.label, JOB.label]


def event(number: int, day: float, token_id: str | None, label: str = JOB.label, ip: str = "192.0.2.1") -> Event:
    moment = str(iso(START + int(day * DAY)))
    return Event(
        f"event-{number}", moment, "page_edited", BO.account_id, token_id, label, ip, ("confluence",), "api-token"
    )


def keep(pulls: Pulls, *events: Event) -> None:
    with open_history(pulls.paths.history) as db:
        store_actions(db, {"page_edited": "Edited page"})
        store_events(db, events, EventState("cursor", START - 30 * DAY, pulls.now, pulls.now, None))


TAB = "Audited actions"


def test_audited_actions_of_a_token_are_found_by_its_id(pulls: Pulls) -> None:
    twin = replace(JOB, token_id="token-twin")  # the same owner and label, as after a rotation
    pulls.next([JOB, twin])
    assert page(pulls, JOB, TAB)[1].startswith("Not read yet. They are read by: tokendesk pull --events")
    of_an_app = replace(event(9, 0.5, None), auth_type="auth-token-for-3LO")
    keep(pulls, event(1, 0.5, JOB.token_id), event(2, 0.6, JOB.token_id, ip="198.51.100.7"), of_an_app)
    told = page(pulls, JOB, TAB)
    assert told[0] == "Audited actions (not every use)"
    assert "products: confluence 2" in told
    assert "from: 192.0.2.1 (1), 198.51.100.7 (1)" in told
    assert "matched: by token id" in told
    assert "Edited page: 9 h ago · confluence · 198.51.100.7" in told
    assert any(line.startswith("found: none since") for line in page(pulls, twin, TAB))
    with reader(pulls) as found:
        ids = found.ids(Query("tokens", filter="has:activity ip:198.51 product:confluence activity:<1d"), pulls.now)
        assert list(found.records("tokens", ids).values()) == [JOB.token_id]
    assert labels(pulls, "ip:203.0.113") == labels(pulls, "product:jira") == []
    assert labels(pulls, "activity:never") == [twin.label]


def test_where_the_log_has_other_ids_label_and_owner_tell(pulls: Pulls) -> None:
    other = replace(JOB, token_id="token-other", label="other")
    stranger = replace(JOB, token_id="token-stranger", owner_id="account-of-nobody")
    pulls.next([JOB, other, stranger])
    keep(pulls, event(1, 0.5, "log-1"), event(2, 0.6, None))
    told = page(pulls, JOB, TAB)
    assert any(line.startswith("found: 2 since") for line in told)
    assert any(line.startswith("matched: by label and owner") for line in told)
    assert labels(pulls, "has:activity") == [JOB.label]


def test_the_page_says_how_many_actions_were_matched_by_what(pulls: Pulls) -> None:
    pulls.next([JOB])
    keep(pulls, event(1, 0.5, JOB.token_id), event(2, 0.6, JOB.token_id), event(3, 0.7, None))
    assert "matched: 2 by token id, 1 by label and owner" in page(pulls, JOB, TAB)


def test_two_tokens_of_one_label_are_not_told_apart_by_it(pulls: Pulls) -> None:
    twin = replace(JOB, token_id="token-twin")
    pulls.next([JOB, twin])
    keep(pulls, event(1, 0.5, None))
    told = next(line for line in page(pulls, JOB, TAB) if line.startswith("matched"))
    assert told.endswith("The owner has 2 tokens with this label: unknown which")


async def test_the_log_of_a_server_with_ids_of_its_own_is_matched_by_label_and_owner(tmp_path: Path) -> None:
    world = World(tmp_path, 300, 40)
    with serving(world.made, wrap=with_faults(["event-ids"])) as (address, _):
        await world.pull(access_to(address))
        read = await world.pull_events(access_to(address))
    assert read.kept > 0
    row = world.rows("tokens", "has:activity")[0]
    with world.reader() as found:
        told = activity_sections(found, row, world.second())
    assert any(fact.name == "matched" and fact.value.startswith("by label and owner") for fact in told[0].facts)


def test_where_there_are_no_events_the_page_says_why(pulls: Pulls) -> None:
    pulls.next([JOB])
    with open_history(pulls.paths.history) as db:
        store_problem(db, "Audit events: the organization's plan does not include this.", pulls.now)
    assert page(pulls, JOB, TAB)[1:] == ["Not available.: Audit events: the organization's plan does not include this."]


def test_a_busy_hour_in_the_log_does_not_hide_the_weeks_before(pulls: Pulls) -> None:
    for day in range(1, 31):
        used = day - 0.5 if day % 7 else day - 0.1
        pulls.next([replace(JOB, last_active_at=iso(START + int(used * DAY)))])
    keep(pulls, *(event(number, 29.5 + number / 10_000, JOB.token_id) for number in range(300)))
    update_rhythms(pulls.paths.history, pulls.paths.snapshot, pulls.paths.desk)
    assert labels(pulls, "rhythm:daily") == [JOB.label]
