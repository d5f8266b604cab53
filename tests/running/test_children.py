"""Programs started by tokendesk get no key."""

import ast
import os
import sys
from pathlib import Path

import pytest

import tokendesk
from tests.made_keys import made_key
from tests.needs import needs_pipes
from tests.practice import settings_in
from tokendesk.model.secret import Secret
from tokendesk.running.keys import reading_key
from tokendesk.running.subprocesses import child_environment, run_for_output, run_with_input, start_detached
from tokendesk.tui.browser import open_address

SOURCE = Path(tokendesk.__file__).parent
TELL = "import json, os, sys; open(sys.argv[1], 'w').write(json.dumps(dict(os.environ)))"
KEY = made_key(7)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Secret:
    held = Secret(KEY)
    monkeypatch.setenv("TOKENDESK_API_KEY", "one-that-nothing-has-read")
    monkeypatch.setenv("TOKENDESK_REVOKE_KEY", "another-that-nothing-has-read")
    monkeypatch.setenv("MY_OWN_VARIABLE", f"Bearer {KEY}")
    monkeypatch.setenv("SOMETHING_ELSE", "stays")
    return held


def test_a_child_has_the_environment_without_the_keys(keys: Secret) -> None:
    left = child_environment()
    assert set(os.environ) - set(left) == {"TOKENDESK_API_KEY", "TOKENDESK_REVOKE_KEY", "MY_OWN_VARIABLE"}
    assert left["SOMETHING_ELSE"] == "stays"


@needs_pipes
def test_each_way_to_start_a_program_leaves_the_keys_out(keys: Secret, tmp_path: Path) -> None:
    assert run_for_output([sys.executable, "-c", TELL, str(tmp_path / "run")], 60)[0] == 0
    assert run_with_input([sys.executable, "-c", TELL, str(tmp_path / "fed")], b"", 60)
    os.mkfifo(tmp_path / "begun")
    assert start_detached([sys.executable, "-c", TELL, str(tmp_path / "begun")])
    for name in ("run", "fed", "begun"):
        told = (tmp_path / name).read_text("utf-8")
        assert "stays" in told and "nothing-has-read" not in told and KEY[20:60] not in told


@needs_pipes
def test_a_key_command_and_a_browser_are_started_without_the_keys(
    keys: Secret, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = tmp_path / "tell"
    tell.write_text(f"#!{sys.executable}\n{TELL}\n", "utf-8")
    tell.chmod(0o700)
    settings = settings_in(tmp_path)._replace(key_command=f"sh -c '{tell} {tmp_path}/command; echo the-key'")
    assert reading_key(settings).reveal() == "the-key"
    assert "nothing-has-read" not in (tmp_path / "command").read_text("utf-8")
    (tmp_path / "xdg-open").write_text(f"#!/bin/sh\nexec {tell} {tmp_path}/address\n", "utf-8")
    (tmp_path / "xdg-open").chmod(0o700)
    os.mkfifo(tmp_path / "address")
    assert open_address("https://example.com", {"PATH": str(tmp_path), "DISPLAY": ":0"}, "linux")
    told = (tmp_path / "address").read_text("utf-8")
    assert "stays" in told and "nothing-has-read" not in told and KEY[20:60] not in told


def test_one_module_starts_programs() -> None:
    starting = {"subprocess", "webbrowser", "pty", "multiprocessing"}
    found = {}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and [alias.name for alias in node.names] != ["TimeoutExpired"]:
                names = {str(node.module).split(".")[0]}
            elif isinstance(node, ast.Attribute) and node.attr.startswith(("exec", "spawn", "popen", "posix_spawn")):
                names = {"subprocess"} if isinstance(node.value, ast.Name) and node.value.id == "os" else set()
            else:
                continue
            if names & starting:
                found[path.name] = names & starting
    assert found == {"subprocesses.py": {"subprocess"}}
