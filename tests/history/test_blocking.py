"""Uses after a block count, whether the status of the tokens shows the block or not."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.history.made_up import JOB, START, Pulls
from tests.practice import NOW, settings_in
from tokendesk.desk.entries import Desk
from tokendesk.desk.goals import write_goal
from tokendesk.desk.policies import write_policy
from tokendesk.model.findings import Thresholds
from tokendesk.model.records import Token
from tokendesk.model.timestamps import DAY, iso
from tokendesk.reporting.document import render
from tokendesk.reporting.readiness_page import readiness_document
from tokendesk.views.goals import describe_goal
from tokendesk.views.reader import Reader
from tokendesk.views.readiness import policy_readiness

POLICY = "policy-a"
OTHER = replace(JOB, token_id="token-other", label="other")


@pytest.fixture
def pulls(tmp_path: Path) -> Pulls:
    made = Pulls(settings_in(tmp_path).paths)
    with Desk(made.paths.desk, author="ada", clock=lambda: NOW) as desk:
        desk.bind_organization("org")
        write_goal(desk, POLICY)
    return made


def used(token: Token, day: float, status: str = "ALLOWED") -> Token:
    return replace(token, status=status, last_active_at=iso(START + int(day * DAY)))


def words(pulls: Pulls) -> tuple[str, str]:
    """Return what the goal says after the name, and what readiness leaves out."""
    with Reader(pulls.paths, Thresholds()) as reader:
        found = policy_readiness(reader, POLICY, pulls.now)
        said = " ".join(found.not_counted)
        assert said in render(readiness_document(found, reader.info, pulls.now), "markdown")
        return str(describe_goal(reader, pulls.now)).partition(": ")[2], said


def say_blocked(pulls: Pulls, day: float) -> None:
    at = datetime.fromtimestamp(START + int(day * DAY), UTC)
    with Desk(pulls.paths.desk, author="ada", clock=lambda: at) as desk:
        write_policy(desk, POLICY, {"tokens": "blocked"})


def test_tokens_listed_as_blocked_and_used_since_are_not_called_switched_off(pulls: Pulls) -> None:
    pulls.next([used(JOB, 0.5), used(OTHER, 0.5)])
    pulls.next([used(JOB, 0.5, "BLOCKED"), used(OTHER, 0.5, "BLOCKED")])
    listed = "2 of 2 tokens BLOCKED, as Atlassian lists it"
    left_out = "Not counted: 2 tokens BLOCKED, as Atlassian lists it"
    assert words(pulls) == (listed, f"{left_out}; whether used since is not known.")
    pulls.next([used(JOB, 0.5, "BLOCKED"), used(OTHER, 0.5, "BLOCKED")])
    assert words(pulls) == (f"{listed} · none used since", f"{left_out}; none used since.")
    pulls.next([used(JOB, 3.5, "BLOCKED"), used(OTHER, 0.5, "BLOCKED")])
    assert words(pulls) == (
        f"{listed} · 1 used since",
        f"{left_out}; 1 used since: a status alone stops nothing.",
    )


def test_tokens_blocked_since_the_first_pull_count_from_there(pulls: Pulls) -> None:
    pulls.next([used(JOB, 0.5, "BLOCKED")])
    assert words(pulls)[0] == "1 of 1 tokens BLOCKED, as Atlassian lists it"
    pulls.next([used(JOB, 1.5, "BLOCKED")])
    assert words(pulls)[0] == "1 of 1 tokens BLOCKED, as Atlassian lists it · 1 used since"


def test_a_block_that_shows_at_no_token_is_not_called_failed(pulls: Pulls) -> None:
    pulls.next([used(JOB, 0.5), used(OTHER, 0.5)])
    say_blocked(pulls, 1.5)
    assert words(pulls) == ("0 of 2 tokens BLOCKED, 2 ALLOWED, as Atlassian lists it", "")
    pulls.next([used(JOB, 0.5), used(OTHER, 0.5)])
    assert words(pulls)[0] == "0 of 2 tokens BLOCKED, 2 ALLOWED, as Atlassian lists it · none used since"
    pulls.next([used(JOB, 2.5), used(OTHER, 0.5)])
    assert words(pulls)[0] == "0 of 2 tokens BLOCKED, 2 ALLOWED, as Atlassian lists it · 1 used since"
