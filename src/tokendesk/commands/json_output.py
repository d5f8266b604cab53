"""Prints JSON documents: one value and a newline."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tokendesk.commands.stdout import standard_output
from tokendesk.errors import UsageError
from tokendesk.paths import ProfilePaths, open_private, refuse_own_files


def json_option(parser: argparse.ArgumentParser, help_text: str = "print it as JSON") -> None:
    parser.add_argument("--json", action="store_true", help=help_text)


def print_json(document: Mapping[str, object] | Sequence[object]) -> None:
    print(_text(document), file=standard_output())


def wants_json(options: argparse.Namespace) -> bool:
    """Whether `--json`, `--format json` or the extension of the file asks for JSON."""
    ending = Path(options.output or "").suffix.lower()
    if options.json and options.format not in (None, "json"):
        raise UsageError(f"--json and --format {options.format} exclude each other. Leave one out.")
    return bool(options.json or options.format == "json" or (options.format is None and ending == ".json"))


def print_or_save(document: Mapping[str, object], output: str | None, paths: ProfilePaths) -> None:
    """Print the document, or write it to a file, for this user only."""
    if not output:
        print_json(document)
        return
    path = Path(output)
    refuse_own_files(paths, path)
    try:
        with open_private(path) as file:
            file.write(_text(document) + "\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}. Choose another file.") from error


def _text(document: object) -> str:
    """Return the JSON of a document; half a character, which is not valid in UTF-8, becomes a question mark."""
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace").decode()
