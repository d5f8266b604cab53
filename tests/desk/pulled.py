"""The practice organization, pulled once; each test gets a copy of the profile."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.practice import NOW, pulled_home, settings_in
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.model.findings import Thresholds
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

PRESENT = int(NOW.timestamp())


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return pulled_home(tmp_path_factory.mktemp("pulled"))


class Office:
    """One admin's profile: its reader and its desk."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.home = settings.paths.config_file.parent
        self.reader = Reader(settings.paths, Thresholds())

    def desk(self, author: str = "ada", later: int = 0) -> Desk:
        """Open the desk for `author`; `later`: how many seconds after the pull it is."""
        return Desk(self.settings.paths.desk, author=author, clock=lambda: NOW + timedelta(seconds=later))

    def ids(self, text: str = "", pane: str = "tokens") -> list[int]:
        return list(self.reader.ids(Query(pane, filter=text), PRESENT))

    def records(self, text: str = "", pane: str = "tokens") -> list[str]:
        """Return Atlassian's ids of what a filter finds."""
        ids = self.ids(text, pane)
        found = self.reader.records(pane, ids)
        return [found[row_id] for row_id in ids]

    def policy(self, name: str) -> str:
        return self.records(f'name:="{name}"', "policies")[0]


def office_in(home: Path, pulled: Settings) -> Office:
    shutil.copytree(pulled.paths.config_file.parent, home)
    return Office(settings_in(home))


@pytest.fixture
def office(pulled: Settings, tmp_path: Path) -> Iterator[Office]:
    made = office_in(tmp_path / "home", pulled)
    yield made
    made.reader.close()


@pytest.fixture
def colleague(pulled: Settings, tmp_path: Path) -> Iterator[Office]:
    """Another admin of the same organization, with a desk of their own."""
    made = office_in(tmp_path / "colleague", pulled)
    made.reader.close()
    for path in made.settings.paths.data.glob("desk.sqlite*"):
        path.unlink()
    with Desk(made.settings.paths.desk) as desk:
        desk.bind_organization(str(made.reader.info.org_id if made.reader.info else ""))
    made = Office(made.settings)
    yield made
    made.reader.close()


Command = Callable[..., str]


@pytest.fixture
def command(office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command on the office's profile, or the one in `home`; return what it printed.

    `code`: the exit code it must end with; a failing command is asked for what it said on stderr. `err`: return
    that; `both`: return all.
    """
    from tokendesk.cli import main

    monkeypatch.setenv("TOKENDESK_PROFILE", "demo")
    monkeypatch.setenv("TOKENDESK_CLOCK", NOW.isoformat())

    def run(*arguments: str, code: int = 0, home: Path = office.home, err: bool = False, both: bool = False) -> str:
        capsys.readouterr()
        monkeypatch.setenv("TOKENDESK_HOME", str(home))
        assert main(list(arguments)) == code
        said = capsys.readouterr()
        return said.out + said.err if both else said.err if err or code else said.out

    return run
