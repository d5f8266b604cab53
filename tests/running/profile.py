"""An organization that the command line reaches through a profile in the environment."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.running.world import World, serve_world
from tokendesk.sandbox.tasks import TaskSpeed


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
    monkeypatch.setenv("TOKENDESK_PROFILE", "acme")
    monkeypatch.setenv("TOKENDESK_ADMIN_EMAIL", "gael.novak@example.com")
    with serve_world(tmp_path, 400, 60, pace=TaskSpeed(0, 1, 60.0), profile="acme", now=datetime.now(UTC)) as found:
        monkeypatch.setenv("TOKENDESK_API_URL", found.access.api_url)
        monkeypatch.setenv("TOKENDESK_ORG_ID", found.access.org_id)
        monkeypatch.setenv("TOKENDESK_API_KEY", found.access.key.reveal())
        assert found.access.revoke_key
        monkeypatch.setenv("TOKENDESK_REVOKE_KEY", found.access.revoke_key.reveal())
        yield found
