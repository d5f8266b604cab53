"""A history of years keeps what rhythms and details need, without growing forever."""

from dataclasses import replace
from pathlib import Path

from tests.history.made_up import JOB, START, Pulls
from tests.practice import settings_in
from tokendesk.history.token_uses import MOST_USES, USES_KEPT, token_uses
from tokendesk.history.writing import open_history
from tokendesk.model.timestamps import DAY, iso


def test_the_latest_uses_of_a_token_stay_and_those_of_others_too(tmp_path: Path) -> None:
    pulls = Pulls(settings_in(tmp_path).paths)
    quiet = replace(JOB, token_id="token-quiet", last_active_at=iso(START - 400 * DAY))
    pulls.next([JOB, quiet])
    history = pulls.paths.history
    before = [(f"earlier-{number}", START - number * DAY) for number in range(1, 301)]
    with open_history(history) as db:
        db.executemany("INSERT INTO pull VALUES (?, ?)", before)
        db.executemany("INSERT INTO completed VALUES (?)", [(pull,) for pull, _ in before])
        db.executemany("INSERT INTO observation VALUES ('token-job', ?, ?)", [(at, pull) for pull, at in before])
        # A pull that never was completed counts for nothing.
        db.executemany(
            "INSERT INTO observation VALUES ('token-job', ?, 'broken')", [(START - at * 60,) for at in range(200)]
        )
        told = token_uses(db, ["token-job"])
    assert len(told) == MOST_USES
    pulls.next([replace(JOB, last_active_at=iso(pulls.now)), quiet])
    with open_history(history) as db:
        kept = db.execute(
            "SELECT count(*) FROM observation JOIN completed USING (pull_id) WHERE token_id = 'token-job'"
        ).fetchone()[0]
        assert USES_KEPT <= kept <= USES_KEPT + 1
        assert token_uses(db, ["token-job"])[:-1] == told[1:]
        assert token_uses(db, ["token-quiet"]) == [START - 400 * DAY]
