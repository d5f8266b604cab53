"""A terminal that disappears without a signal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.practice import settings_in

SCREENS = """
import sys
from tokendesk.tui import app
app.LOOK_EVERY = 0.1
from tokendesk.cli import main
sys.exit(main([]))
"""


def test_the_screens_end_with_their_terminal_though_no_signal_comes(tmp_path: Path) -> None:
    paths = settings_in(tmp_path).paths
    paths.config_file.parent.mkdir(parents=True, exist_ok=True)
    paths.config_file.write_text('[profiles.default]\norg_id = "acme"\n')
    ours, theirs = pytest.importorskip("pty").openpty()
    environ = {**os.environ, "TOKENDESK_HOME": str(tmp_path), "TERM": "xterm-256color"}
    # A session of its own without a controlling terminal: nobody sends SIGHUP.
    with subprocess.Popen(
        [sys.executable, "-c", SCREENS], stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True
    ) as screens:
        os.close(theirs)
        seen = b""
        while b"Tokens" not in seen:
            seen += os.read(ours, 65_536)
        os.close(ours)
        assert screens.wait() == 0
