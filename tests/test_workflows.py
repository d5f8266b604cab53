"""The workflow files are valid, and trust nothing that can change. They run only where the project is hosted."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.needs import needs_shell

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def jobs_of(file: Path) -> dict[str, Any]:
    workflow = yaml.safe_load(file.read_text("utf-8"))
    assert workflow["permissions"] == {}, "each job says what it needs"
    jobs = workflow["jobs"]
    assert isinstance(jobs, dict)
    return jobs


def steps_of(file: Path) -> list[dict[str, Any]]:
    return [step for job in jobs_of(file).values() for step in job["steps"]]


def test_both_files_are_there() -> None:
    assert [file.stem for file in FILES] == ["ci", "release"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_is_valid_by_the_schema_of_workflows(file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_action_is_pinned_by_its_commit_and_names_its_version(file: Path) -> None:
    lines = [line.strip().removeprefix("- ") for line in file.read_text("utf-8").splitlines() if "uses:" in line]
    assert len(lines) > 3
    assert [line for line in lines if not PINNED.match(line)] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_step_keeps_a_credential_or_runs_what_somebody_else_wrote(file: Path) -> None:
    for step in steps_of(file):
        assert "${{" not in step.get("run", ""), "a name of a branch would be a command"
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"] == {"persist-credentials": False}
    assert "secrets." not in file.read_text("utf-8")
    assert "pull_request_target" not in file.read_text("utf-8")


def test_only_what_signs_has_an_identity() -> None:
    rights = {name: job["permissions"] for name, job in jobs_of(ROOT / ".github/workflows/release.yml").items()}
    assert {name for name, right in rights.items() if right.get("id-token") == "write"} == {"attest", "publish"}
    for job in jobs_of(ROOT / ".github/workflows/ci.yml").values():
        assert job["permissions"] == {"contents": "read"}


def test_the_suite_runs_on_three_systems_and_every_supported_python() -> None:
    matrix = jobs_of(ROOT / ".github/workflows/ci.yml")["test"]["strategy"]["matrix"]
    assert {system.partition("-")[0] for system in matrix["system"]} == {"ubuntu", "windows", "macos"}
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]


@needs_shell
def test_the_command_that_the_suite_takes_from_the_readme_is_the_one_that_runs_it() -> None:
    """An empty one would be a run without a single test that looks green."""
    (step,) = [step["run"] for step in jobs_of(ROOT / ".github/workflows/ci.yml")["test"]["steps"]
               if "README.md" in step.get("run", "")]  # fmt: skip
    shown = step.replace("sh -c", "printf %s", 1)
    found = subprocess.run(["/bin/sh", "-c", shown], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert found.startswith("python3 -m venv")
    assert found.endswith("/pytest")


def test_each_tool_of_a_release_has_a_hash() -> None:
    text = (ROOT / ".github" / "requirements-release.txt").read_text("utf-8")
    tools = re.findall(r"^([\w.-]+)==(?:[^\n]*\\\n)(.*\n)", text, re.MULTILINE)
    assert {"build", "cyclonedx-bom", "hatchling"} <= {name for name, _ in tools}
    assert all(line.strip().startswith("--hash=sha256:") for _, line in tools)
    wanted = (ROOT / ".github" / "requirements-release.in").read_text("utf-8").split()
    assert set(wanted) <= {name for name, _ in tools}


def test_the_release_says_that_it_never_ran() -> None:
    assert "has never run" in (ROOT / ".github/workflows/release.yml").read_text("utf-8").partition("name:")[0]
