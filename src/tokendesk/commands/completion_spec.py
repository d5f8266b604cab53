"""What the command line accepts at each point, read from the parsers, for completion and reference."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from tokendesk.commands.parser import command_parser
from tokendesk.commands.registry import COMMANDS, Command
from tokendesk.filtering.reference import reference
from tokendesk.model.findings import Thresholds
from tokendesk.reporting.values import COLUMNS
from tokendesk.views.grouping import groupable
from tokendesk.views.panes import Pane, panes


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """`values`: known values; `commas`: a comma-separated list of them; `files`: a path."""

    names: tuple[str, ...]
    help: str
    takes: str = ""
    values: tuple[str, ...] = ()
    commas: bool = False
    files: bool = False


@dataclass(frozen=True, slots=True)
class CompletionContext:
    """`name`: the words so far, such as `list tokens`. `words`: possible next words, each with its help."""

    name: str
    words: tuple[tuple[str, str], ...] = ()
    options: tuple[OptionSpec, ...] = ()
    files: bool = False


_FILES = frozenset({"FILE", "A", "B", "CSV", "PLAN", "FOLDER", "PATH"})


def completion_contexts() -> list[CompletionContext]:
    """Return every context, the empty one first."""
    top = CompletionContext(
        "",
        tuple((command.name, command.brief or command.help) for command in COMMANDS),
        (OptionSpec(("--profile",), "which organization", "NAME"), OptionSpec(("--version",), "print the version")),
    )
    return [top, *(place for command in COMMANDS for place in _command_contexts(command))]


def _command_contexts(command: Command) -> Iterator[CompletionContext]:
    found = panes(Thresholds())
    for place in _parser_contexts(command.name, command_parser(command)):
        yield place
        if command.name == "list" and place.name == "list":
            for name, _ in place.words:
                yield _list_context(found[name], place)


def _list_context(pane: Pane, of_all: CompletionContext) -> CompletionContext:
    """Return the context of `list PANE`: with the columns, fields and findings of that pane."""
    fields = [row for row in reference(pane.fields) if row.name]
    names = [(row.name.split(", ")[0], row.help) for row in fields]
    words = tuple((name if ":" in name else f"{name}:", text) for name, text in names)
    sortable = [column.name for column in pane.columns if column.kind != "findings"]
    sorts = (*sortable, *(f"-{name}" for name in sortable))
    values = {"--columns": tuple(COLUMNS[pane.name]), "--by": groupable(pane), "--sort": sorts}
    options = tuple(
        OptionSpec(option.names, option.help, option.takes, values[option.names[-1]], True)
        if option.names[-1] in values
        else option
        for option in of_all.options
    )
    return CompletionContext(f"list {pane.name}", words, options)


def _parser_contexts(name: str, parser: argparse.ArgumentParser) -> Iterator[CompletionContext]:
    words: list[tuple[str, str]] = []
    options: list[OptionSpec] = []
    files = False
    below: list[CompletionContext] = []
    for action in parser._actions:
        takes = str(action.metavar or "VALUE") if action.nargs != 0 else ""
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for word, child in action.choices.items():
                words.append((word, helps.get(word, "")))
                below += _parser_contexts(f"{name} {word}", child)
        elif action.option_strings:
            names = tuple(sorted(action.option_strings, key=len))
            choices = tuple(map(str, action.choices or ()))
            options.append(OptionSpec(names, action.help or "", takes, choices, False, takes in _FILES))
        elif action.choices:
            words += [(str(choice), _meaning(action.help or "", str(choice))) for choice in action.choices]
        else:
            files = files or takes in _FILES
    yield CompletionContext(name, tuple(words), tuple(options), files)
    yield from below


def _meaning(text: str, choice: str) -> str:
    """Return the part for one choice of a help text such as `export: write it; import: read it`."""
    told = dict(part.split(": ", 1) for part in text.split("; ") if ": " in part)
    return told.get(choice, "")
