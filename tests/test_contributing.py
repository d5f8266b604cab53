"""The contributing guide matches the project's files and dependencies."""

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
TASKS = PROJECT["tool"]["poe"]["tasks"]


def commands(task: str) -> list[str]:
    made = TASKS[task]
    return [step["cmd"] for step in made["sequence"]] if "sequence" in made else [made["cmd"]]


def test_contributing_names_each_task() -> None:
    told = re.findall(r"^\| `poe (\w+)", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(told) == sorted(TASKS)


def test_each_program_of_a_task_is_there() -> None:
    programs = [
        match for task in TASKS for line in commands(task) for match in re.findall(r"python -m ([\w.]+\w)", line)
    ]
    assert programs
    assert [name for name in programs if find_spec(name) is None] == []


def test_a_change_is_checked_by_the_same_task() -> None:
    assert ".venv/bin/poe check" in (ROOT / ".ci" / "run").read_text("utf-8")
    assert [line.split()[0] for line in commands("check")] == ["ruff", "ruff", "mypy"]


def test_the_lock_file_pins_all_that_the_project_asks_for() -> None:
    pins = dict(re.findall(r"^([\w.-]+)==([\w.+]+)", (ROOT / "requirements-dev.txt").read_text("utf-8"), re.MULTILINE))
    extras = PROJECT["project"]["optional-dependencies"]
    extra = [text for name in ("demo", "dev", "keyring", "team", "team-tests") for text in extras[name]]
    asked = [Requirement(text) for text in PROJECT["project"]["dependencies"] + extra if "tokendesk[" not in text]
    unmet = [str(r) for r in asked if not r.specifier.contains(Version(pins.get(r.name.lower(), "0")))]
    assert unmet == []


def test_each_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text("utf-8"))
    assert listed == sorted(path.name for path in folder.glob("0*.md"))
