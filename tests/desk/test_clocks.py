"""Wrong clocks: their entries overrule only entries that their author had seen, and both are reported."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.desk.pulled import Command, Office
from tests.practice import NOW
from tokendesk.desk.chain import check_chain
from tokendesk.desk.clocks import statement
from tokendesk.desk.entries import Desk
from tokendesk.desk.folding import rebuild
from tokendesk.desk.goals import write_goal
from tokendesk.desk.merging import merge
from tokendesk.desk.notes import undo, write_note
from tokendesk.desk.policies import write_policy
from tokendesk.desk.runs import BEGUN, ENDED
from tokendesk.desk.sharing import exchange
from tokendesk.errors import Refused
from tokendesk.running.recover import unfinished_runs

TEN_YEARS = timedelta(days=3_652)
TABLES = ("field", "note", "note_tag", "policy_fact", "goal", "clock", "run", "run_row", "moved")
Where = Callable[[str], Path]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Where]:
    numbers = count()
    yield lambda name: tmp_path / f"{next(numbers)}" / f"{name}.sqlite"


class Time:
    """The present, and how far somebody's clock is from it."""

    def __init__(self) -> None:
        self.now = NOW

    def clock(self, ahead: timedelta = timedelta()) -> Callable[[], datetime]:
        return lambda: self.now + ahead


def colleagues(place: Where, time: Time, ahead: timedelta = TEN_YEARS) -> tuple[Desk, Desk]:
    """Return the desk of ada, whose clock is wrong, and that of bo, whose clock was found to be right by a pull."""
    ada = Desk(place("ada"), author="ada", clock=time.clock(ahead))
    bo = Desk(place("bo"), author="bo", clock=time.clock())
    for desk in (ada, bo):
        desk.bind_organization("org")
    bo.measure_clock(0.4)
    return ada, bo


def give(giver: Desk, taker: Desk) -> None:
    merge(taker, list(giver.entries()), keep=True)


def decision(desk: Desk, on: str = "t") -> str | None:
    field = desk.fields("token", on).get("decision")
    return field.value if field else None


def folded(desk: Desk) -> dict[str, list[object]]:
    return {table: sorted(desk.rows(f"SELECT * FROM {table}"), key=repr) for table in TABLES}


STEP = st.tuples(
    st.sampled_from(["ada writes", "bo writes", "ada to bo", "bo to ada"]),
    st.sampled_from(["t1", "t2"]),
    st.sampled_from(["decision", "purpose"]),
    st.integers(0, 900_000),
)


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=14))
def test_what_was_written_by_somebody_who_had_seen_the_other_holds_else_what_the_right_clock_wrote(
    place: Where, steps: list[tuple[str, str, str, int]]
) -> None:
    time = Time()
    ada, bo = colleagues(place, time)
    desks = {"ada": ada, "bo": bo}
    last: dict[tuple[str, str, str], int] = {}  # what each wrote last, by field
    seen: dict[str, dict[tuple[str, str, str], int]] = {"ada": {}, "bo": {}}  # what each had seen of the other
    had_seen: dict[int, int] = {}  # for each thing written, the other's latest in that field that its writer had seen
    for number, (what, token, field, seconds) in enumerate(steps, 1):
        time.now += timedelta(seconds=seconds)
        who, _, other = what.partition(" ")
        if other == "writes":
            whose = "bo" if who == "ada" else "ada"
            value = {"decision": "keep" if number % 2 else "revoke", "purpose": f"{who} {number}"}[field]
            write_note(desks[who], "token", [token], {field: f"{value}"})
            last[who, token, field] = number
            had_seen[number] = seen[who].get((whose, token, field), 0)
        else:
            taker = other.removeprefix("to ")
            give(desks[who], desks[taker])
            seen[taker].update({key: when for key, when in last.items() if key[0] == who})
            seen[taker].update({key: max(when, seen[taker].get(key, 0)) for key, when in seen[who].items()})
    for _ in range(3):  # until what each says of the other's clock has arrived, too
        give(ada, bo)
        give(bo, ada)
    assert folded(ada) == folded(bo)
    for token in ("t1", "t2"):
        for field in ("decision", "purpose"):
            by_ada, by_bo = last.get(("ada", token, field), 0), last.get(("bo", token, field), 0)
            if not by_ada and not by_bo:
                continue
            ada_saw = bool(by_ada) and had_seen[by_ada] >= by_bo
            holds = by_ada if ada_saw else by_bo
            who = "ada" if holds == by_ada else "bo"
            value = {"decision": "keep" if holds % 2 else "revoke", "purpose": f"{who} {holds}"}[field]
            assert ada.fields("token", token)[field].value == value
    if last and any(key[0] == "ada" for key in last):
        for desk in (ada, bo):
            assert any("10 years ahead" in words for words in check_chain(desk).clocks)
    before = folded(bo)
    rebuild(bo._db)
    assert folded(bo) == before
    for desk in (ada, bo):
        desk.close()


