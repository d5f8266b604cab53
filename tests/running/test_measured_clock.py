"""A pull measures this computer's clock against the server's; `check` reports a wrong one."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.practice import organization, practice, settings_in
from tokendesk.desk.entries import Desk
from tokendesk.desk.merging import merge
from tokendesk.desk.notes import write_note
from tokendesk.running.capabilities import check_desk
from tokendesk.running.pull import pull_profile


def test_after_a_pull_the_desk_knows_its_clock_and_check_names_the_one_that_is_wrong(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with practice(organization(20, 4)) as access:
        asyncio.run(pull_profile(settings, access, lambda progress: None, lambda why, seconds: None))
    ahead = datetime.now(UTC) + timedelta(days=3_652)
    with (
        Desk(settings.paths.desk, author="bo") as desk,
        Desk(tmp_path / "ada.sqlite", author="ada", clock=lambda: ahead) as ada,
    ):
        assert desk.is_measured
        assert not ada.is_measured
        write_note(ada, "token", ["t"], {"decision": "revoke"})
        merge(desk, list(ada.entries()), keep=True)
    (found,) = check_desk(settings)
    assert found.answer == "yes"
    assert "(ada) was 10 years ahead from its entry 1 on, says bo" in found.words
