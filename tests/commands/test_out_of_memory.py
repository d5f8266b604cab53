"""Out of memory: a command ends with one sentence, and never with the exit code of a partial run."""

import subprocess
import sys
from pathlib import Path

import pytest

_LIMITED = """
import resource, sys
from tokendesk.cli import main
from tokendesk.commands import notes
from tokendesk.reporting import notes_csv, spreadsheets
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 48 * 2**20, used + 48 * 2**20))
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system does not say how much memory is used")
def test_too_little_memory_ends_with_2(tmp_path: Path) -> None:
    table = tmp_path / "notes.csv"
    table.write_text("about,id,purpose\n" + "token,t," + "x" * (60 * 2**20))
    ended = subprocess.run(
        [sys.executable, "-c", _LIMITED, "notes", "import", str(table)],
        env={"TOKENDESK_HOME": str(tmp_path), "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (
        2,
        "tokendesk: not enough memory. Narrow the request, or free some memory.\n",
    )
