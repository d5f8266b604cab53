"""What the command line accepts and prints, as one value: for `--spec`, completion and the reference."""

import argparse
from collections.abc import Iterator
from functools import cache

from tokendesk import __version__
from tokendesk.commands.contract import ENVIRONMENT, EXIT_CODES
from tokendesk.commands.json_output import print_json
from tokendesk.commands.parser import command_parser
from tokendesk.commands.registry import Command, grouped_commands
from tokendesk.documents import spec
from tokendesk.documents.schemas import DOCUMENTS, document_schema
from tokendesk.filtering.reference import reference, takes
from tokendesk.model.findings import Thresholds
from tokendesk.reporting.values import COLUMNS
from tokendesk.views import panes
from tokendesk.views.grouping import groupable

_FILES = frozenset({"FILE", "A", "B", "CSV", "PLAN", "FOLDER", "PATH"})
_COMMAS = frozenset({"--columns", "--sort", "--by"})


def print_spec() -> None:
    print_json(program_spec())


@cache
def program_spec() -> spec.SpecDocument:
    return {
        "document": "spec",
        "version": 1,
        "program_version": __version__,
        "options": list(_program_options()),
        "commands": [
            part
            for group, commands in grouped_commands().items()
            for command in commands
            for part in _parts(command.name, command_parser(command), command, group)
        ],
        "panes": [_pane(pane) for pane in panes.panes(Thresholds()).values()],
        "exit_codes": [{"code": code, "means": means} for code, means in EXIT_CODES.items()],
        "environment": [{"name": name, "help": text} for name, text in ENVIRONMENT.items()],
        "documents": [
            {"name": name, "version": kind.version, "shape": kind.shape, "schema": document_schema(name)}
            for name, kind in DOCUMENTS.items()
        ],
    }


def _program_options() -> Iterator[spec.Option]:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--profile", metavar="NAME", help="which organization")
    parser.add_argument("-q", "--quiet", action="store_true", help="nothing on standard error but errors")
    parser.add_argument("--no-color", action="store_true", help="the same as NO_COLOR in the environment")
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument("--spec", action="store_true", help="print what the command line accepts, as JSON")
    return map(_option, parser._actions)


def _parts(name: str, parser: argparse.ArgumentParser, command: Command, group: str) -> Iterator[spec.Command]:
    """Yield a command, and then its parts."""
    children = [
        (f"{name} {word}", child, {choice.dest: choice.help or "" for choice in action._choices_actions}[word])
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for word, child in action.choices.items()
    ]
    shown = [action for action in parser._actions if action.help != argparse.SUPPRESS]
    yield {
        "name": name,
        "help": command.help,
        "brief": command.brief or command.help,
        "group": group,
        "takes_filter": command.takes_filter,
        "parts": [child for child, _, _ in children],
        "arguments": [
            _argument(action)
            for action in shown
            if not action.option_strings and not isinstance(action, argparse._SubParsersAction)
        ],
        "options": [_option(action) for action in shown if action.option_strings],
        "documents": [each for each, kind in DOCUMENTS.items() if name in kind.commands],
    }
    for child, of_child, text in children:
        yield from _parts(child, of_child, command._replace(help=text, brief=text), group)


def _argument(action: argparse.Action) -> spec.Argument:
    text = action.help or ""
    # A help such as `export: write it; import: read it` is about each value.
    about = dict(part.split(": ", 1) for part in text.split("; ") if ": " in part)
    return {
        "name": str(action.metavar or action.dest),
        "help": text,
        "required": action.nargs not in ("?", "*"),
        "repeatable": action.nargs in ("*", "+"),
        "values": [{"name": str(value), "help": about.get(str(value), "")} for value in action.choices or ()],
        "file": action.metavar in _FILES,
    }


def _option(action: argparse.Action) -> spec.Option:
    names = sorted(action.option_strings, key=len)
    return {
        "names": names,
        "help": action.help or "",
        "takes": None if action.nargs == 0 else str(action.metavar or "VALUE"),
        "values": [str(value) for value in action.choices or ()],
        "default": _default(action.default),
        "required": action.required,
        "repeatable": isinstance(action, argparse._AppendAction),
        "commas": names[-1] in _COMMAS,
        "file": action.metavar in _FILES,
    }


def _default(value: object) -> str | int | float | bool | None:
    """Return the value without the option; None for an empty text or list, and for what argparse means by its mark."""
    if isinstance(value, bool | int | float):
        return value
    return value if isinstance(value, str) and value and value != argparse.SUPPRESS else None


def _pane(pane: panes.Pane) -> spec.Pane:
    return {
        "name": pane.name,
        "title": pane.title,
        "one": pane.one,
        "many": pane.many,
        "fields": [
            {
                "name": field.name,
                "aliases": list(field.aliases),
                "takes": takes(field),
                "values": list(field.values or ()),
                "help": field.help,
            }
            for field in pane.fields.fields
        ],
        "flags": [{"name": row.name, "help": row.help} for row in reference(pane.fields) if ":" in row.name],
        "columns": list(COLUMNS[pane.name]),
        "sort": [column.name for column in pane.columns if column.kind != "findings"],
        "group_by": list(groupable(pane)),
        "findings": [
            {"name": found.name, "title": found.title, "filter": found.filter, "urgent": found.urgent}
            for found in pane.findings
        ],
    }
