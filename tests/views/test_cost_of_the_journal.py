"""The journal costs in proportion to its runs, counted in SQLite's steps, not in time."""

from pathlib import Path

from tests.desk.own_entries import PLAN
from tokendesk.desk.entries import Desk
from tokendesk.model.findings import Thresholds
from tokendesk.paths import profile_paths
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

NOW = 1_800_000_000


def steps(home: Path, runs: int) -> int:
    """Return how many hundreds of steps the first rows of a journal of so many runs take."""
    places = profile_paths("default", {"TOKENDESK_HOME": str(home)})
    with Desk(places.desk) as desk:
        desk.append_all([("run-begun", {"plan": PLAN, "digest": "d", "key": None})] * runs)
    count = 0

    def look() -> bool:
        nonlocal count
        count += 1
        return False

    with Reader(places, Thresholds(), lenient=True) as reader:
        reader.db.set_progress_handler(look, 100)
        found = list(reader.ids(Query(pane="journal"), NOW))
        rows = reader.window(reader.panes["journal"], found[:20], NOW)
        reader.db.set_progress_handler(None, 0)
    assert (len(found), len(rows)) == (runs, 20)
    return count


def test_ten_times_the_runs_take_no_more_than_about_ten_times_the_steps(tmp_path: Path) -> None:
    assert steps(tmp_path / "many", 1_000) < 15 * steps(tmp_path / "few", 100)
