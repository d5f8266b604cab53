"""Values that the database refuses to read while the screens are open: they say so, and go on."""

import sqlite3
from contextlib import closing

from tests.practice import NOW
from tests.tui.driver import main, text_of, wait_until
from tokendesk.config import Settings
from tokendesk.tui.app import TokendeskApp
from tokendesk.views.reader import Reader


async def test_rows_that_cannot_be_read_for_the_first_frame_are_read_after_it(small: Settings) -> None:
    with closing(sqlite3.connect(small.paths.snapshot, isolation_level=None)) as db:
        db.execute("UPDATE token SET label = printf('%.*c', 2000000, 'x')")
    reader = Reader(small.paths, small.thresholds)
    reader.db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1_000_000)
    app = TokendeskApp(small, None, clock=lambda: int(NOW.timestamp()), reader=reader)
    async with app.run_test(size=(140, 40)) as pilot:
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 30)
        await wait_until(pilot, lambda: "xxxxxx" in text_of(pilot))
