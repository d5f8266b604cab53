"""Dates at the limits of the calendar, in extreme time zones: no screen or command fails."""

import asyncio
import csv
import io
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp
from textual.pilot import Pilot

from tests.credentials_served import Instead, answering
from tests.database import database
from tests.needs import needs_zones
from tests.practice import NOW, name_policies, organization, pull_quietly, serving_access, settings_in
from tests.tui.driver import app_on, main, opened, wait_until
from tokendesk.api.credential_lists import CREDENTIAL_LISTS
from tokendesk.cli import main as command
from tokendesk.config import Settings
from tokendesk.filtering.format import quote
from tokendesk.model.timestamps import ago, day, day_and_time, iso, parse_expiry, parse_timestamp
from tokendesk.reporting.formats import FORMATS
from tokendesk.sandbox.faults import with_faults
from tokendesk.tui.screens.triage import TriageScreen
from tokendesk.tui.widgets.details import DetailsPane
from tokendesk.views.query import PANES

ZONES = ("Pacific/Kiritimati", "Etc/GMT+12")
"""The first and the last to begin a day: what stands between them stops at neither end."""
SMALL = (100, 30)
"""Rows, details and tabs have room, and what costs most, to draw them, takes half the time."""
FAR_DATES = (
    "some time ago", "", 0, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "-0001-11-30T00:00:00Z",
    "+275760-09-13T00:00:00Z", "9999-12-31T23:59:59-12:00", -62_135_596_800_000, 253_402_300_799_000,
    "1601-01-01T00:00:00Z", "2999-12-31T00:00:00Z",
)  # fmt: skip
ENDS = (-(10**15), -62_135_596_800, -62_135_510_400, -1, 0, 253_402_300_799, 10**15)


@pytest.fixture(params=[pytest.param(name, marks=needs_zones) for name in ZONES])
def zone(request: pytest.FixtureRequest) -> Iterator[str]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


def far_credentials(name: str) -> list[dict[str, Any]]:
    times = ("createdAt", "expiresAt", "lastActiveAt")
    return [
        {"id": f"{name}-{number}", "label": f"{name} {number}"}
        | {time: FAR_DATES[(number + 3 * place) % len(FAR_DATES)] for place, time in enumerate(times)}
        for number in range(len(FAR_DATES))
    ]


