"""Sixty days of renewals, seen by three desks that share: what is carried over, what is offered, and what is undone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.renewals_over_time import World, bare, kind_of, living
from tokendesk.desk.entries import Desk
from tokendesk.model.timestamps import utc
from tokendesk.running.renew import renew_notes, undo_take_over
from tokendesk.running.sharing import share_notes
from tokendesk.sandbox.credential_scenario import CredentialSizes
from tokendesk.views.details import details
from tokendesk.views.reader import Reader

EVERY = {"daily": 1, "weekly": 7, "rarely": 20}
"""How many days lie between the pulls of each desk."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = (60, 40, CredentialSizes(6, 12, 40, 4))
    with living(tmp_path_factory.mktemp("desks"), seed=1, made=made, days=60, every=EVERY) as found:
        yield found


def about(record: str) -> str:
    return "token" if kind_of(record) == "token" else "credential"


def still_carried(world: World, desk: Desk) -> list[tuple[str, str]]:
    """Return the pairs that nobody has undone since, which another test does."""
    written = {pair: desk.fields(about(pair[0]), pair[0]).get("replaces") for pair in world.carried("daily")}
    return [pair for pair, replaces in written.items() if replaces is not None and replaces.value == pair[1]]


def test_what_is_carried_over_is_right_and_written_once(world: World) -> None:
    pairs = world.carried("daily")
    assert len(pairs) >= 5
    assert len(set(pairs)) == len(pairs)
    assert all(world.made.predecessor_of(bare(new)) == bare(old) for new, old in pairs)
    assert {*pairs} == {*world.carried("rarely")} == {*world.carried("weekly")}


def test_each_renewal_that_was_missed_is_among_the_offers(world: World) -> None:
    missed = world.real() - {*world.carried("daily")}
    same_owner = {(new, old) for new, old in missed if world.owner(new) == world.owner(old)}
    assert len(same_owner) >= 3
    assert same_owner <= world.offered


def test_the_note_of_the_predecessor_goes_on(world: World) -> None:
    with Desk(world.settings("daily").paths.desk) as desk:
        pairs = still_carried(world, desk)
        assert len(pairs) >= 4
        for new, old in pairs:
            purpose = desk.fields(about(new), new)["purpose"].value
            assert purpose in (f"for {old}", desk.fields(about(old), old)["purpose"].value)


def test_a_chain_reads_as_one_thing(world: World) -> None:
    settings = world.settings("daily")
    with Desk(settings.paths.desk) as desk:
        pairs = still_carried(world, desk)
    with Reader(settings.paths, settings.thresholds) as reader:
        panes = {pair: "tokens" if kind_of(pair[0]) == "token" else "credentials" for pair in pairs}
        found = {pair: reader.find(pane, pair[0]) for pair, pane in panes.items()}
        (new, old), row = next((pair, row) for pair, row in found.items() if row is not None)
        shown = details(reader, panes[new, old], row, world.now)
        assert shown is not None
        history = [fact.value for section in shown.page("History") for fact in section.facts]
    assert any(", as " in value for value in history)
    assert any(f"purpose: for {old}" in value for value in history)


def test_an_undone_pair_is_not_written_again(world: World) -> None:
    settings = world.settings("rarely")
    new, _ = world.carried("rarely")[-1]
    with Desk(settings.paths.desk, author="somebody") as desk:
        assert undo_take_over(desk, about(new), new)
        replaces = desk.fields(about(new), new).get("replaces")
        assert replaces is None or replaces.value is None
    before = world.carried("rarely")
    for desk_name in EVERY:
        renew_notes(world.settings(desk_name), lambda: utc(world.now))
    for desk_name in (*EVERY, *EVERY):
        share_notes(world.settings(desk_name))
    assert sorted(world.carried("rarely")) == sorted(before)
    with Desk(world.settings("daily").paths.desk) as desk:
        replaces = desk.fields(about(new), new).get("replaces")
        assert replaces is None or replaces.value is None


def test_nothing_is_written_while_the_entries_of_others_cannot_come_in(world: World, tmp_path: Path) -> None:
    settings = world.settings("daily")._replace(share=tmp_path / "missing" / "folder")
    assert share_notes(settings).problems
    assert renew_notes(settings, lambda: utc(world.now)) == ""
