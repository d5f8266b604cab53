"""settle on the command line: runs that cannot be recovered are reported and given up, and waits are limited."""

import io
import json
import os
import signal

import pytest

from tests.needs import needs_signals
from tests.running.crashes import Killed, at_each_event, countdown, raise_killed
from tests.running.profile import world
from tests.running.rewriting import Answered, Rewriting
from tests.running.world import World
from tokendesk.cli import main

__all__ = ["world"]
MOVE = ("move", "users", "policy:default", "status:active", "tokens:>0", "--to", "integr", "--apply", "--write")


def expected(capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main([*MOVE[:-2], "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["plan"]["rows"]
    return str(sum(row["outcome"] == "do" for row in rows))


def broken_off(capsys: pytest.CaptureFixture[str], at: int = 5) -> None:
    count = expected(capsys)
    with pytest.raises(Killed), at_each_event(countdown(at, raise_killed)):
        main([*MOVE, "--expect", count])
    capsys.readouterr()


def bad_policies(line: str, answered: Answered) -> Answered:
    return (403, [], b"{}") if line == "POST bulk-fetch" else answered


def test_a_run_that_cannot_be_settled_is_told_and_given_up(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    broken_off(capsys)
    (run_id,) = [run["run_id"] for run in world.runs()]
    plain = world.sandbox.handler
    world.sandbox.handler = Rewriting(bad_policies)(plain)
    assert main(["settle"]) == 3
    said = capsys.readouterr().err
    assert f"run {run_id[:8]}" in said
    assert "this key has no permission" in said
    assert f"tokendesk settle --give-up {run_id[:8]} --why TEXT" in said
    world.sandbox.handler = plain

    for wrong, code in ((("--give-up", run_id[:8]), 2), (("--why", "x"), 2), (("--give-up", "f" * 9, "--why", "x"), 2)):
        assert main(["settle", *wrong]) == code
    assert main(["settle", "--give-up", run_id[:8], "--why", "looked them up"]) == 0
    assert "given-up" in capsys.readouterr().out
    assert main(["list", "journal", "state:given-up", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 1
    assert main(["settle"]) == 0
    assert "No run of this desk was interrupted" in capsys.readouterr().out


def lose_moves(line: str, answered: Answered) -> Answered:
    return (202, [(b"content-encoding", b"gzip")], b"not packed at all") if line == "POST add-users" else answered


def test_a_search_off_the_terminal_tells_and_ends_when_it_was_told_to(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.made.tasks.pace.seconds = 1e9
    count = expected(capsys)
    world.sandbox.handler = Rewriting(lose_moves)(world.sandbox.handler)
    assert main([*MOVE, "--expect", count, "--wait", "1s"]) == 1
    out, err = capsys.readouterr()
    assert "looked for (the response to the move was lost): waited 0 s of 1 s" in err
    assert "unknown" in out
    with pytest.raises(SystemExit) as ended:
        main([*MOVE, "--expect", count, "--wait", "soon"])
    assert ended.value.code == 2
    assert "wait time" in capsys.readouterr().err


class SignalAtSearch(io.StringIO):
    """Standard error that sends a signal to this process when the search is told of."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number: int | None = number

    def write(self, text: str) -> int:
        written = super().write(text)
        if "looked for" in text and self._number is not None:
            number, self._number = self._number, None
            os.kill(os.getpid(), number)
        return written


@needs_signals
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_search_and_the_run_with_its_records_kept(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    world.made.tasks.pace.seconds = 1e9
    count = expected(capsys)
    world.sandbox.handler = Rewriting(lose_moves)(world.sandbox.handler)
    error = SignalAtSearch(number)
    monkeypatch.setattr("sys.stderr", error)
    assert main([*MOVE, "--expect", count]) == 1
    assert "the search and the run end" in error.getvalue()
    (run,) = world.runs()
    assert run["state"] == "done"
    assert {row["outcome"] for row in world.rows(run["run_id"]).values() if row["planned"] == "do"} == {"unknown"}
    assert len(world.posts()) == 1
