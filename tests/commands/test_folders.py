"""Files in the current folder have no effect, and permissions of the data folder."""

import os
import stat
import subprocess
import sys
from pathlib import Path

from tests.needs import needs_modes


def demo(home: Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run the demo, off a terminal, in `folder`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOKENDESK_")}
    return subprocess.run(
        [sys.executable, "-P", "-c", "import os; os.umask(0o022); import tokendesk.cli; tokendesk.cli.main()", "demo",
         "--users", "60", "--tokens", "12"],
        env={**environment, "TOKENDESK_HOME": str(home)}, cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_demo_runs_no_python_file_of_the_folder_one_stands_in(tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    for name in ("tokendesk", "uvicorn", "starlette", "json", "httpx"):
        (folder / f"{name}.py").write_text(f"open('run by mistake: {name}', 'w').close()\nraise SystemExit(9)\n")
    done = demo(tmp_path / "home", folder)
    assert "12 tokens of managed users" in done.stdout, done.stderr
    assert [path.name for path in folder.glob("run by mistake*")] == []


@needs_modes
def test_the_folder_that_holds_everything_is_for_its_user_only(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    done = demo(home, tmp_path)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "demo").stat().st_mode) == 0o700
