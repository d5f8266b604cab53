"""Every case ends as its table says; long ones can be ended by ctrl+c."""

import io
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.cases import CASES, Case
from tests.hostile.ground import ground_in, pulled
from tests.needs import needs_pipes
from tokendesk.cli import main


@pytest.fixture(scope="module")
def pulled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("pulled")
    pulled(home)
    return home


def on_this_system(case: Case) -> Any:
    return pytest.param(case, id=case.name, marks=[needs_pipes] if re.search("pipe|/dev/", case.name) else [])


@pytest.mark.parametrize("case", [on_this_system(case) for case in CASES])
def test_what_is_hostile_ends_in_one_sentence(
    case: Case, pulled_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.TextIOWrapper(io.BytesIO(), "utf-8")
    err = io.TextIOWrapper(io.BytesIO(), "utf-8", errors="backslashreplace")
    with ground_in(tmp_path / "home", pulled_once) as ground, monkeypatch.context() as patch:
        arguments = case.prepare(ground)
        for name, value in ground.environ.items():
            patch.setenv(name, value)
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        code = main(arguments)
        for stream in (out, err):
            stream.flush()
    told, said = (stream.buffer.getvalue().decode() for stream in (out, err) if isinstance(stream.buffer, io.BytesIO))
    assert (code, case.says in (said if code else told + said)) == (case.code, True), said or told
    assert "Traceback" not in said
    if code not in (0, 1):
        assert said.startswith("tokendesk: ")


def test_a_home_of_the_corpus_is_good_as_it_is(pulled_once: Path, tmp_path: Path) -> None:
    with ground_in(tmp_path / "home", pulled_once) as ground:
        done = subprocess.run(
            [sys.executable, "-m", "tokendesk", "list", "tokens"],
            env={**os.environ, **ground.environ}, capture_output=True, check=True,
        )  # fmt: skip
    assert done.stdout.count(b"\n") == 4


ENDLESS = """
import sys
from tokendesk import cli
from tokendesk.commands import list as listing

def endless(reader, *rest):
    print("at work", flush=True)
    reader.db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n").fetchone()

listing.print_rows = endless
sys.exit(cli.main(["list", "tokens"]))
"""
"""The program with a question that never ends in the place of the one that was asked."""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent in another way")
def test_ctrl_c_ends_a_question_to_the_database(pulled_once: Path, tmp_path: Path) -> None:
    with ground_in(tmp_path / "home", pulled_once) as ground:
        with subprocess.Popen(
            [sys.executable, "-c", ENDLESS],
            env={**os.environ, **ground.environ}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as child:  # fmt: skip
            assert child.stdout is not None
            assert child.stdout.readline() == b"at work\n"
            child.send_signal(signal.SIGINT)
            _, said = child.communicate()
        assert (child.returncode, said) == (130, b"tokendesk: interrupted.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes with names")
def test_ctrl_c_ends_the_wait_for_a_pipe(pulled_once: Path, tmp_path: Path) -> None:
    with ground_in(tmp_path / "home", pulled_once) as ground:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        with subprocess.Popen(
            [sys.executable, "-m", "tokendesk", "apply", str(pipe), "--expect", "1"],
            env={**os.environ, **ground.environ}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as child:  # fmt: skip
            writing = os.open(pipe, os.O_WRONLY)  # comes back once the program has opened it for reading
            child.send_signal(signal.SIGINT)
            _, said = child.communicate()
            os.close(writing)
        assert (child.returncode, said) == (130, b"tokendesk: interrupted.\n")
