"""A pull that is cancelled at its very end replaces nothing, neither then nor later."""

import asyncio
import threading
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.practice import NOW, organization, practice, settings_in
from tests.snapshot.broken_off import pull_into
from tokendesk.history.record import record_pull
from tokendesk.running.pull import pull_profile
from tokendesk.snapshot.file import snapshot_info
from tokendesk.stopping import is_stopped


@pytest.mark.parametrize("tokens_only", [False, True])
def test_a_pull_cancelled_while_it_is_recorded(
    tokens_only: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_in(tmp_path)
    began = Event()

    def held(*arguments: Any, **options: Any) -> None:
        record_pull(*arguments, **options)
        began.set()
        while not is_stopped():
            began.wait(0.01)

    async def cancelled() -> None:
        quiet: Any = lambda *_: None  # noqa: E731
        pull = pull_profile(settings, access, quiet, quiet, clock=lambda: NOW, tokens_only=tokens_only)
        task = asyncio.ensure_future(pull)
        await asyncio.to_thread(began.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with practice(organization(300, 40)) as access:
        pull_into(settings, access)
        before = snapshot_info(settings.paths.snapshot)
        monkeypatch.setattr("tokendesk.running.pull.record_pull", held)
        asyncio.run(cancelled())
        for thread in threading.enumerate():
            if thread.name == "background work":
                thread.join()
        assert snapshot_info(settings.paths.snapshot) == before
        monkeypatch.undo()
        pull_into(settings, access, tokens_only=tokens_only)
        assert snapshot_info(settings.paths.snapshot).pull_id != before.pull_id
