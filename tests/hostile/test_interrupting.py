"""Hostile input that takes long can be ended by ctrl+c, with one sentence."""

import sys
from pathlib import Path

import pytest

from tests.hostile.cases import CASES, Case
from tests.hostile.ground import pulled
from tests.hostile.interrupting import interrupt

LONG = ("10,000,000 members", "gzip in gzip", "a label of 200,000 marks")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent in another way")
@pytest.mark.parametrize("case", [case for case in CASES if case.name in LONG], ids=lambda case: case.name)
def test_ctrl_c_ends_what_is_hostile(case: Case, tmp_path: Path) -> None:
    pulled(tmp_path / "pulled")
    ended = interrupt(case, tmp_path / "home", tmp_path / "pulled")
    assert "Traceback" not in ended.said
    if ended.code != case.code:  # it was at its end already
        assert (ended.code, ended.said) == (130, "tokendesk: interrupted.\n")
