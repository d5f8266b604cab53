"""Moving the practice organization's clock from the command line, over days of pulls."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.practice import NOW
from tokendesk.cli import main
from tokendesk.running.pull import PULL_DAILY_HINT
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.serve import serving


def test_pulls_on_many_days_by_the_command_find_a_rhythm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    present = [NOW]
    made = Organization(1, 60, 20, NOW, now=lambda: present[0])
    with serving(made) as (address, _):
        monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
        monkeypatch.setenv("TOKENDESK_API_URL", address.url)
        monkeypatch.setenv("TOKENDESK_ORG_ID", address.org_id)
        monkeypatch.setenv("TOKENDESK_API_KEY", address.scoped_key)
        for day in range(9):
            present[0] = NOW + timedelta(days=day)
            monkeypatch.setenv("TOKENDESK_CLOCK", present[0].isoformat())
            assert main(["pull"]) == 0
            said = capsys.readouterr()
            assert (PULL_DAILY_HINT in said.err) == (day == 0)
        assert main(["pull", "--events", "--since", "60d", "--json"]) == 0
        done = json.loads(capsys.readouterr().out)
        assert (done["event"], done["what"]) == ("done", "audit events")
        assert done["kept"] > 0
    assert main(["list", "tokens", "rhythm:daily", "used:<3d", "--format", "json", "--columns", "label,rhythm"]) == 0
    assert {row["rhythm"] for row in json.loads(capsys.readouterr().out)} == {"daily"}


def test_a_real_organization_has_no_other_time_than_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
    monkeypatch.setenv("TOKENDESK_CLOCK", "2027-03-31")
    assert main(["list", "tokens"]) == 2
    assert "TOKENDESK_CLOCK is for the practice organization only" in capsys.readouterr().err
