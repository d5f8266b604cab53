"""Differences between two pulls with late, incomplete or reordered lists."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.history.made_up import BO, JOB, START, Pulls
from tests.practice import settings_in
from tokendesk.desk.entries import Desk
from tokendesk.model.records import Token
from tokendesk.model.timestamps import DAY, iso, utc
from tokendesk.paths import ProfilePaths


@pytest.fixture
def pulls(tmp_path: Path) -> Pulls:
    return Pulls(settings_in(tmp_path).paths)


def used(token: Token, day: float) -> Token:
    return replace(token, last_active_at=iso(START + int(day * DAY)))


def test_a_token_that_one_pull_missed_is_there_again_and_not_new(pulls: Pulls) -> None:
    other = replace(JOB, token_id="token-other", label="other")
    pulls.next([JOB, other])
    assert pulls.next([other]) == ["gone: revoked or expired, unknown which"]
    assert pulls.next([JOB, other]) == ["there again, missing since 25 Nov 2026"]
    assert pulls.next([JOB, other, replace(JOB, token_id="token-new")]) == ["created"]


def test_an_owner_who_was_missing_is_there_again(pulls: Pulls) -> None:
    ada = replace(BO, account_id="account-ada", name="Ada Example")
    pulls.next([JOB], [BO, ada])
    assert pulls.next([JOB], [ada]) == ["user gone from the managed ones"]
    assert pulls.next([JOB], [BO, ada]) == ["user there again among the managed ones"]


def test_scopes_in_another_order_are_the_same_scopes(pulls: Pulls) -> None:
    pulls.next([replace(JOB, scopes=("read:jira-work", "write:jira-work"))])
    assert pulls.next([replace(JOB, scopes=("write:jira-work", "read:jira-work"))]) == []
    assert pulls.next([replace(JOB, scopes=("read:jira-work",))]) == [
        "scopes: write:jira-work, read:jira-work → read:jira-work"
    ]


def test_a_use_listed_late_counts_as_made_when_it_was_made(pulls: Pulls) -> None:
    blocked = replace(JOB, status="BLOCKED")
    pulls.next([used(JOB, 0.5)])  # day 1
    pulls.next([used(blocked, 0.5)])  # day 2: blocked, at the latest
    # Listed on day 3, but made before anybody saw it blocked.
    assert pulls.next([used(blocked, 1.5)]) == []
    # Listed on day 5 only, made after day 2: it was blocked by then.
    assert pulls.next([used(blocked, 1.5)]) == []
    assert pulls.next([used(blocked, 2.5)]) == ["used after it was listed as BLOCKED"]
    assert pulls.next([used(blocked, 2.5)]) == []


def test_a_token_blocked_from_the_start_counts_from_the_pull_before(pulls: Pulls) -> None:
    blocked = replace(JOB, status="BLOCKED")
    pulls.next([used(blocked, 0.5)])
    assert pulls.next([used(blocked, 0.8)]) == []
    assert pulls.next([used(blocked, 2.5)]) == ["used after it was listed as BLOCKED"]


def _runs(paths: ProfilePaths, fill: Callable[[sqlite3.Connection], object]) -> None:
    """Put into the desk what the fold of runs would."""
    Desk(paths.desk).close()
    db = sqlite3.connect(paths.desk)
    db.execute("CREATE TABLE IF NOT EXISTS revoked (token_id, run_id, account_id, label, at)")
    db.execute("CREATE TABLE IF NOT EXISTS moved (account_id, policy_id, before_id, to_id, state, run_id, at)")
    fill(db)
    db.commit()
    db.close()


def test_what_we_did_is_told_from_what_others_did(pulls: Pulls) -> None:
    other = replace(JOB, token_id="token-other")
    pulls.next([JOB, other])
    moved = (BO.account_id, "policy-b", "policy-a", "policy-b", "seen", "run", iso(START + DAY + 60))
    _runs(
        pulls.paths,
        lambda db: (
            db.execute("INSERT INTO revoked (token_id, run_id, at) VALUES (?, 'run', ?)", (JOB.token_id, iso(START))),
            db.execute("INSERT INTO moved VALUES (?, ?, ?, ?, ?, ?, ?)", moved),
        ),
    )
    assert pulls.next([], policy="policy-b") == [
        "revoked by us", "gone: revoked or expired, unknown which", "moved by us: policy-a → policy-b",
    ]  # fmt: skip
    owner = replace(JOB, token_id="token-third")
    pulls.next([owner], policy="policy-a")
    # The same way again, long after our run: somebody else went it.
    assert pulls.next([owner], policy="policy-b") == ["moved, not by us: policy-a → policy-b"]


def test_a_run_of_ours_is_told_with_a_clock_that_is_ahead(pulls: Pulls) -> None:
    pulls.next([JOB])
    # Five hours after the pull, by the server's clock; six hours before it, by this computer's.
    moved = (BO.account_id, "policy-b", "policy-a", "policy-b", "seen", "run", iso(START + DAY - 6 * 3600))
    _runs(pulls.paths, lambda db: db.execute("INSERT INTO moved VALUES (?, ?, ?, ?, ?, ?, ?)", moved))
    with Desk(pulls.paths.desk, clock=lambda: utc(START + DAY + 60)) as desk:
        desk.measure_clock(11 * 3600)
    assert pulls.next([JOB], policy="policy-b") == ["moved by us: policy-a → policy-b"]
