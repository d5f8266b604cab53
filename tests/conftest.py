"""What every test has: a state folder of the platform that is not the developer's own, and ctrl+c.

What hypothesis makes is the same in every run, so that a run says something of the change alone. With
HYPOTHESIS_PROFILE=explore it looks further.
"""

import asyncio
import gc
import os
import signal
from collections.abc import Iterator

import hypothesis
import pytest

from tests.needs import STATE_VARIABLE
from tokendesk.model.secret import known_keys

hypothesis.settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_configure() -> None:
    """Take SIGINT although whoever started the suite ignores it, as a shell's `&` does: programs inherit that.

    And let asyncio make no event loop of its own accord, as pytest-asyncio 1.3 has it do: nobody would close it.
    """
    asyncio.set_event_loop(None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Collect garbage less often: what pytest and Textual's caches hold is looked through each time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


_most_keys = 4


def pytest_runtest_setup() -> None:
    """Let go of the keys of earlier tests, as they are looked for in every response.

    Those of the last tests are among the youngest objects; to look through all of them takes a third of a second.
    """
    global _most_keys  # noqa: PLW0603 - some are held as long as the session
    if len(known_keys()) > _most_keys:
        gc.collect(1)
        _most_keys = len(known_keys()) + 4


@pytest.fixture(scope="session", autouse=True)
def _own_state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STATE_VARIABLE, str(tmp_path_factory.mktemp("state")))
        yield
