"""The description of a lock's holder is printed clean and short, whatever the file contains."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from tests.needs import STATE_VARIABLE, make_pipe
from tokendesk.config import load_settings
from tokendesk.errors import Refused, UsageError
from tokendesk.running.lock import run_lock
from tokendesk.running.pull import pull_lock

WHERE = ("https://api.example.com", "an-organization")


Hold = Callable[[], AbstractContextManager[None]]


@pytest.fixture(params=["run", "pull"])
def hold(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hold:
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path))
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path / "home"))
    paths = load_settings().paths
    return partial(run_lock, *WHERE) if request.param == "run" else partial(pull_lock, paths)


@pytest.mark.parametrize("what", ["a control sequence", "endless", "a pipe"])
def test_a_strange_holder_is_said_in_one_clean_short_line(tmp_path: Path, hold: Hold, what: str) -> None:
    with hold():
        (holder,) = tmp_path.rglob("*.holder")
        holder.unlink()
        if what == "a control sequence":
            holder.write_bytes(b"\x1b]2;mine\x07\n" + b"x" * 10_000_000)
        elif what == "endless":
            if not Path("/dev/zero").exists():
                pytest.skip("this system has no file without an end")
            holder.symlink_to("/dev/zero")
        else:
            make_pipe(holder)
        with pytest.raises(Refused) as refused, hold():
            raise AssertionError("two ran at a time")
    words = str(refused.value)
    assert words.isprintable()
    assert len(words) < 250


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_a_full_disk_is_said_in_one_sentence_and_the_lock_is_free_again(tmp_path: Path, hold: Hold) -> None:
    with hold():
        (holder,) = tmp_path.rglob("*.holder")
    holder.symlink_to("/dev/full")
    with pytest.raises(UsageError, match="cannot be written: No space left on device"), hold():
        raise AssertionError("it was held without saying who")
    with hold():
        assert holder.is_file()
