"""Hostile input that takes long can be ended by ctrl+c, with one sentence."""

import sys
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.hostile.cases import CASES, Case, pulling
from tests.hostile.ground import TOKENS, Ground, pulled
from tests.hostile.interrupting import interrupt


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
