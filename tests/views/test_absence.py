"""The message after a long time without a pull."""

from dataclasses import replace
from pathlib import Path

from tests.history.made_up import JOB, START, Pulls
from tests.practice import settings_in
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.model.findings import Thresholds
from tokendesk.model.timestamps import DAY, iso
from tokendesk.views.since_last_pull import describe_absence_before_pull


def said(pulls: Pulls) -> str | None:
    return describe_absence_before_pull(pulls.paths, Thresholds(), pulls.now)


def test_what_happened_meanwhile_is_said_after_an_absence_only(tmp_path: Path) -> None:
    pulls = Pulls(settings_in(tmp_path).paths)
    old = replace(JOB, expires_at=iso(START + 40 * DAY))
    kept = [replace(JOB, token_id=f"token-kept-{n}", label=f"kept {'abc'[n] * 9}") for n in range(3)]
    leaving = replace(JOB, token_id="token-leaving", label="leaving")
    pulls.next([old, leaving, *kept])
    assert said(pulls) is None  # the first pull follows nothing
    pulls.next([old, leaving, *kept])
    assert said(pulls) is None
    with Desk(pulls.paths.desk) as desk:
        write_note(desk, "token", [old.token_id], {"purpose": "closes the books"})
        write_note(desk, "token", [one.token_id for one in kept[:2]], {"review_by": "2026-12-24"})
    heir = replace(JOB, token_id="token-heir", created_at=iso(START + 38 * DAY))
    other = replace(JOB, token_id="token-other", label="something else", created_at=iso(START + 50 * DAY))
    pulls.next([*kept, heir, other], days=92)
    assert said(pulls) == (
        "Since 25 Nov 2026: 2 new, 2 gone, 1 likely successor: review and carry over notes, 2 reviews due. "
        "No pulls for 92 days: uses in between may be missing."
    )
    pulls.next([*kept, heir, other])
    assert said(pulls) is None
    pulls.next([*kept, heir, other], days=10)
    assert said(pulls) == (
        "Since 26 Feb: 1 likely successor: review and carry over notes, 2 reviews due. "
        "No pulls for 10 days: uses in between may be missing."
    )