def test_a_clock_ten_years_ahead_is_told_to_both_and_the_decision_of_the_right_clock_holds(
    place: Where, tmp_path: Path
) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    time = Time()
    ada, bo = colleagues(place, time)
    with ada, bo:
        write_note(bo, "token", ["t"], {"decision": "keep"})
        write_note(ada, "token", ["t"], {"decision": "revoke"})
        write_note(ada, "token", ["only"], {"decision": "revoke"})
        for desk in (ada, bo, ada):
            exchanged = exchange(desk, folder, desk.path.with_name("shared.json"))
        assert "of this desk was 10 years ahead" in exchanged.clocks[0]
        assert (decision(ada), decision(bo)) == ("keep", "keep")
        assert (decision(ada, "only"), decision(bo, "only")) == ("revoke", "revoke")
        assert "(ada) was 10 years ahead from its entry 1 on, says bo" in check_chain(bo).clocks[0]
        # What she wrote is shown with a time that can be true.
        assert bo.fields("token", "only")["decision"].time <= f"{time.now + timedelta(minutes=6):%Y-%m-%dT%H:%M:%S}"
        write_note(ada, "token", ["t"], {"decision": "ask"})  # now she has seen what bo decided
        for desk in (ada, bo, ada):
            exchange(desk, folder, desk.path.with_name("shared.json"))
        assert (decision(ada), decision(bo)) == ("ask", "ask")


def test_what_is_said_of_a_clock_can_be_taken_back(place: Where) -> None:
    ada, bo = colleagues(place, Time())
    with ada, bo:
        write_note(bo, "token", ["t"], {"decision": "keep"})
        write_note(ada, "token", ["t"], {"decision": "revoke"})
        give(ada, bo)
        assert decision(bo) == "keep"
        (said,) = [entry for entry in bo.entries() if entry.kind == "clock"]
        assert (said.payload["desk"], said.payload["first"]) == (ada.desk_id, 1)
        undo(bo, said)
        assert (decision(bo), check_chain(bo).clocks) == ("revoke", ())
        give(bo, ada)
        assert folded(ada) == folded(bo)


def test_a_note_is_dated_after_what_it_overrules_and_after_nothing_else(place: Where) -> None:
    time = Time()
    ada, bo = colleagues(place, time)
    with ada, bo:
        write_note(ada, "token", ["t"], {"decision": "revoke"})
        give(ada, bo)
        elsewhere = write_note(bo, "token", ["other"], {"decision": "keep"})
        assert elsewhere.time == "2026-11-23T09:00:00.000000Z"
        assert "written" not in elsewhere.payload and "over" not in elsewhere.payload
        overruling = write_note(bo, "token", ["t"], {"decision": "keep"})
        (overruled,) = ada.entries()
        assert overruling.time > overruled.time  # an older version, which knows nothing of clocks, agrees
        assert overruling.payload["written"] == "2026-11-23T09:00:00.000000Z"
        assert overruling.payload["over"] == [overruled.entry_id]
        assert bo.fields("token", "t")["decision"].time == "2026-11-23T09:00:00.000000Z"


def test_a_clock_that_a_pull_has_measured_dates_entries_by_the_servers(place: Where) -> None:
    time = Time()
    ada, bo = colleagues(place, time)
    with ada, bo:
        ada.measure_clock(TEN_YEARS.total_seconds())
        assert write_note(ada, "token", ["t"], {"decision": "keep"}).time == "2026-11-23T09:00:00.000000Z"
        give(ada, bo)
        assert check_chain(bo).clocks == ()
    with Desk(ada.path, clock=time.clock()) as set_right:  # no longer what was measured
        assert write_note(set_right, "token", ["u"], {"decision": "keep"}).time == "2026-11-23T09:00:00.000000Z"


