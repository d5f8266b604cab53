"""Home folders that were pulled once; each test gets its own copy."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from textual.notifications import Notification

from tests.practice import organization, pulled_home
from tests.running.world import World, serve_world
from tests.tui.driver import AT_ONCE, Pulled
from tests.tui.idle import Gate
from tests.tui.scripted_ui import context_of
from tokendesk.config import Settings
from tokendesk.tui import key_gate
from tokendesk.tui.context import AppContext


@pytest.fixture(autouse=True)
def _lasting_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notices stay: on a busy machine the first of several would be gone before a test reads the last."""
    monkeypatch.setattr(Notification, "time_left", 86_400.0)


@pytest.fixture(autouse=True)
def _patient_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys wait for what they are meant for, however busy the machine is."""
    monkeypatch.setattr(key_gate, "LONGEST_HOLD", 86_400.0)


@pytest.fixture
def pulled(tmp_path: Path) -> Pulled:
    """The organization of the story, with 1,204 users and 82 tokens."""
    return pulled_home(tmp_path / "home"), organization()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A smaller one, of 300 users and 60 tokens."""
    return pulled_home(tmp_path / "home", 300, 60)


@pytest.fixture
def small(tmp_path: Path) -> Settings:
    """One of 120 users and 30 tokens."""
    return pulled_home(tmp_path / "home", 120, 30)


@pytest.fixture
def gate() -> Iterator[Gate]:
    found = Gate()
    yield found
    found.open()  # where the test failed, a thread still waits


@pytest.fixture(name="world")
def _world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with serve_world(tmp_path, 120, 20, **{"pace": AT_ONCE, **getattr(request, "param", {})}) as made:
        yield made


@pytest.fixture
async def ctx(small: Settings) -> AsyncIterator[AppContext]:
    """The services of a session on the organization of 120 users and 30 tokens, without the app."""
    async with context_of(small) as found:
        yield found
