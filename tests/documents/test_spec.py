"""`tokendesk --spec`: what it says is what the program does."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

import tokendesk
from tests.documents.validating import problems
from tokendesk import errors
from tokendesk.cli import main
from tokendesk.commands.contract import ENVIRONMENT, EXIT_CODES
from tokendesk.commands.registry import COMMANDS
from tokendesk.documents.schemas import DOCUMENTS

SOURCE = Path(tokendesk.__file__).parent


@pytest.fixture
def spec(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["--spec"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def command(spec: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in spec["commands"] if each["name"] == name)


def option(spec: dict[str, Any], name: str, long: str) -> dict[str, Any]:
    return next(each for each in command(spec, name)["options"] if each["names"][-1] == long)


def test_the_spec_is_as_its_schema_says(spec: dict[str, Any]) -> None:
    assert problems("spec", spec) == []


def test_every_command_and_document_is_there_and_they_name_each_other(spec: dict[str, Any]) -> None:
    names = [each["name"] for each in spec["commands"]]
    assert {name.split(" ")[0] for name in names} == {each.name for each in COMMANDS}
    assert [each["name"] for each in spec["documents"]] == list(DOCUMENTS)
    printed = {name for each in spec["commands"] for name in each["documents"]}
    assert printed == set(DOCUMENTS) - {"spec"}
    assert {name for kind in DOCUMENTS.values() for name in kind.commands} <= {*names, "--spec"}


def test_what_prints_documents_takes_json_and_nothing_else_does(spec: dict[str, Any]) -> None:
    for each in spec["commands"]:
        takes = any(one["names"] == ["--json"] for one in each["options"])
        assert takes == bool(each["documents"]), each["name"]


def test_options_say_what_they_take(spec: dict[str, Any]) -> None:
    assert option(spec, "list", "--format")["values"] == ["table", "csv", "json", "jsonl", "markdown", "html"]
    assert option(spec, "note", "--tag")["repeatable"]
    assert option(spec, "move", "--to")["required"]
    assert option(spec, "letters", "--format")["default"] == "text"
    assert option(spec, "pull", "--json")["takes"] is None
    assert option(spec, "report", "--output")["file"]
    assert command(spec, "apply")["arguments"][0]["file"]
    assert command(spec, "snapshot")["parts"] == ["snapshot save", "snapshot info", "snapshot diff"]


def test_every_exit_code_of_an_error_is_there(spec: dict[str, Any]) -> None:
    found = [error for error in vars(errors).values() if isinstance(error, type)]
    known = {error.exit_code for error in found if issubclass(error, errors.TokendeskError)}
    assert known <= set(EXIT_CODES) == {each["code"] for each in spec["exit_codes"]}


def test_every_environment_variable_that_is_read_is_there() -> None:
    texts = {
        node.value
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {text for text in texts if re.fullmatch("TOKENDESK_[A-Z_]+", text)} == set(ENVIRONMENT) - {"NO_COLOR"}
