"""What the holder of the run lock says of itself is printed clean and short, whatever the file is by now."""

import os
from pathlib import Path

import pytest

from tokendesk.errors import Refused
from tokendesk.running.lock import one_run_at_a_time

WHERE = ("https://api.example.com", "an-organization")


@pytest.mark.parametrize("what", ["a control sequence", "endless", "a pipe"])
def test_a_strange_holder_is_said_in_one_clean_short_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with one_run_at_a_time(*WHERE):
        (holder,) = (tmp_path / "tokendesk" / "locks").glob("*.holder")
        holder.unlink()
        if what == "a control sequence":
            holder.write_bytes(b"\x1b]2;mine\x07\n" + b"x" * 10_000_000)
        elif what == "endless":
            holder.symlink_to("/dev/zero")
        else:
            os.mkfifo(holder)
        with pytest.raises(Refused) as refused, one_run_at_a_time(*WHERE):
            raise AssertionError("two ran at a time")
    words = str(refused.value)
    assert words.isprintable()
    assert len(words) < 250
