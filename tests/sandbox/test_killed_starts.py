"""A first start of `tokendesk demo` that is killed: the next one finds all of a past, or makes it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each start is a fork of one process, which spares its imports")
def test_a_first_start_killed_at_any_step_leaves_no_half_of_a_past(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.sandbox.killed_starts", str(tmp_path)], check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    assert found["partly"] == []
    assert found["steps"] >= 8  # mark, organization, two files, two transactions, the mark's end
    assert not found["unfinished"]
    assert found["sizes"]["pull"] == 60
    assert min(found["sizes"].values()) > 0