def with_far_dates(app: ASGIApp) -> ASGIApp:
    lists = {each.name: far_credentials(each.name) for each in CREDENTIAL_LISTS}
    return Instead(answering(lists))(with_faults(["odd-dates"])(app))


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An organization whose dates are odd, pulled twice, so that there are changes too."""
    made = organization(120, 60)
    settings = settings_in(tmp_path_factory.mktemp("home"))
    with serving_access(made, with_far_dates) as access:
        asyncio.run(pull_quietly(settings, access))
        life = next(iter(made.living()))[1]
        made.revoke(made.token(life).id)
        asyncio.run(pull_quietly(settings, access))
    name_policies(settings, made)
    return settings


def as_0_1_kept_it(settings: Settings) -> None:
    """Version 0.1 kept the ends of the calendar as numbers, in the snapshot and in the history."""
    with database(settings.paths.snapshot) as db:
        db.execute("UPDATE token SET last_used = -62135596800, expires = 253402300799, created = -62135596800")
        db.execute("UPDATE user SET last_active = -62135596800")
        tokens = db.execute("SELECT token_id FROM token").fetchall()
    with database(settings.paths.history) as db:
        pull = db.execute("SELECT pull_id FROM completed").fetchone()[0]
        for moment in (-62_135_596_800, 253_402_300_799):
            db.executemany(
                "INSERT OR IGNORE INTO observation VALUES (?, ?, ?)", [(token, moment, pull) for (token,) in tokens]
            )


@pytest.mark.parametrize("moment", ENDS)
def test_every_second_has_words_in_every_zone(moment: int, zone: str) -> None:
    now = int(NOW.timestamp())
    assert all((day(moment), day_and_time(moment), ago(moment, now), iso(moment)))


@pytest.mark.parametrize(
    "sent", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "-0001-11-30T00:00:00Z", -62_135_596_800_000]
)
def test_a_date_before_all_calendars_was_never_set(sent: object) -> None:
    assert parse_timestamp(sent) is None
    assert parse_expiry(sent) is None


@pytest.mark.parametrize(
    "sent", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "+275760-09-13T00:00:00Z", 253_402_300_799_000]
)
def test_a_token_that_ends_after_all_calendars_never_ends(sent: object) -> None:
    assert parse_expiry(sent) is None
    assert day(parse_timestamp(sent)).endswith("9999")


def test_far_dates_that_are_dates_stay_as_they_are() -> None:
    assert day(parse_timestamp("1601-01-05T00:00:00Z")).endswith("Jan 1601")
    assert day(parse_expiry("2999-06-05T00:00:00Z")).endswith("Jun 2999")


@pytest.mark.parametrize("pane", PANES)
def test_every_format_of_a_list_is_written(
    pane: str, zone: str, odd: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(odd.paths.desk.parents[1]))
    for form in FORMATS:
        target = tmp_path / f"{pane}.{form}"
        assert command(["--profile", "demo", "list", pane, "--format", form, "-o", str(target)]) == 0
        assert target.exists()


def test_what_is_written_for_others_is_written(
    zone: str, odd: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(odd.paths.desk.parents[1]))
    for arguments in (
        ["readiness", "Default", "--format", "html"],
        ["readiness", "Default"],
        ["letters", "used:any"],
        ["letters", "used:any", "--format", "csv"],
        ["move", "users", "status:active", "--to", "Contractors"],
        ["revoke", "used:any"],
        ["snapshot", "save", str(tmp_path / "saved.tkd")],
        ["snapshot", "info", str(tmp_path / "saved.tkd")],
    ):
        assert command(["--profile", "demo", *arguments]) == 0, arguments


def test_a_pull_that_reads_an_expiry_in_another_way_reports_no_change(tmp_path: Path) -> None:
    made = organization(40, 12)
    settings = settings_in(tmp_path)
    with serving_access(made, with_far_dates) as access:
        asyncio.run(pull_quietly(settings, access))
        with database(settings.paths.snapshot) as db:
            db.execute("UPDATE token SET expires = 253402300799 WHERE expires_text LIKE '9999%'")
            db.execute("UPDATE credential SET ends = 253402300799 WHERE ends_text LIKE '9999%'")
            assert db.total_changes > 1
        asyncio.run(pull_quietly(settings, access))
    with database(settings.paths.history) as db:
        assert db.execute("SELECT kind FROM change").fetchall() == []


def test_what_was_sent_is_listed_as_it_was_sent(
    odd: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(odd.paths.desk.parents[1]))
    assert command(["--profile", "demo", "list", "tokens", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    sent = {row[name] for row in rows for name in ("created", "expires", "used")}
    assert {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "-0001-11-30T00:00:00Z", "some time ago"} <= sent
    assert command(["--profile", "demo", "list", "tokens", "expires:never", "--format", "json"]) == 0
    endless = {row["expires"] for row in json.loads(capsys.readouterr().out)}
    assert {"9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z"} <= endless


def test_dates_of_credentials_are_listed_as_they_were_sent(
    odd: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(odd.paths.desk.parents[1]))
    assert command(["--profile", "demo", "list", "credentials", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == len(FAR_DATES) * len(CREDENTIAL_LISTS)
    sent = {row[name] for row in rows for name in ("created", "ends", "used")}
    assert {each for each in FAR_DATES if isinstance(each, str) and each} <= sent
    for text in ("ends:never", "is:renewal", "-renewal:any", "is:expiring", "idle:>90d"):
        assert command(["--profile", "demo", "list", "credentials", text, "--sort", "-renewal"]) == 0, text


def test_users_active_at_the_ends_of_the_calendar_are_listed_so(
    odd: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(odd.paths.desk.parents[1]))
    assert command(["--profile", "demo", "list", "users", "--format", "json"]) == 0
    sent = {row["active"] for row in json.loads(capsys.readouterr().out)}
    assert {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59-12:00"} <= sent


def test_an_expiry_that_cannot_be_read_is_not_called_never(
    odd: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(odd.paths.desk.parents[1]))
    command(["--profile", "demo", "list", "tokens", "--format", "json"])
    token = next(
        row
        for row in json.loads(capsys.readouterr().out)
        if row["expires"] == "some time ago" and row["label"].isascii()
    )
    command(["--profile", "demo", "list", "tokens", f"label:={quote(token['label'])}"])
    assert "unknown" in capsys.readouterr().out


async def walk(pilot: Pilot[int]) -> None:
    """The cursor on every row of every pane, and every page of its details."""
    screen = main(pilot)
    for number, _ in enumerate(PANES, 1):
        await pilot.press(str(number))
        await wait_until(pilot, lambda: screen.query_one(DetailsPane) is not None)
        await pilot.pause()
        for _ in range(min(14, len(screen.rows.ids))):
            await pilot.press("j", "right_square_bracket")
            await pilot.pause()
            assert pilot.app.is_running


async def test_the_cursor_rests_on_every_row(zone: str, odd: Settings) -> None:
    async with opened(app_on(odd), SMALL) as pilot:
        await walk(pilot)


async def test_triage_goes_through_all_of_them(zone: str, odd: Settings) -> None:
    async with opened(app_on(odd), SMALL) as pilot:
        await pilot.press("t")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, TriageScreen))
        for _ in range(30):
            await pilot.press("s")
        await pilot.pause()
        assert isinstance(pilot.app.screen, TriageScreen)


@pytest.fixture
def of_0_1(tmp_path: Path) -> Settings:
    made = organization(40, 12)
    settings = settings_in(tmp_path)
    with serving_access(made, with_faults([])) as access:
        asyncio.run(pull_quietly(settings, access))
    name_policies(settings, made)
    as_0_1_kept_it(settings)
    return settings


async def test_a_snapshot_of_0_1_that_holds_such_dates_is_shown(zone: str, of_0_1: Settings) -> None:
    async with opened(app_on(of_0_1), SMALL) as pilot:
        await walk(pilot)


def test_a_snapshot_of_0_1_that_holds_such_dates_is_listed(
    zone: str, of_0_1: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(of_0_1.paths.desk.parents[1]))
    for arguments in (["list", "users"], ["list", "tokens"], ["list", "tokens", "--format", "csv"]):
        assert command(["--profile", "demo", *arguments]) == 0
    said = capsys.readouterr().out
    assert len(list(csv.reader(io.StringIO(said)))) > 12
