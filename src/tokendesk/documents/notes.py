"""What commands that write notes print: `note`, `notes`, `desk`, `policies` and `letters`."""

from typing import Annotated, Literal, TypedDict

from tokendesk.documents.about import about
from tokendesk.documents.rows import Text


class Written(TypedDict):
    """An entry of the desk."""

    id: Annotated[str, about("The id of the entry.")]
    kind: str
    time: str
    author: str
    words: Annotated[str, about("What it says, in words.")]


class NoteDocument(TypedDict):
    """What was written on the desk."""

    document: Literal["note"]
    version: Literal[1]
    about: Annotated[Text, about("token, user, credential or policy. Null: an entry was undone.")]
    records: Annotated[list[str], about("The ids of what the note is on.")]
    entries: Annotated[list[Written], about("The entries that were written, or undone.")]
    undone: Annotated[bool, about("Whether the entries were undone.")]


class Field(TypedDict):
    """A field that differs between a file and the desk."""

    about: str
    record: str
    name: Annotated[str, about("Of a tag: tag: and its name.")]
    ours: Annotated[Text, about("The value on this desk. Null: none.")]
    theirs: Annotated[Text, about("The value in the file. Null: none.")]


class Subject(TypedDict):
    """What a note is on."""

    about: str
    record: str


class ImportDocument(TypedDict):
    """What an import changes."""

    document: Literal["import"]
    version: Literal[1]
    file: str
    applied: Annotated[bool, about("False: this is a preview, nothing was written.")]
    rows: Annotated[int, about("How many entries, or notes of a table, are in the file.")]
    new: Annotated[int, about("How many of them are new, or have changes.")]
    authors: Annotated[dict[str, int], about("How many new entries by author; empty for a table.")]
    fresh: Annotated[list[Subject], about("What has no note yet.")]
    changed: Annotated[list[Field], about("Fields that are overwritten.")]
    conflicting: Annotated[list[Field], about("Fields that are kept, since this desk's values are newer.")]
    unknown: Annotated[list[Subject], about("What is in no pull of this profile. Empty before the first pull.")]
    skipped: Annotated[list[str], about("Why lines were skipped, one sentence each; at most 100.")]
    skipped_lines: Annotated[int, about("How many lines were skipped.")]
    refused: Annotated[int, about("Entries under this desk's own id that it does not have.")]


class ExportDocument(TypedDict):
    """What an export wrote."""

    document: Literal["export"]
    version: Literal[1]
    file: str
    format: Literal["jsonl", "csv"]
    rows: Annotated[int, about("How many entries, or notes of a table.")]


class Clock(TypedDict):
    """A wrong clock of a desk."""

    desk: Annotated[str, about("The id of the desk.")]
    is_ours: bool
    first: Annotated[int, about("The number of its first entry with a wrong time.")]
    since: str
    seconds_ahead: float
    author: Annotated[str, about("Who said so.")]


class ClocksDocument(TypedDict):
    """Wrong clocks."""

    document: Literal["clocks"]
    version: Literal[1]
    believed: Annotated[Text, about("The desk whose clock this command takes to be right again. Null: none.")]
    wrong: list[Clock]


class Naming(TypedDict):
    """A name in the console's export of members, and the policy that it names."""

    name: str
    policy_id: Annotated[Text, about("Null: not certain, see why.")]
    known: Annotated[Text, about("The name that the policy has here. Null: none.")]
    counts: Annotated[dict[str, int], about("How many of its members are in which policy, by id.")]
    strangers: Annotated[int, about("Members whose policy the last pull does not know.")]
    why: Annotated[Text, about("Why it is not certain. Null: it is.")]


class NamesDocument(TypedDict):
    """The names of policies in the console's export of members."""

    document: Literal["policy-names"]
    version: Literal[1]
    applied: Annotated[bool, about("False: this is a preview, nothing was written.")]
    new: Annotated[int, about("How many names are new.")]
    names: list[Naming]


class Letter(TypedDict):
    """A letter to one person."""

    name: str
    email: Annotated[Text, about("Null: not known.")]
    reply_by: str
    subject: Annotated[str, about("Empty if the template has none.")]
    text: Annotated[str, about("Without the subject.")]
    records: Annotated[list[str], about("The ids of the tokens or credentials that it is about.")]
    file: Annotated[Text, about("The file that it was written to. Null: it was not.")]


class Nobody(TypedDict):
    """A token or credential without anybody to ask."""

    record: str
    label: str
    why: str


class LettersDocument(TypedDict):
    """Letters to owners. Nothing was sent."""

    document: Literal["letters"]
    version: Literal[1]
    about: Literal["token", "credential"]
    letters: list[Letter]
    nobody: list[Nobody]
    recorded: Annotated[bool, about("Whether the desk says now that these owners were asked.")]
