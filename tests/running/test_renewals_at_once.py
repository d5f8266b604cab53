"""Desks that pull at the same moment: they take turns, and an undo reaches what two of them wrote."""

import shutil
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from tests.history.made_up import START
from tests.renewed import NEW, OLD, renewed_home
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.model.timestamps import DAY
from tokendesk.running.renew import RULE, renew_notes, undo_take_over
from tokendesk.running.sharing import share_notes
from tokendesk.views.reader import Reader
from tokendesk.views.renewals import due_for_renewal, renewals


@pytest.fixture
def desks(tmp_path: Path) -> tuple[Settings, Settings]:
    """Return two desks that pulled the same, wrote something, and share."""
    (tmp_path / "shared").mkdir()
    found = []
    for name in ("ada", "bo"):
        settings = renewed_home(tmp_path / name)._replace(share=tmp_path / "shared", author=name)
        with Desk(settings.paths.desk, author=name, clock=lambda: at(0)) as desk:
            desk.bind_organization("org")
            write_note(desk, "token", ["other"], {"remarks": f"Seen by {name}"})
        found.append(settings)
    for settings in (*found, *found):
        assert not share_notes(settings).problems
    return found[0], found[1]


def at(days: float) -> datetime:
    return datetime.fromtimestamp(START + int(days * DAY), UTC)


def written(settings: Settings) -> int:
    with Desk(settings.paths.desk) as desk:
        return sum(entry.author == RULE and entry.kind == "note" for entry in desk.entries())


def replaces(settings: Settings) -> str | None:
    with Desk(settings.paths.desk) as desk:
        field = desk.fields("token", NEW).get("replaces")
        return field.value if field is not None else None


def test_a_pair_is_written_by_one_desk(desks: tuple[Settings, Settings]) -> None:
    for settings in desks:
        renew_notes(settings, lambda: at(4))
    for settings in (*desks, *desks):
        share_notes(settings)
    assert [written(settings) for settings in desks] == [1, 1]
    assert [replaces(settings) for settings in desks] == [OLD, OLD]


def test_desks_take_turns(desks: tuple[Settings, Settings], tmp_path: Path) -> None:
    """Each has a folder of its own from now on, as if nothing of the other had arrived yet."""
    with Reader(desks[0].paths, desks[0].thresholds) as reader:
        (pair,) = renewals(reader.db, due_for_renewal(reader.db, START), START).sure
    apart = []
    for settings in desks:
        shutil.copytree(tmp_path / "shared", tmp_path / f"shared by {settings.author}")
        apart.append(settings._replace(share=tmp_path / f"shared by {settings.author}"))
    first = [settings for settings in apart if renew_notes(settings, partial(datetime.fromtimestamp, pair.since, UTC))]
    assert len(first) == 1
    (second,) = [settings for settings in apart if settings not in first]
    assert renew_notes(second, partial(datetime.fromtimestamp, pair.since + 2 * DAY, UTC))


def test_an_undo_reaches_what_another_desk_wrote_at_the_same_moment(desks: tuple[Settings, Settings]) -> None:
    ada, bo = desks
    for settings in desks:  # as if neither had the other's entry yet
        assert renew_notes(settings._replace(share=None), lambda: at(0))
    with Desk(ada.paths.desk, author="ada") as desk:
        (undone,) = undo_take_over(desk, "token", NEW)
    for settings in (*desks, *desks):
        share_notes(settings)
    assert [written(settings) for settings in desks] == [2, 2]
    for settings in desks:
        renew_notes(settings, lambda: at(1))
    for settings in (*desks, *desks):
        share_notes(settings)
    assert [replaces(settings) for settings in desks] == [None, None]
    with Desk(ada.paths.desk, author="ada") as desk:
        desk.append("undo", {"entry": undone.entry_id})
    for settings in (*desks, *desks):
        renew_notes(settings, lambda: at(2))
    assert replaces(ada) == replaces(bo) == OLD
