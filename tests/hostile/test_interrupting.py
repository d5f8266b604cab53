"""Hostile input that takes long can be ended by ctrl+c, with one sentence."""

import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.hostile.cases import CASES, Case, pulling
from tests.hostile.ground import ANOTHER_DESK, TOKENS, Ground, ground_in, pulled
from tests.hostile.interrupting import Moment, interrupt
from tests.made_keys import made_key
from tests.scripted import ORG
from tokendesk.model import bounds


def never_answered(left: Event) -> Case:
    """Return a case whose server holds its answer until `left` is set: it cannot end by itself."""

    def hold(query: dict[str, list[str]], body: Any) -> None:
        left.wait()

    def change(ground: Ground) -> None:
        ground.server.route("GET", TOKENS, hold)

    return Case("an answer that never comes", pulling(change), 0, "")


LONG = ("10,000,000 members", "gzip in gzip", "a label of 200,000 marks")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent in another way")
@pytest.mark.parametrize("case", [case for case in CASES if case.name in LONG], ids=lambda case: case.name)
def test_ctrl_c_ends_what_is_hostile(case: Case, tmp_path: Path) -> None:
    pulled(tmp_path / "pulled")
    ended = interrupt(case, tmp_path / "home", tmp_path / "pulled")
    assert "Traceback" not in ended.said
    if ended.code != case.code:  # it was at its end already
        assert (ended.code, ended.said) == (130, "tokendesk: interrupted.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent in another way")
def test_ctrl_c_ends_the_wait_for_an_answer_that_never_comes(tmp_path: Path) -> None:
    pulled(tmp_path / "pulled")
    left = Event()
    try:
        ended = interrupt(never_answered(left), tmp_path / "home", tmp_path / "pulled")
    finally:
        left.set()
    assert (ended.code, ended.said) == (130, "tokendesk: interrupted.\n")


TWICE = """
import gc, signal, sys
from tokendesk import cli
from tokendesk.commands import list as listing

signal.signal(signal.SIGINT, signal.default_int_handler)
collect = gc.collect

def interrupted(*_):
    gc.collect = interrupted_again
    raise KeyboardInterrupt

def interrupted_again():
    signal.raise_signal(signal.SIGINT)
    return collect()

listing.print_rows = interrupted
sys.exit(cli.main(["list", "tokens"]))
"""
"""The program, in which ctrl+c is pressed, and again while it ends."""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent in another way")
def test_ctrl_c_pressed_twice_prints_no_traceback(tmp_path: Path) -> None:
    pulled(tmp_path / "pulled")
    with ground_in(tmp_path / "home", tmp_path / "pulled") as ground:
        done = subprocess.run(
            [sys.executable, "-c", TWICE], env={**os.environ, **ground.environ}, capture_output=True, check=False
        )
    assert (done.returncode, done.stderr) == (130, b"tokendesk: interrupted.\n")


def named(ground: Ground) -> None:
    """Let the server be known by a name, which has to be looked up."""
    ground.server.url = ground.server.url.replace("127.0.0.1", "localhost")


def a_million_lines(ground: Ground) -> None:
    """Let the profile share its notes with a file of a million lines that are empty."""
    folder = ground.home / "share"
    folder.mkdir()
    ground.file("config.toml", f'[profiles.default]\norg_id = "{ORG}"\nshare = "{folder}"\n')
    head = Path(ground.entries(b"")).replace(folder / f"{ANOTHER_DESK}.jsonl")
    with head.open("ab") as file:
        file.write(b"\n" * bounds.MIB)


def full_of_signs(ground: Ground) -> None:
    """Let the answer be long, and have to be searched in all ways for a key like Atlassian's."""
    ground.server.key = made_key(31)
    signs = b'%41 \\u0041 \\" \\/ &#4 &amp; &#x4 '
    ground.tokens(gzip.compress(signs * (8 * bounds.MIB // len(signs)), 1), content_encoding="gzip")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent in another way")
@pytest.mark.parametrize(
    ("change", "moment"),
    [
        (a_million_lines, Moment("tokendesk.desk.lines", "check_stopped", calls=1_000)),
        (named, Moment("socket", "getaddrinfo")),
        (full_of_signs, Moment("tokendesk.api.large_bodies", "check_stopped", calls=5)),
    ],
)
def test_ctrl_c_ends_what_is_done_in_the_background(
    change: Callable[[Ground], None], moment: Moment, tmp_path: Path
) -> None:
    pulled(tmp_path / "pulled")
    ended = interrupt(Case("", pulling(change), 0, ""), tmp_path / "home", tmp_path / "pulled", moment)
    assert (ended.code, ended.said) == (130, "tokendesk: interrupted.\n")


EARLY = """
import asyncio, sys
from tokendesk import cli

def interrupted(*_, **__):
    raise KeyboardInterrupt

asyncio.run = interrupted  # ctrl+c before the loop has begun
sys.exit(cli.main(["check"]))
"""


def test_ctrl_c_before_the_work_has_begun_says_nothing_of_it(tmp_path: Path) -> None:
    environ = {"TOKENDESK_HOME": str(tmp_path), "TOKENDESK_ORG_ID": ORG, "TOKENDESK_API_KEY": made_key(7)}
    environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", EARLY], env=environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (130, "tokendesk: interrupted.\n")
