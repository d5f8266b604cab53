"""What other systems have otherwise, as far as it can be tried on this one."""

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tokendesk.cli import main
from tokendesk.commands.sandbox import assignments
from tokendesk.config import check_new_profile_name, check_profile_name, load_settings
from tokendesk.errors import UsageError
from tokendesk.model.timestamps import DAY, local, utc
from tokendesk.sandbox import serve
from tokendesk.sqlite_drafts import draft_of, remove_drafts
from tokendesk.views.list_command import join_words


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["init", "--help"], ["list", "--help"]])
@pytest.mark.parametrize("encoding", ["ascii", "cp437", "cp1252"])
def test_a_console_without_a_letter_shows_another(arguments: list[str], encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tokendesk", *arguments], env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode(encoding)


@pytest.mark.parametrize(
    "name",
    ["con", "NUL", "aux.2026", "com1", "lpt9.x", "prn", "eu.", "config.toml", "Locks", "Cache", "EU-West", "DEMO"],
)
def test_a_new_profile_has_a_name_that_every_system_can_store(name: str) -> None:
    with pytest.raises(UsageError, match=r"Choose another profile name\.$"):
        check_new_profile_name(name, ["eu-west", "demo"])
    assert check_profile_name(name) == name, "a profile that is there is still opened"


@pytest.mark.parametrize("name", ["default", "console", "com10", "null", "eu-west", "a.con", "eu"])
def test_other_names_are_fine(name: str) -> None:
    assert check_new_profile_name(name, ["eu-west", "demo"]) == name


def test_init_refuses_such_a_name_before_it_asks_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
    (tmp_path / "config.toml").write_text('[profiles.EU]\norg_id = "1"\n', "utf-8")
    for name in ("nul", "eu"):
        assert main(["--profile", name, "init", "--org-id", "2", "--key-command", "x", "--admin-email", "a"]) == 2
        assert "Choose another profile name." in capsys.readouterr().err


def test_a_config_file_from_an_editor_of_windows_is_read(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes('\ufefftheme = "light"\r\n[profiles.default]\r\norg_id = "1"\r\n'.encode())
    settings = load_settings(None, {"TOKENDESK_HOME": str(tmp_path)})
    assert (settings.theme, settings.org_id) == ("light", "1")


def test_a_demo_that_cannot_be_deleted_says_which_file_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here a folder elsewhere, of which only a link is in its place: it is not deleted either."""
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path / "home"))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "desk.sqlite").touch()
    (tmp_path / "home").mkdir()
    try:
        (tmp_path / "home" / "demo").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    except OSError:
        pytest.skip("this user may not make links")
    assert main(["demo", "--reset", "--fresh", "--users", "20", "--tokens", "5"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert re.search(r"desk\.sqlite cannot be deleted\. .* start again with: tokendesk demo --reset", said)


def test_a_port_that_is_taken_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["sandbox", "--port", str(port), "--users", "20", "--tokens", "5"]) == 2
    assert f"Cannot listen on port {port}" in capsys.readouterr().err


def of_windows(moment: int) -> datetime:
    """Local time of a zone two hours before UTC, between the limits of Windows: an OSError outside of them."""
    if not 0 <= moment < 32_536_799_999:
        raise OSError(22, "Invalid argument")
    return utc(moment + 2 * 3600).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1969-12-31T23:30:00", "1970-01-01T01:30:00"),
        ("1601-01-01T00:00:00", "1601-01-01T02:00:00"),
        ("3001-06-01T23:00:00", "3001-06-02T01:00:00"),
        ("2026-05-01T12:00:00", "2026-05-01T14:00:00"),
        ("9999-12-31T23:59:59", "9999-12-31T23:59:59"),
    ],
)
def test_times_that_windows_does_not_know_have_an_offset_too(text: str, expected: str) -> None:
    moment = int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    assert local(moment, of_windows).isoformat() == expected


def test_a_log_that_cannot_be_rotated_goes_on_and_says_nothing(tmp_path: Path) -> None:
    log = tmp_path / "tokendesk.log"
    log.write_bytes(b"x" * 999_990)
    (tmp_path / "tokendesk.log.1").mkdir()  # in the way of the file before
    program = (
        "import logging, pathlib, sys; from tokendesk.running.logs import configure_logging as configure\n"
        "configure(pathlib.Path(sys.argv[1]))\n"
        "for number in range(3): logging.getLogger('tokendesk').info('line %s', number)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(log)], capture_output=True, check=True)
    assert done.stderr == b""
    assert log.read_text("utf-8").endswith("line 2\n")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("tokens:2..", "tokens:2.."),
        ("label,owner", "label,owner"),
        ("-idle", "-idle"),
        ("idle:>90d", "'idle:>90d'"),
        ("it's", "'it''s'"),
        ("it\u2019s", "'it\u2019\u2019s'"),
        ("$env:PATH;calc", "'$env:PATH;calc'"),
        ("@list", "'@list'"),
        ("a`nb", "'a`nb'"),
        ("", "''"),
        ("C:\\Users\\you\\a.tokendesk", "C:\\Users\\you\\a.tokendesk"),
    ],
)
def test_a_copied_command_is_quoted_for_powershell(word: str, expected: str) -> None:
    assert join_words(["tokendesk", word], "win32") == f"tokendesk {expected}"
    assert shlex.split(join_words(["tokendesk", word], "darwin")) == ["tokendesk", word]


def test_the_practice_organization_says_what_to_set_in_the_shell_of_the_system() -> None:
    address = serve.Address("http://127.0.0.1:1", "org", "one", "two")
    assert assignments(address, None, "win32")[2] == "$env:TOKENDESK_API_KEY = 'one'"
    when = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert assignments(address, when, "linux")[-1] == "export TOKENDESK_CLOCK=2026-11-23T09:00:00+00:00"


def test_an_old_draft_is_removed_where_it_cannot_be_locked(tmp_path: Path) -> None:
    """Here because another process, which makes a draft, has the lock."""
    path = tmp_path / "desk.sqlite"
    old, new = (tmp_path / f"desk.sqlite.{name}.new" for name in ("0123abcd", "4567abcd"))
    with draft_of(path) as own:
        for each in (own, old, new):
            each.touch()
        os.utime(old, (time.time() - 2 * DAY,) * 2)
        remove_drafts(path)
        assert own.exists()
        assert not old.exists()
        assert new.exists()
