"""The practice organization, pulled once; each test gets a copy of the profile to write its notes into."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.practice import NOW, name_policies, organization, practice, pull_quietly, settings_in
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.model.findings import Thresholds
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

PRESENT = int(NOW.timestamp())


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = organization()
    settings = settings_in(tmp_path_factory.mktemp("pulled"))
    with practice(made) as way:
        asyncio.run(pull_quietly(settings, way))
    name_policies(settings, made)
    return settings


class Office:
    """One admin's profile: its reader and its desk."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.home = settings.places.config_file.parent
        self.reader = Reader(settings.places, Thresholds())

    def desk(self, author: str = "ada") -> Desk:
        return Desk(self.settings.places.desk, author=author, clock=lambda: NOW)

    def ids(self, text: str = "", pane: str = "tokens") -> list[int]:
        return list(self.reader.ids(Query(pane, filter=text), PRESENT))

    def records(self, text: str = "", pane: str = "tokens") -> list[str]:
        """Return Atlassian's ids of what a filter finds."""
        ids = self.ids(text, pane)
        found = self.reader.records(pane, ids)
        return [found[row_id] for row_id in ids]

    def policy(self, name: str) -> str:
        return self.records(f'name:="{name}"', "policies")[0]


@pytest.fixture
def office(pulled: Settings, tmp_path: Path) -> Iterator[Office]:
    shutil.copytree(pulled.places.config_file.parent, tmp_path / "home")
    made = Office(settings_in(tmp_path / "home"))
    yield made
    made.reader.close()


Command = Callable[..., str]


@pytest.fixture
def command(office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command on the office's profile; return what it printed. `code`: the exit code it must end with."""
    from tokendesk.cli import main

    monkeypatch.setenv("TOKENDESK_HOME", str(office.home))
    monkeypatch.setenv("TOKENDESK_PROFILE", "demo")
    monkeypatch.setattr("time.time", lambda: float(PRESENT))

    def run(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        assert main(list(arguments)) == code
        said = capsys.readouterr()
        return said.out if code == 0 else said.err

    return run
