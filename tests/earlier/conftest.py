"""A home folder of version 0.1."""

import tarfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with tarfile.open(HERE / "home-0.1.tar.xz") as kept:
        kept.extractall(tmp_path, filter="data")
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
    return tmp_path
