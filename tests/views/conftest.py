"""Fixtures for tests of the views."""

from collections.abc import Iterator

import pytest

from tests.desk.pulled import command, office, pulled
from tests.views.records_made import Records, make
from tokendesk.model.findings import Thresholds
from tokendesk.views.reader import Reader

__all__ = ["command", "office", "pulled"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Reader, Records]]:
    """The made profile, and its records as plain values. It is only read."""
    settings, records = make(tmp_path_factory.mktemp("told"))
    with Reader(settings.paths, Thresholds()) as reader:
        yield reader, records
