"""Request sizes kept between pulls: a pull works whatever their file contains."""

import json
import os
from pathlib import Path

import pytest

from tests.needs import is_private
from tokendesk.model.bounds import STATE_BYTES
from tokendesk.paths import ProfilePaths, profile_paths
from tokendesk.running.request_sizes import RequestSizes, load_request_sizes, save_request_sizes

NOW = 1_800_000_000
KEPT = {"policies": {"batch": 7, "found": NOW}}


@pytest.fixture
def here(tmp_path: Path) -> ProfilePaths:
    found = profile_paths("x", {"TOKENDESK_HOME": str(tmp_path)})
    found.state.mkdir(parents=True)
    return found


def test_what_was_found_is_kept(here: ProfilePaths) -> None:
    save_request_sizes(here, RequestSizes(), RequestSizes(policies=7), NOW)
    assert load_request_sizes(here, NOW) == RequestSizes(policies=7)
    assert is_private(here.sizes)
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
    assert load_request_sizes(here, NOW) == RequestSizes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_nobody_waits_for_a_pipe(here: ProfilePaths) -> None:
    os.mkfifo(here.sizes)
    assert load_request_sizes(here, NOW) == RequestSizes()
    os.mkfifo(here.sizes.with_suffix(".new"))
    save_request_sizes(here, RequestSizes(), RequestSizes(policies=7), NOW)
    assert load_request_sizes(here, NOW) == RequestSizes(policies=7)


@pytest.mark.parametrize("name", ["sizes.json", "sizes.new"])
def test_a_folder_in_the_way_ends_nothing(name: str, here: ProfilePaths) -> None:
    (here.state / name / "inside").mkdir(parents=True)
    save_request_sizes(here, RequestSizes(), RequestSizes(policies=7), NOW)
    assert load_request_sizes(here, NOW) == RequestSizes()
    assert {path.name for path in here.state.iterdir()} == {name}


def test_each_size_keeps_the_day_on_which_it_was_found(here: ProfilePaths) -> None:
    save_request_sizes(here, RequestSizes(), RequestSizes(policies=7), NOW)
    save_request_sizes(here, load_request_sizes(here, NOW), RequestSizes(policies=7, tokens=100), NOW + 10)
    assert json.loads(here.sizes.read_text()) == KEPT | {"tokens": {"batch": 100, "found": NOW + 10}}


def test_a_size_found_long_ago_is_found_out_again(here: ProfilePaths) -> None:
    save_request_sizes(here, RequestSizes(), RequestSizes(policies=7, tokens=100), NOW)
    assert load_request_sizes(here, NOW + 31 * 86_400) == RequestSizes()
