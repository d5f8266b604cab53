"""The README matches the program."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_two_commands_are_those_that_ci_runs() -> None:
    commands = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    assert len(commands) == 2
    assert "tokendesk demo" in commands[0]
    assert commands[1].endswith("pytest")
    assert "grep '^python3 -m venv' README.md" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_pictures_are_there() -> None:
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / picture).is_file()


def test_the_exit_codes_are_those_of_the_errors() -> None:
    from tokendesk import errors

    page = (ROOT / "docs" / "reference" / "exit-codes.md").read_text("utf-8")
    listed = {int(code) for code in re.findall(r"^\| `?(\d+)`? \|", page, re.MULTILINE)}
    raised = {
        error.exit_code
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.TokendeskError)
    }
    assert raised <= listed
