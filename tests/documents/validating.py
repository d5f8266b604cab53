"""Validates what a command prints against the published schema of its document."""

import json
from typing import Any

from jsonschema import Draft202012Validator

from tests.reference.make import SCHEMAS


def schema_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    return found


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema without room for members that it does not describe."""
    definitions = {
        name: {"additionalProperties": False, **one} if "properties" in one else one
        for name, one in schema["$defs"].items()
    }
    return {**schema, "$defs": definitions}


def problems(name: str, document: object) -> list[str]:
    """Return what is wrong with a document; a member that the schema does not describe is wrong too."""
    found = Draft202012Validator(closed(schema_of(name))).iter_errors(document)
    return [f"{name} {error.json_path}: {error.message[:200]}" for error in found]
