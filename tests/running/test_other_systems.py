"""What is chosen for each system. The branches for another system than this one are not run here, only chosen."""

import asyncio
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.practice import settings_in
from tokendesk.errors import UsageError
from tokendesk.running.keys import reading_key, split_command
from tokendesk.running.subprocesses import apart_from_terminal, run_for_output
from tokendesk.tui.browser import browser_command, is_web_address, open_address
from tokendesk.tui.clipboard import clipboard_program

posix = pytest.mark.skipif(sys.platform == "win32", reason="programs of this test are scripts of a POSIX shell")


def program_in(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text("#!/bin/sh\nexit 0\n", "utf-8")
    program.chmod(0o700)
    return program


@posix
@pytest.mark.parametrize(
    ("system", "variables", "name"),
    [
        ("linux", {"DISPLAY": ":0"}, "xdg-open"),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, "xdg-open"),
        ("linux", {}, "wslview"),
        ("darwin", {}, "open"),
    ],
)
def test_each_desktop_has_its_program_that_opens_addresses(
    system: str, variables: dict[str, str], name: str, tmp_path: Path
) -> None:
    for each in ("xdg-open", "wslview", "open"):
        program_in(tmp_path, each)
    assert browser_command({**variables, "PATH": str(tmp_path)}, system) == [str(tmp_path / name)]


def test_windows_opens_addresses_in_a_process_without_our_environment() -> None:
    command = browser_command({}, "win32")
    assert command is not None
    assert command[0] == sys.executable
    compile(command[-1], "", "exec")
    told = subprocess.run(
        [*command[:-1], f"import os; os.startfile = print; {command[-1]}", "https://example.com/a?b=c&d=e"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout == "https://example.com/a?b=c&d=e\n"


@pytest.mark.parametrize("address", ["https://admin.atlassian.com/o/1/members/a%3Ab", "http://127.0.0.1:8000/o/1"])
def test_addresses_of_web_pages_are_opened(address: str) -> None:
    assert is_web_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com", "file:///etc/passwd", "C:\\Windows\\System32\\calc.exe", "calc.exe", "", "https://",
        "javascript:alert(1)", "--help", "https://example.com/ --help", 'https://example.com/" calc',
        "\\\\server\\share", "ms-settings:", "https://[", "https://example.com/\x1b]",
    ],
)  # fmt: skip
def test_nothing_else_is_opened(address: str, tmp_path: Path) -> None:
    program_in(tmp_path, "xdg-open")
    assert not is_web_address(address)
    assert not open_address(address, {"PATH": str(tmp_path), "DISPLAY": ":0"}, "linux")


@posix
@pytest.mark.parametrize(
    ("system", "variables", "name"),
    [
        ("darwin", {}, "pbcopy"),
        ("darwin", {"TMUX": "here"}, "tmux"),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "wl-copy"),
        ("linux", {"DISPLAY": ":0"}, "xclip"),
        ("linux", {"WSL_DISTRO_NAME": "Debian"}, "clip.exe"),
        ("linux", {"TMUX": "here", "DISPLAY": ":0"}, "tmux"),
    ],
)
def test_each_system_has_its_program_that_copies(
    system: str, variables: dict[str, str], name: str, tmp_path: Path
) -> None:
    for each in ("pbcopy", "tmux", "wl-copy", "xclip", "clip.exe"):
        program_in(tmp_path, each)
    found = clipboard_program({**variables, "PATH": str(tmp_path)}, system)
    assert found is not None
    assert found.command[0] == str(tmp_path / name)


def test_windows_copies_with_its_own_program_and_no_other_of_that_name(tmp_path: Path) -> None:
    program_in(tmp_path / "downloads", "clip.exe")
    environ = {"SYSTEMROOT": str(tmp_path / "Windows"), "PATH": str(tmp_path / "downloads")}
    assert clipboard_program(environ, "win32") is None
    own = program_in(tmp_path / "Windows" / "System32", "clip.exe")
    found = clipboard_program(environ, "win32")
    assert found is not None
    assert found.command == (str(own),)
    assert "żółw".encode(found.encoding) == b"|\x01\xf3\x00B\x01w\x00"


def test_nothing_copies_where_there_is_no_desktop(tmp_path: Path) -> None:
    for each in ("wl-copy", "xclip", "clip.exe"):
        program_in(tmp_path, each)
    assert clipboard_program({"PATH": str(tmp_path)}, "linux") is None


COMMAND = r'"C:\Program Files\1Password CLI\op.exe" read "op://Private Vault/atlassian/key"'


def test_a_key_command_of_windows_is_handed_over_as_it_is() -> None:
    assert split_command(COMMAND, "win32") == COMMAND
    with pytest.raises(ValueError, match=r"\s*"):
        split_command("  ", "win32")


def test_a_key_command_elsewhere_is_split_as_a_shell_does() -> None:
    assert split_command("op read 'op://Private Vault/key'", "linux") == ["op", "read", "op://Private Vault/key"]


def test_a_key_command_whose_path_has_spaces_prints_the_key(tmp_path: Path) -> None:
    """On the system where the test runs, with a real program."""
    script = tmp_path / "in a folder" / "print key.py"
    script.parent.mkdir()
    script.write_text("import sys; print(sys.argv[1])", "utf-8")
    words = [sys.executable, str(script), "the key"]
    line = subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
    assert reading_key(settings_in(tmp_path)._replace(key_command=line)).reveal() == "the key"


@pytest.mark.parametrize("command", [" ", "'not closed", "there-is-no-such-program --key"])
def test_a_key_command_that_cannot_start_is_one_sentence(command: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"The profile's key_command failed .*\. Run it by hand\."):
        reading_key(settings_in(tmp_path)._replace(key_command=command))


def test_a_command_line_of_text_is_what_popen_takes() -> None:
    """A text without spaces is a program on every system, so that the way through `run_for_output` is a real one."""
    assert run_for_output("whoami", 60)[0] == 0


def test_ctrl_c_stays_in_this_terminal() -> None:
    new_process_group, no_window = 0x200, 0x8000000
    assert apart_from_terminal("win32") == {"creationflags": new_process_group | no_window}
    assert apart_from_terminal("linux") == apart_from_terminal("darwin") == {"start_new_session": True}
    assert asyncio.run(_child_of_its_own()) == 0


async def _child_of_its_own() -> int:
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "", **apart_from_terminal())
    return await child.wait()
