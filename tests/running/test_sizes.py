"""Sizes of requests kept between pulls: whatever became of their file, a pull goes on."""

import json
import os
from pathlib import Path

import pytest

from tokendesk.api.policy_lookup import BATCH
from tokendesk.model.bounds import STATE_BYTES
from tokendesk.paths import ProfilePaths, profile_paths
from tokendesk.running.batch_size import load_batch_size, save_batch_size

NOW = 1_800_000_000
KEPT = {"policies": {"batch": 7, "found": NOW}}


@pytest.fixture
def here(tmp_path: Path) -> ProfilePaths:
    found = profile_paths("x", {"TOKENDESK_HOME": str(tmp_path)})
    found.state.mkdir(parents=True)
    return found


def test_what_was_found_is_kept(here: ProfilePaths) -> None:
    save_batch_size(here, BATCH, 7, NOW)
    assert load_batch_size(here, NOW) == 7
    assert here.sizes.stat().st_mode & 0o777 == 0o600
    assert json.loads(here.sizes.read_text()) == KEPT


@pytest.mark.parametrize(
    "content",
    [
        b'{"policies":{"batch":Infinity,"found":1}}', b'{"policies":{"batch":NaN,"found":1}}', b"[" * 60_000,
        b'{"policies":' * 5_000, b"\xff", b"", b"null", b"[]", b'{"policies":{"batch":1e400,"found":1}}',
        json.dumps(KEPT).encode() + b" " * STATE_BYTES, b'{"policies":{"batch":' + b"9" * 5_000 + b',"found":1}}',
    ],
)  # fmt: skip
def test_a_file_that_makes_no_sense_counts_as_none(content: bytes, here: ProfilePaths) -> None:
    here.sizes.write_bytes(content)
    assert load_batch_size(here, NOW) == BATCH


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_nobody_waits_for_a_pipe(here: ProfilePaths) -> None:
    os.mkfifo(here.sizes)
    assert load_batch_size(here, NOW) == BATCH
    os.mkfifo(here.sizes.with_suffix(".new"))
    save_batch_size(here, BATCH, 7, NOW)
    assert load_batch_size(here, NOW) == 7


@pytest.mark.parametrize("name", ["sizes.json", "sizes.new"])
def test_a_folder_in_the_way_ends_nothing(name: str, here: ProfilePaths) -> None:
    (here.state / name / "inside").mkdir(parents=True)
    save_batch_size(here, BATCH, 7, NOW)
    assert load_batch_size(here, NOW) == BATCH
    assert {path.name for path in here.state.iterdir()} == {name}
