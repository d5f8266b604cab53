"""The rhythm of tokens is found from pulls alone, compared with the organization's data."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.history.world import World, access_to
from tests.practice import NOW
from tokendesk.model.timestamps import CADENCES, DAY
from tokendesk.model.usage_rhythm import Rhythm, bar_edges, bars, describe_evidence, describe_outlook, find_rhythm
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.serve import serving
from tokendesk.sandbox.tokens import TokenLifetime

TRUTH = {"d": "daily", "k": "daily", "w": "weekly", "m": "monthly", "q": "quarterly", "i": "irregular"}
"""What the letters of the scenario mean (sandbox/scenario.py); of `e` and `o`, ended before, nothing can be claimed."""


def truth(made: Organization, life: TokenLifetime) -> str | None:
    return TRUTH.get(made.tokens.holders.role(life.slot).life)


def goes_on(made: Organization, life: TokenLifetime, last: int | None, now: int) -> bool:
    """Whether a token that is still there was used after `last`, as the organization knows."""
    return life.ends > now and bool(made.uses_in(life, (last or 0) + 1, now))


def seen_by(made: Organization, pulls: list[int]) -> dict[int, tuple[TokenLifetime, list[int]]]:
    """Return the uses of every token that pulls at these moments would be told, without asking over HTTP."""
    found: dict[int, tuple[TokenLifetime, list[int]]] = {}
    for pull in pulls:
        for slot in range(made.tokens.open_slots(pull)):
            for life in made.alive_in(slot, pull):
                uses = found.setdefault(life.number, (life, []))[1]
                last = made.last_use_in(life, pull)
                if last is not None and (not uses or uses[-1] != int(last.timestamp())):
                    uses.append(int(last.timestamp()))
    return found


@pytest.mark.parametrize(
    ("every", "days", "found"),
    [
        (1, 120, {"daily", "weekly", "monthly", "stopped"}),
        (1, 330, {"daily", "weekly", "monthly", "quarterly", "irregular", "stopped"}),
        (3, 330, {"weekly", "monthly", "quarterly", "irregular", "stopped"}),
        (7, 330, {"monthly", "quarterly", "irregular", "stopped"}),
        (14, 330, {"monthly", "quarterly", "stopped"}),
        (60, 330, set()),
    ],
)
def test_no_claim_is_wrong_and_none_is_finer_than_the_pulls_can_tell(every: int, days: int, found: set[str]) -> None:
    first = int(NOW.timestamp())
    pulls = [first + day * DAY for day in range(0, days + 1, every)]
    claims: Counter[str] = Counter()
    for seed in (1, 3) if every > 1 else (1,):
        made = Organization(seed, 120, 130, NOW, now=lambda: NOW + timedelta(days=days))
        for life, uses in seen_by(made, pulls).values():
            rhythm = find_rhythm(uses, pulls)
            claims[rhythm.cadence] += 1
            if rhythm.cadence == "unknown":
                continue
            assert rhythm.uses >= 3
            assert rhythm.was == truth(made, life), (made.tokens.holders.role(life.slot), rhythm)
            if rhythm.cadence == "stopped":
                assert not goes_on(made, life, rhythm.last, pulls[-1])
    assert set(claims) - {"unknown"} >= found
    if not found:
        assert set(claims) == {"unknown"}
    period = {"daily": 1, "weekly": 7, "monthly": 30, "quarterly": 91}
    assert all(days_ >= 2 * every or (name, every) == ("daily", 1) for name, days_ in period.items() if claims[name])


def test_pulls_that_were_forgotten_for_weeks_make_no_claim_wrong() -> None:
    first = int(NOW.timestamp())
    holes = ((40, 60), (100, 107), (150, 157), (200, 280))
    pulls = [first + day * DAY for day in range(330) if not any(start <= day < end for start, end in holes)]
    made = Organization(5, 120, 130, NOW, now=lambda: NOW + timedelta(days=330))
    claims: Counter[str] = Counter()
    for life, uses in seen_by(made, pulls).values():
        rhythm = find_rhythm(uses, pulls)
        claims[rhythm.cadence] += 1
        assert rhythm.cadence == "unknown" or rhythm.was == truth(made, life)
    assert {"daily", "weekly", "monthly"} <= set(claims)


async def test_pulls_over_http_show_how_often_tokens_are_used(tmp_path: Path) -> None:
    world = World(tmp_path, 60, 41)
    with serving(world.made) as (address, _):
        access = access_to(address)
        for day in (*range(20), *range(20, 77, 3)):
            world.now = NOW + timedelta(days=day)
            await world.pull(access)
    living = {world.made.token(life).id: life for _, life in world.made.living()}
    claims: Counter[str] = Counter()
    for row in world.rows("tokens"):
        claims[row["rhythm"]] += 1
        if row["rhythm"] in ("daily", "weekly", "monthly", "quarterly", "irregular"):
            assert row["rhythm"] == truth(world.made, living[row["token_id"]])
    assert min(claims[name] for name in ("daily", "weekly", "monthly")) > 0
    assert {row["rhythm"] for row in world.rows("tokens", "rhythm:daily,weekly")} == {"daily", "weekly"}
    assert len(world.rows("tokens", "rhythm:unknown")) == claims["unknown"]


USES = st.lists(st.integers(0, 400 * DAY), max_size=40, unique=True).map(sorted)


@given(uses=USES, pulls=USES)
def test_whatever_was_seen_a_claim_has_three_uses_and_words(uses: list[int], pulls: list[int]) -> None:
    rhythm = find_rhythm(uses, pulls)
    assert rhythm.cadence in CADENCES
    if len(uses) < 3:
        assert rhythm.cadence == "unknown"
    assert describe_evidence(rhythm)
    assert "\n" not in describe_outlook(rhythm, 500 * DAY)
    for cadence in CADENCES:
        assert len(bars(uses, pulls, bar_edges(cadence, 400 * DAY, 12)[1])) == 12


def at(*days: float) -> list[int]:
    return [int(day * DAY) for day in days]


def test_a_quarterly_rhythm_says_what_it_rests_on_and_when_the_next_use_is_due() -> None:
    uses = [int(NOW.timestamp()) + day * DAY for day in (0, 91, 182)]
    pulls = [uses[0] + DAY // 2 + week * 7 * DAY for week in range(34)]
    rhythm = find_rhythm(uses, pulls)
    assert rhythm.cadence == "quarterly"
    assert describe_evidence(rhythm) == "3 uses seen; 34 pulls, longest gap 7 d"
    assert describe_outlook(rhythm, pulls[-1]).startswith("next expected about 2")
    assert rhythm.inside(pulls[-1]) and not rhythm.inside(uses[-1] + 110 * DAY)
    unit, edges = bar_edges(rhythm.cadence, pulls[-1], 10)
    assert (unit, bars(uses, pulls, edges)) == ("month", "·▂▁▁▂▁▁▂▁▁")  # October to July, the first in November


def test_a_rhythm_that_is_kept_no_more_is_called_by_what_it_was() -> None:
    uses = at(*range(1, 30))
    rhythm = find_rhythm(uses, [use + 60 for use in uses] + at(*range(30, 90)))
    assert (rhythm.cadence, rhythm.was, rhythm.next_at) == ("stopped", "daily", None)
    assert "then no more" in describe_outlook(rhythm, 90 * DAY)


def test_even_uses_in_none_of_the_cadences_are_told_by_their_distance() -> None:
    uses = at(*range(0, 120, 12))
    rhythm = find_rhythm(uses, at(*(day + 0.5 for day in range(120))))
    assert (rhythm.cadence, describe_outlook(rhythm, 0)) == ("unknown", "about every 12 d")


def test_a_weekday_job_seen_once_a_week_is_not_called_weekly() -> None:
    uses = at(*(day for day in range(100) if day % 7 < 5))
    pulls = at(*range(0, 100, 7))
    seen = [max(use for use in uses if use <= pull) for pull in pulls]
    assert find_rhythm(sorted(set(seen)), pulls) == Rhythm("unknown", "unknown", 15, 15, 7 * DAY, seen[-1])


def test_a_busy_hour_or_two_busy_days_are_no_daily_rhythm() -> None:
    pulls = at(*range(40))
    assert find_rhythm(at(*(1 + minute / 1440 for minute in range(60))), pulls).cadence == "unknown"
    assert find_rhythm(at(*(1 + hour / 24 for hour in range(60))), pulls).cadence == "unknown"
    assert find_rhythm(at(*(1 + hour / 24 for hour in range(39 * 24))), pulls).cadence == "daily"


def test_a_use_told_by_list_and_log_is_one_use() -> None:
    pulls = at(*range(0, 200, 5))
    twice = sorted(second + late for second in at(3, 33, 64) for late in (0, 40))
    rhythm = find_rhythm(twice, pulls)
    assert (rhythm.cadence, rhythm.uses) == ("stopped", 3)
    assert find_rhythm(sorted(at(3, 3.001, 33, 33.001)), pulls).cadence == "unknown"
