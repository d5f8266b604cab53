"""Lets an organization live for some time while several desks that share pull it, for tests and benchmarks."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.practice import NOW, settings_in
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.model.secret import Secret
from tokendesk.running.access import ApiAccess
from tokendesk.running.pull import pull_profile
from tokendesk.running.renew import RULE
from tokendesk.running.sharing import share_notes
from tokendesk.sandbox.credential_scenario import CredentialSizes
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.serve import serving
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader
from tokendesk.views.renewals import due_for_renewal, renewals


def bare(record: str) -> str:
    return record.partition(":")[2] or record


def kind_of(record: str) -> str:
    return record.partition(":")[0] if ":" in record else "token"


@dataclass
class World:
    home: Path
    access: ApiAccess
    made: Organization
    present: list[int] = field(default_factory=lambda: [0])
    offered: set[tuple[str, str]] = field(default_factory=set)
    listed: dict[str, str] = field(default_factory=dict)
    """By the organization's id: the record of each token and credential that a pull saw."""

    @property
    def now(self) -> int:
        return int((NOW + timedelta(seconds=self.present[0])).timestamp())

    def settings(self, desk: str) -> Settings:
        return settings_in(self.home / desk)._replace(share=self.home / "shared", author=desk)

    def pull(self, desk: str) -> None:
        settings = self.settings(desk)
        moment = NOW + timedelta(seconds=self.present[0])
        pulled = pull_profile(
            settings, self.access, lambda progress: None, lambda why, seconds: None, clock=lambda: moment
        )
        asyncio.run(pulled)
        with Reader(settings.paths, settings.thresholds) as reader:
            found = renewals(reader.db, due_for_renewal(reader.db, self.now), self.now)
            self.offered |= {(life.record, old) for old, lives in found.offers.items() for life in lives}
            for (record,) in reader.db.execute("SELECT token_id FROM token UNION ALL SELECT record FROM credential"):
                self.listed[bare(record)] = record

    def note_all(self, desk: str) -> None:
        """Write what each token and credential is for: its own record."""
        settings = self.settings(desk)
        with Reader(settings.paths, settings.thresholds) as reader, Desk(settings.paths.desk, author=desk) as written:
            for pane in ("tokens", "credentials"):
                ids = reader.ids(Query(pane, filter="purpose:none"), self.now)
                for record in reader.records(pane, ids).values():
                    write_note(written, reader.panes[pane].one, [record], {"purpose": f"for {record}"})

    def carried(self, desk: str) -> list[tuple[str, str]]:
        """Return the pairs that the rule wrote, in all entries that a desk has."""
        with Desk(self.settings(desk).paths.desk) as opened:
            entries = [entry for entry in opened.entries() if entry.author == RULE]
        return [(entry.payload["subjects"][0], entry.payload["fields"]["replaces"]) for entry in entries]

    def real(self) -> set[tuple[str, str]]:
        """Return what really replaced what, as far as both were listed, and are of one kind."""
        before = {record: self.made.predecessor_of(plain) for plain, record in self.listed.items()}
        pairs = {(record, self.listed[old]) for record, old in before.items() if old in self.listed}
        return {
            (new, old) for new, old in pairs if new.partition(":")[0] == old.partition(":")[0] or ":" not in new + old
        }

    def owner(self, record: str) -> str | None:
        """Return who owns a token or credential, as the history of the daily desk has it."""
        settings = self.settings("daily")
        with Reader(settings.paths, settings.thresholds) as reader:
            row = reader.db.execute(
                "SELECT owner FROM history.change WHERE record = :it AND subject IN ('token', 'credential')"
                " UNION SELECT owner FROM main.token WHERE token_id = :it"
                " UNION SELECT coalesce(account_name, maker_name) FROM main.credential WHERE record = :it",
                {"it": record},
            ).fetchone()
        return "the organization" if record.startswith("key:") else row[0] if row else None


@contextmanager
def living(
    home: Path, *, seed: int, made: tuple[int, int, CredentialSizes], days: int, every: Mapping[str, int]
) -> Iterator[World]:
    """Yield the world after so many `days`. `made`: how many users, tokens and credentials.

    `every`: by desk, how many days lie between its pulls. On the first day the first desk notes what everything is for.
    """
    present = [0]
    users, tokens, credentials = made
    organization = Organization(
        seed, users, tokens, NOW, now=lambda: NOW + timedelta(seconds=present[0]), credentials=credentials
    )
    with serving(organization) as (address, _):
        access = ApiAccess(address.url, address.org_id, Secret(address.scoped_key))
        (home / "shared").mkdir()
        world = World(home, access, organization, present)
        for day in range(days):
            present[0] = day * 86_400 + day * 37 % 600 * 60
            for desk, step in every.items():
                if day % step == 0:
                    world.pull(desk)
            if day == 0:
                world.note_all(next(iter(every)))
        for desk in (*every, *every):
            problems = share_notes(world.settings(desk)).problems
            if problems:
                raise AssertionError(problems)
        yield world
