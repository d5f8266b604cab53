"""The schedules of the docs, as far as they can be tried without the system that each is for."""

import os
import plistlib
import re
import shlex
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.needs import needs_shell
from tokendesk.cli import main

PAGE = (Path(__file__).parent.parent / "docs" / "how-to" / "pull-every-day.md").read_text("utf-8")
PULLS = ["pull", "pull --events"]
_TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


def block(beginning: str) -> str:
    """Return the content of the first block that begins with `beginning`."""
    found = next(text for text in re.findall(r"```\w+\n(.*?)```", PAGE, re.DOTALL) if text.startswith(beginning))
    assert isinstance(found, str)
    return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder, whose tokendesk writes down its arguments, and that it was called without prompts."""
    program = tmp_path / ".local" / "bin" / "tokendesk"
    program.parent.mkdir(parents=True)
    (tmp_path / "Library" / "Logs").mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$@" >> "$HOME/called"\necho said\necho wrong >&2\n', "utf-8")
    program.chmod(0o700)
    return tmp_path


def run(command: list[str], home: Path) -> bytes:
    environ = {"HOME": str(home), "PATH": os.defpath}
    return subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout


def called(home: Path) -> list[str]:
    return (home / "called").read_text("utf-8").splitlines()


@pytest.mark.parametrize("arguments", PULLS)
def test_what_is_scheduled_is_a_command(
    arguments: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
    monkeypatch.delenv("TOKENDESK_API_KEY", raising=False)
    assert main(arguments.split()) == 2
    assert "tokendesk init" in capsys.readouterr().err, "its options are right, and there is no organization yet"


@needs_shell
def test_the_line_of_cron_pulls_and_prints_nothing(home: Path) -> None:
    *times, command = block("17 6").strip().split(maxsplit=5)
    assert times == ["17", "6", "*", "*", "*"]
    assert "%" not in command, "cron would end the command there"
    assert run(["/bin/sh", "-c", command], home) == b""
    assert called(home) == PULLS


@needs_shell
def test_the_file_of_launchd_pulls_and_keeps_what_was_wrong(home: Path) -> None:
    agent = plistlib.loads(block('<?xml version="1.0" encoding').encode())
    assert f"~/Library/LaunchAgents/{agent['Label']}.plist" in PAGE
    assert agent["StartCalendarInterval"] == {"Hour": 6, "Minute": 17}
    run(agent["ProgramArguments"], home)
    assert called(home) == PULLS
    assert "wrong" in (home / "Library" / "Logs" / "tokendesk-pull.log").read_text("utf-8")


def test_the_file_of_the_task_scheduler_is_whole() -> None:
    task = ET.fromstring(block('<?xml version="1.0"?>\n<Task'))  # noqa: S314 - our own file
    assert [each.tag.removeprefix(_TASK) for each in task] == ["Triggers", "Settings", "Actions"]
    actions = [(each[0].text, each[1].text) for each in task.iter(f"{_TASK}Exec")]
    assert [arguments for _, arguments in actions] == PULLS
    assert {command for command, _ in actions} == {r"%USERPROFILE%\.local\bin\tokendesk.exe"}
    assert [each.text for each in task.iter(f"{_TASK}StartWhenAvailable")] == ["true"]


@needs_shell
def test_the_units_of_systemd_pull(home: Path) -> None:
    service = block("[Unit]\nDescription=Pull the organization's API tokens\n")
    for line in re.findall(r"^ExecStart=-?(.*)$", service, re.MULTILINE):
        run(shlex.split(line.replace("%h", str(home))), home)
    assert called(home) == PULLS


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_the_units_of_systemd_are_valid(home: Path) -> None:
    service = block("[Unit]\nDescription=Pull the organization's API tokens\n")
    timer = block("[Unit]\nDescription=Pull the organization's API tokens every day\n")
    for name, text in (("service", service), ("timer", timer)):
        # %h is the home folder of the user as the system knows it
        (home / f"tokendesk-pull.{name}").write_text(text.replace("%h", str(home)), "utf-8")
    units = [str(home / f"tokendesk-pull.{name}") for name in ("service", "timer")]
    environ = {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", *units], env=environ, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, [line for line in done.stderr.splitlines() if "tokendesk" in line]) == (0, []), done.stderr
    (calendar,) = re.findall(r"^OnCalendar=(.*)$", timer, re.MULTILINE)
    done = subprocess.run(["systemd-analyze", "calendar", calendar], capture_output=True, text=True, check=True)
    assert "*-*-* 06:17:00" in done.stdout