def test_a_clock_that_was_set_right_is_no_longer_meant(place: Where) -> None:
    time = Time()
    ada, bo = colleagues(place, time)
    with ada, bo:
        write_note(ada, "token", ["t"], {"decision": "revoke"})
        give(ada, bo)
    time.now += timedelta(hours=1)
    with Desk(ada.path, author="ada", clock=time.clock()) as ada, Desk(bo.path, author="bo", clock=time.clock()) as bo:
        write_note(bo, "token", ["u"], {"decision": "keep"})
        time.now += timedelta(minutes=1)
        write_note(ada, "token", ["u"], {"decision": "ask"})
        give(ada, bo)
        assert decision(bo, "u") == "ask"
        assert bo.fields("token", "u")["decision"].time == "2026-11-23T10:01:00.000000Z"


def test_a_desk_whose_clock_is_right_answers_one_that_says_it_is_wrong(place: Where) -> None:
    time = Time()
    ada, bo = colleagues(place, time, -TEN_YEARS)
    with ada, bo:
        ada.measure_clock(0.0)  # by a server that lies, or a clock that was wrong before
        write_note(bo, "token", ["t"], {"decision": "keep"})
        give(bo, ada)
        assert check_chain(ada).clocks != ()
        give(ada, bo)
        give(bo, ada)
        assert check_chain(ada).clocks == check_chain(bo).clocks == ()
        assert folded(ada) == folded(bo)


def test_entries_of_the_future_are_only_judged_by_a_clock_that_was_measured(place: Where) -> None:
    time = Time()
    ada, bo = colleagues(place, time)
    with ada, bo, Desk(place("cy"), clock=time.clock()) as cy:
        write_note(ada, "token", ["t"], {"decision": "revoke"})
        give(ada, cy)
        assert [entry.kind for entry in cy.entries()] == ["note"]
        assert decision(cy) == "revoke"


def test_policies_and_the_goal_follow_the_same_rule(place: Where) -> None:
    ada, bo = colleagues(place, Time())
    with ada, bo:
        for desk, name in ((bo, "right"), (ada, "wrong")):
            write_policy(desk, "p", {"name": name})
            write_goal(desk, name)
        for _ in range(2):
            give(ada, bo)
            give(bo, ada)
        for desk in (ada, bo):
            assert desk.rows("SELECT name FROM policy_fact") == [("right",)]
            assert desk.rows("SELECT policy_id FROM goal") == [("right",)]


def plan() -> dict[str, object]:
    return {"kind": "move", "undoes": None, "quarantine_until": None, "rows": []}


def test_entries_of_others_settle_no_run_of_ours(place: Where) -> None:
    ada, bo = colleagues(place, Time())
    with ada, bo:
        run = bo.append(BEGUN, {"plan": plan(), "digest": "d", "key": None}).entry_id
        ended = ada.append(ENDED, {"run": run, "state": "done", "words": ""})
        give(ada, bo)
        assert [each.run_id for each in unfinished_runs(bo)] == [run]
        merge(ada, [ended, *bo.entries()], keep=True)  # its end came before its beginning
        assert [each.run_id for each in unfinished_runs(ada)] == [run]
        bo.append(ENDED, {"run": run, "state": "done", "words": ""})
        assert unfinished_runs(bo) == []


def test_the_command_says_whose_clock_was_wrong_and_takes_it_back(office: Office, command: Command) -> None:
    with office.desk("bo") as desk:
        desk.append("clock", statement("f" * 32, 3, "2036-11-23T09:00:00.000000Z", TEN_YEARS.total_seconds()))
    assert "desk ffffffffffff was 10 years ahead from its entry 3 on, says bo" in command("desk", "clocks")
    assert "No single desk" in command("desk", "clocks", "--believe", "e", code=2)
    assert "Undone" in command("desk", "clocks", "--believe", "ffff")
    assert command("desk", "clocks") == ""


@pytest.mark.parametrize("year", [1970, 1999, 2899, 9999])
def test_nothing_is_written_by_a_clock_that_nobody_could_overrule(year: int, tmp_path: Path) -> None:
    path = tmp_path / "desk.sqlite"
    with Desk(path, clock=lambda: datetime(year, 6, 1, tzinfo=UTC)) as desk, pytest.raises(Refused, match=f"{year}-06"):
        write_note(desk, "token", ["t1"], {"purpose": "one"})
    with Desk(path) as desk:
        assert list(desk.entries()) == []
