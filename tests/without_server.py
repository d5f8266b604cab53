"""A place with tokendesk's own dependencies and no other package, as after an install without extras."""

import os
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def needed(requirements: list[str]) -> dict[str, Distribution]:
    """Return the distributions that `requirements` ask for, and what these ask for, by name."""
    found: dict[str, Distribution] = {}
    waiting = [(Requirement(text), "") for text in requirements]
    asked = set()
    while waiting:
        wanted, extra = waiting.pop()
        if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
            continue
        made = distribution(wanted.name)
        found[wanted.name.lower()] = made
        for each in ("", *wanted.extras):
            if (wanted.name, each) not in asked:
                asked.add((wanted.name, each))
                waiting += [(Requirement(text), each) for text in made.requires or ()]
    return found


def copy_needed(folder: Path) -> None:
    """Copy tokendesk and what it depends on into `folder`."""
    shutil.copytree(ROOT / "src" / "tokendesk", folder / "tokendesk", ignore=shutil.ignore_patterns("__pycache__"))
    for made in needed(PROJECT["dependencies"]).values():
        tops = {Path(file).parts[0] for file in made.files or () if Path(file).suffix != ".pth"} - {"..", "__pycache__"}
        for top in tops:
            there = Path(str(made.locate_file(top)))
            if there.is_dir():
                shutil.copytree(there, folder / top, dirs_exist_ok=True)
            else:
                shutil.copy(there, folder / top)


def run_there(folder: Path, arguments: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run Python on the packages in `folder` and the standard library alone."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("TOKENDESK_")}
    return subprocess.run(
        [sys.executable, "-S", *arguments],
        env={**inherited, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", **environ},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
