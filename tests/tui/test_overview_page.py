"""The page of the overview: its bars lead to their rows, and back."""

from datetime import timedelta

from rich.cells import cell_len
from textual.pilot import Pilot

from tests.practice import NOW
from tests.tui.driver import app_on, main, opened, text_of, wait_until
from tests.tui.idle import until_settled
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.goals import write_goal
from tokendesk.desk.notes import write_note
from tokendesk.model.findings import Thresholds
from tokendesk.tui.screens.overview import OverviewScreen
from tokendesk.tui.widgets.bars import columns, spread
from tokendesk.tui.widgets.overview_drawing import TWO_COLUMNS, draw_overview
from tokendesk.views.goal_progress import Point, Progress
from tokendesk.views.overview import Line, Section, lines_of, read_overview
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

SECOND = int(NOW.timestamp())


def with_goal(settings: Settings) -> tuple[Section, ...]:
    """Set a goal, write notes, and return the overview."""
    with Reader(settings.paths, Thresholds()) as reader:
        tokens = reader.records("tokens", reader.ids(Query("tokens", filter="policy:default"), SECOND))
        (policy,) = reader.records("policies", reader.ids(Query("policies", filter="name:default"), SECOND)).values()
    with Desk(settings.paths.desk, author="ada", clock=lambda: NOW - timedelta(hours=1)) as desk:
        write_goal(desk, policy)
        write_note(desk, "token", list(tokens.values())[:5], {"decision": "keep", "review_by": "2026-11-20"})
    with Reader(settings.paths, Thresholds()) as reader:
        return read_overview(reader, SECOND)


async def is_shown(pilot: Pilot[int], words: str = "Tokens by owner") -> None:
    await wait_until(
        pilot, lambda: isinstance(pilot.app.screen, OverviewScreen) and "Counting" not in text_of(pilot, "#overview")
    )
    await wait_until(pilot, lambda: words in text_of(pilot, "#overview"))


async def rows_are_shown(pilot: Pilot[int], line: Line) -> None:
    await wait_until(pilot, lambda: pilot.app.screen is main(pilot) and main(pilot).query_shown == line.query)
    await until_settled(pilot.app)
    assert len(main(pilot).rows.ids) == line.count


def under_cursor(pilot: Pilot[int]) -> str:
    return next((row for row in text_of(pilot, "#overview").splitlines() if "│ ▌" in row), "").partition("▌")[2]


async def test_each_number_leads_to_its_rows_and_both_ways_back_to_the_number(small: Settings) -> None:
    sections = with_goal(small)
    lines, weeks = [*lines_of(sections)], [week for week in sections[2].columns if week.count]
    undecided = next(line for line in lines if line.title == "Undecided")
    async with opened(app_on(small), (80, 24)) as pilot:
        await pilot.press("0")
        await is_shown(pilot, "Goal: block tokens in Default")
        await pilot.press(*"j" * lines.index(undecided))
        await wait_until(pilot, lambda: under_cursor(pilot).startswith("Undecided"))
        await pilot.press("enter")
        await rows_are_shown(pilot, undecided)
        for back in ("escape", "minus"):
            await pilot.press(back)
            await is_shown(pilot, "Goal")
            assert under_cursor(pilot).startswith("Undecided")
            await pilot.press("enter")
            await rows_are_shown(pilot, undecided)
        await pilot.press("escape")
        await is_shown(pilot, "Goal")
        await pilot.press("j", "j", "j")
        await wait_until(pilot, lambda: f"▲ {weeks[0].title}: {weeks[0].count}" in text_of(pilot, "#overview"))
        await pilot.press("l", "enter")
        await rows_are_shown(pilot, weeks[1])
        await pilot.press("escape")
        await is_shown(pilot, weeks[1].title)
        await pilot.press("G")
        await wait_until(pilot, lambda: under_cursor(pilot).startswith(lines[-1].title))
        await pilot.resize_terminal(140, 40)
        await is_shown(pilot, "Needs attention today")
        row, text = next(
            (number, row) for number, row in enumerate(text_of(pilot, "#overview").splitlines()) if " Undecided" in row
        )
        await pilot.click("#overview", offset=(text.index("Undecided") + 2, row))
        await rows_are_shown(pilot, undecided)
        await pilot.press("escape")
        await is_shown(pilot)
        await pilot.press("3")
        await wait_until(pilot, lambda: main(pilot).query_shown == Query("policies"))


async def test_the_screens_open_with_the_overview_if_that_is_set(small: Settings) -> None:
    async with opened(app_on(small._replace(start="overview"))) as pilot:
        await is_shown(pilot)
        assert "No goal is set." in text_of(pilot, "#overview")
        await pilot.press("escape", "slash", *"jenkins")
        await wait_until(pilot, lambda: main(pilot).query_shown == Query("tokens", filter="jenkins"))


def test_every_number_is_drawn_and_reached_at_every_width(small: Settings) -> None:
    sections = list(with_goal(small))
    points = tuple(Point(SECOND - day * 86_400, 20, 10 + day, day) for day in range(60, -1, -3))
    sections[1] = Section(sections[1].title, sections[1].lines, progress=Progress(points, len(points)))
    weeks = {week for section in sections for week in section.columns if not week.count}
    wanted = {*lines_of(sections)} - weeks
    for width in range(56, 200, 3):
        drawing = draw_overview(sections, width, None)
        assert {stop.line for stop in drawing.stops if stop.by_key} == wanted
        assert all(row.cell_length <= width for row in drawing.rows), width
        for stop in drawing.stops:
            assert 0 <= stop.left < stop.right <= width
            text = drawing.rows[stop.top].plain[stop.left : stop.right]
            assert stop.height > 1 or f" {stop.line.words} " in f"{text} ", (width, stop)
        assert not any(row.plain.startswith("▌") for row in drawing.rows)
    assert len(draw_overview(sections, TWO_COLUMNS, None).rows) < 0.7 * len(draw_overview(sections, 80, None).rows)
    for here in wanted:
        drawing = draw_overview(sections, 80, here)
        assert drawing.stops == draw_overview(sections, 80, None).stops
        assert sum(row.plain.startswith("▌") or "▲" in row.plain for row in drawing.rows) == 1


def test_columns_show_whatever_is_not_nothing_and_curves_the_last_value_known() -> None:
    assert columns([0, 1, 400, 800], 2) == ["   █", " ▁██"]
    assert columns([0, 0], 1) == ["  "]
    assert columns([], 2) == ["", ""]
    assert spread([(0, 5), (10, 7), (100, 1)], 11) == [5, *[7] * 9, 1]
    assert spread([(0, 5), (90, 7), (100, 1)], 5) == [5, 5, 5, 5, 1]
    assert all(cell_len(row) == 3 for row in columns([1, 2, 3], 4))
