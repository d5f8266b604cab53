"""Standard input and output that are closed, full, or in another encoding."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk.pulled import Office, office, pulled
from tests.practice import NOW

__all__ = ["office", "pulled"]


def in_shell(office: Office, line: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Run `line`, in which `$T` stands for the program, in a shell."""
    if shutil.which("sh") is None or os.name != "posix":
        pytest.skip("this system has no POSIX shell")
    program = f"{sys.executable} -m tokendesk"
    return subprocess.run(
        ["/bin/sh", "-c", line.replace("$T", program)],
        env={**os.environ, "TOKENDESK_HOME": str(office.home), "TOKENDESK_PROFILE": "demo",
             "TOKENDESK_CLOCK": NOW.isoformat(), **environ},
        capture_output=True, check=False,
    )  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full here")
@pytest.mark.parametrize(
    "command",
    ["list tokens", "list users --format csv", "goal", "--version", "-V", "--help", "list --help", "snapshot -h"],
)
def test_a_full_output_is_one_sentence(office: Office, command: str) -> None:
    done = in_shell(office, f"$T {command} > /dev/full")
    assert done.returncode == 2
    assert "output" in done.stderr.decode()
    assert "No space left on device" in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full here")
@pytest.mark.parametrize(("unbuffered", "words"), [("", "is done, but"), ("1", "Changes made before that are kept")])
def test_a_note_that_was_written_is_not_said_to_have_failed(office: Office, unbuffered: str, words: str) -> None:
    done = in_shell(office, "$T note owner:novák --purpose backup > /dev/full", PYTHONUNBUFFERED=unbuffered)
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1
    with office.desk() as desk:
        assert [entry.payload["fields"] for entry in desk.own_entries() if entry.kind == "note"] == [
            {"purpose": "backup"}
        ]


def test_without_an_input_the_screens_say_what_can_be_had(office: Office) -> None:
    done = in_shell(office, "$T <&-")
    assert done.returncode == 2
    assert b"No terminal:" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_a_closed_standard_error_stops_no_command(office: Office) -> None:
    done = in_shell(office, "$T pull 2>&- && $T note owner:novák --purpose backup 2>&-")
    assert done.returncode == 0
    assert b"Wrote" in done.stdout


def test_what_a_note_is_about_is_printed_whatever_the_encoding(office: Office) -> None:
    done = in_shell(office, "$T note owner:novák --purpose Größe", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Größe" in done.stdout.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_line_that_is_redrawn_never_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.terminal import drawn_whole
    from tokendesk.commands.stdout import status_line

    def draw(text: str) -> None:
        renew = status_line()
        assert renew is not None
        renew(text)

    said = "about 16 min left · users 3,000 of 150,000"
    assert drawn_whole(monkeypatch, lambda: draw(said), columns=80).endswith(said)
    assert drawn_whole(monkeypatch, lambda: draw(said), columns=42).endswith("\rabout 16 min left")
    assert drawn_whole(monkeypatch, lambda: draw(said), columns=10).endswith("\rabout 16 ")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_line_is_redrawn_without_escape_sequences(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.terminal import drawn_whole
    from tokendesk.commands.stdout import status_line

    def draw_two() -> None:
        renew = status_line()
        assert renew is not None
        renew("users 3,000 of 150,000")
        renew("users")

    empty = " " * 29
    shown = drawn_whole(monkeypatch, draw_two, columns=30)
    assert shown.split("\r") == ["", empty, "users 3,000 of 150,000", empty, "users"]
