"""The filter line says how many rows match while their ids are still being read."""

from textual.pilot import Pilot

from tests.tui.driver import app_on, main, opened, text_of, wait_until
from tests.tui.idle import Gate, until_idle, until_settled
from tokendesk.config import Settings


async def hold_ids(pilot: Pilot[int], gate: Gate) -> None:
    """Have the thread of the queries wait at the gate before it reads all ids of a filter."""

    def watch(statement: str) -> None:
        if "group_concat" in statement:
            gate.hold()

    await main(pilot).ctx.store.queries.ask(lambda reader: reader.db.set_trace_callback(watch))


async def test_the_count_does_not_wait_for_the_ids(settings: Settings, gate: Gate) -> None:
    async with opened(app_on(settings)) as pilot:
        await hold_ids(pilot, gate)
        await pilot.press("2", "/", "e")
        await wait_until(pilot, lambda: gate.is_holding)
        await until_idle()
        rows = main(pilot).rows
        assert not rows.is_complete
        assert "300 of 300" in text_of(pilot, "#filter-state")
        gate.open()
        await until_settled(pilot.app)
        assert rows.is_complete
        assert len(rows.ids) == 300


async def test_marks_are_counted_once_all_ids_are_known(settings: Settings, gate: Gate) -> None:
    async with opened(app_on(settings)) as pilot:
        await pilot.press("2", "G", "space")
        await until_settled(pilot.app)
        await hold_ids(pilot, gate)
        await pilot.press("/", "e")
        await wait_until(pilot, lambda: gate.is_holding)
        await until_idle()
        assert "hidden" not in text_of(pilot, "#filter-state")
        gate.open()
        await until_settled(pilot.app)
        assert "1 marked" in text_of(pilot, "#filter-state")
        assert "hidden" not in text_of(pilot, "#filter-state")


async def test_a_list_that_grows_before_its_ids_are_known_is_drawn_down_to_its_end(
    settings: Settings, gate: Gate
) -> None:
    async with opened(app_on(settings)) as pilot:
        await hold_ids(pilot, gate)
        await pilot.press("2", "/", "e")
        await wait_until(pilot, lambda: gate.is_holding)
        await pilot.resize_terminal(140, 90)
        gate.open()
        await until_settled(pilot.app)
        assert text_of(pilot).count("@") > 70
