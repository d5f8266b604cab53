"""What `tokendesk --spec` prints: all that a program that drives this one has to know."""

from typing import Annotated, Any, Literal, TypedDict

from tokendesk.documents.about import about
from tokendesk.documents.rows import Text


class Word(TypedDict):
    """A word that may stand at a place."""

    name: str
    help: str


class Argument(TypedDict):
    """An argument of a command, without a name of its own on the command line."""

    name: str
    help: str
    required: bool
    repeatable: bool
    values: Annotated[list[Word], about("The values that it takes; empty: any.")]
    file: Annotated[bool, about("Whether it names a file or a folder.")]


class Option(TypedDict):
    """An option."""

    names: Annotated[list[str], about("The long one last.")]
    help: str
    takes: Annotated[Text, about("What it takes, such as FILE or N. Null: no value.")]
    values: Annotated[list[str], about("The values that it takes; empty: any.")]
    default: Annotated[str | int | float | bool | None, about("Null: none.")]
    required: bool
    repeatable: bool
    commas: Annotated[bool, about("Whether it takes several values with commas between.")]
    file: Annotated[bool, about("Whether it names a file or a folder.")]


class Command(TypedDict):
    """A command, or a part of one, such as snapshot save."""

    name: Annotated[str, about("All words, such as snapshot save.")]
    help: str
    brief: str
    group: Annotated[str, about("Its title in the help.")]
    takes_filter: bool
    parts: Annotated[list[str], about("The names of its parts; if there are any, one of them has to follow.")]
    arguments: list[Argument]
    options: list[Option]
    documents: Annotated[list[str], about("The names of the JSON documents that it prints.")]


class FilterField(TypedDict):
    """A field of filters."""

    name: str
    aliases: list[str]
    takes: Annotated[str, about("What may follow the colon.")]
    values: Annotated[list[str], about("The values that it takes; empty: any.")]
    help: str


class Finding(TypedDict):
    """A rule; is:NAME finds its rows."""

    name: str
    title: str
    filter: Annotated[str, about("The filter that finds the same rows.")]
    urgent: bool


class Pane(TypedDict):
    """What `list` prints."""

    name: str
    title: str
    one: str
    many: str
    fields: list[FilterField]
    flags: Annotated[list[Word], about("is:NAME and has:NAME.")]
    columns: Annotated[list[str], about("For --columns, and the members of a row in JSON.")]
    sort: Annotated[list[str], about("For --sort; with - before it, descending.")]
    group_by: Annotated[list[str], about("For --by.")]
    findings: list[Finding]


class ExitCode(TypedDict):
    """An exit code."""

    code: int
    means: str


class DocumentKind(TypedDict):
    """A JSON document that commands print."""

    name: str
    version: int
    shape: Annotated[Literal["object", "list", "lines"], about("Lines: one JSON value on each line.")]
    schema: Annotated[dict[str, Any], about("A JSON Schema (2020-12) of the document; of lines, of each of them.")]


class SpecDocument(TypedDict):
    """Commands, options, filters, columns, exit codes and documents of tokendesk."""

    document: Literal["spec"]
    version: Literal[1]
    program_version: str
    options: Annotated[list[Option], about("What may stand before a command.")]
    commands: list[Command]
    panes: list[Pane]
    exit_codes: list[ExitCode]
    environment: Annotated[list[Word], about("The environment variables that it reads.")]
    documents: list[DocumentKind]
