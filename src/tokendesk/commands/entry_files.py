"""Reads and writes entry files, for `notes` and `desk`."""

import argparse
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

from tokendesk.commands.desk_access import open_desk
from tokendesk.commands.import_output import print_import, print_preview
from tokendesk.commands.json_output import print_json
from tokendesk.commands.stdout import standard_output
from tokendesk.config import Settings
from tokendesk.desk.arriving import Own
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.lines import InvalidLine, entry_line, file_lines, head_line, organization_of, read_lines
from tokendesk.desk.merging import Merge, merge
from tokendesk.desk.telling import describe_wrong_clocks
from tokendesk.errors import UsageError
from tokendesk.input_files import input_path, open_bounded
from tokendesk.model.bounds import ENTRIES_BYTES
from tokendesk.model.counting import counted
from tokendesk.model.text import printable
from tokendesk.paths import ProfilePaths, open_private, refuse_own_files
from tokendesk.running.migration import open_reader
from tokendesk.sqlite import is_there
from tokendesk.views.reader import Reader

if TYPE_CHECKING:
    from tokendesk.documents.notes import ExportDocument

_MAX_INVALID_SHOWN = 100
"""Invalid lines of a file that are reported one by one."""


def file_argument(options: argparse.Namespace) -> str | None:
    """Return the file name; an import needs one."""
    if options.file and options.output:
        raise UsageError("Two files were given. Leave one out.")
    name: str | None = options.output or options.file
    if name == "" or (name is None and options.action == "import"):
        raise UsageError(f"FILE is missing: name the file to {options.action}.")
    if options.json and options.action == "export" and name in (None, "-"):
        raise UsageError("--json tells what was written to a file: add -o FILE. Entries are JSON lines without it.")
    return name


@contextmanager
def open_output(name: str | None, paths: ProfilePaths) -> Iterator[TextIO]:
    """Yield the output file, for this user only, or standard output."""
    if name is None or name == "-":
        yield standard_output(as_written=True)
        return
    refuse_own_files(paths, Path(name))
    try:
        with open_private(Path(name), newline="") as file:
            yield file
    except OSError as error:
        raise UsageError(f"{name} cannot be written: {error.strerror}. Choose another file.") from error


def report_written(name: str | None, what: str, rows: int, form: Literal["jsonl", "csv"], *, as_json: bool) -> int:
    if as_json:
        document: ExportDocument = {
            "document": "export", "version": 1, "file": str(name), "format": form, "rows": rows,
        }  # fmt: skip
        print_json(document)
        return 0
    print(f"Wrote {what}{'' if name in (None, '-') else f' to {name}'}.", file=sys.stderr)
    return 0


def export(settings: Settings, name: str | None, kinds: Collection[str] | None, *, as_json: bool) -> int:
    """Write the entries of these kinds, or all, as JSON lines."""
    if not is_there(settings.paths.desk, "desk"):
        raise UsageError(
            "There is no desk yet, so there is nothing to export. Write a note first: tokendesk note --help"
        )
    count = 0
    with Desk(settings.paths.desk) as desk, open_output(name, settings.paths) as out:
        out.write(head_line(desk.desk_id, desk.org_id) + "\n")
        for entry in desk.entries():
            if kinds is None or entry.kind in kinds:
                out.write(entry_line(entry) + "\n")
                count += 1
    return report_written(name, _count_entries(count), count, "jsonl", as_json=as_json)


def is_table(file: BufferedReader) -> bool:
    """Return whether a file may be a table instead of entries. Only peeks."""
    return not file.peek(4_096).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{")


@contextmanager
def open_input(name: str) -> Iterator[BufferedReader]:
    """Open an input file with entries or notes; pipes work too."""
    path = input_path(name)
    try:
        with open_bounded(path, ENTRIES_BYTES, pipes=True) as file:
            yield file
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Name another file.") from error


class _EntryReader:
    """Reads the entries of a file, and collects invalid lines."""

    def __init__(self, lines: Iterable[str], org_id: str | None, kinds: Collection[str] | None) -> None:
        self._lines, self._org_id, self._kinds = lines, org_id, kinds
        self.count = 0
        self.spoiled = 0
        self.words: list[str] = []

    def entries(self) -> Iterator[Entry]:
        for found in read_lines(self._lines, self._org_id):
            if isinstance(found, InvalidLine):
                self.spoiled += 1
                if self.spoiled <= _MAX_INVALID_SHOWN:
                    self.words.append(printable(str(found)))
            elif self._kinds is None or found.kind in self._kinds:
                self.count += 1
                yield found


def import_entries(
    settings: Settings,
    file: BufferedReader,
    name: str,
    kinds: Collection[str] | None,
    apply: bool,
    *,
    as_json: bool,
    mine: bool = False,
) -> int:
    """Preview what the entries of a file would change, and import them if `apply`.

    `mine`: the user confirms that this desk wrote the entries under its own id.
    """
    lines = file_lines(file)
    first = next(lines, None)
    if first is None:
        raise UsageError(
            f"{name} is empty: it was cut off, or there was nothing to write. Export it again, then import it."
        )
    with open_desk(settings) as desk, open_reader(settings.paths, settings.thresholds) as reader:
        # Before the first pull the desk has no organization yet, but the profile has.
        given = _EntryReader(chain([first], lines), desk.org_id or settings.org_id, kinds)
        if apply and desk.org_id is None and (org_id := organization_of(first)):
            desk.bind_organization(org_id)
        news = merge(desk, given.entries(), keep=apply, own=Own.CLAIMED if mine else Own.REFUSED)
        if as_json:
            print_import(
                reader, news, name, applied=apply, rows=given.count, new=news.new, skipped=given.words,
                skipped_lines=given.spoiled, authors=news.authors, refused=news.refused,
            )  # fmt: skip
        else:
            _print_merge(reader, news, name, given.count, applied=apply)
        for words in describe_wrong_clocks(desk, news.desks) if apply else ():
            print(f"tokendesk: {words}.", file=sys.stderr)
        for wrong in given.words:
            print(f"tokendesk: {name}, {wrong}. It was skipped.", file=sys.stderr)
        if given.spoiled > len(given.words):
            more = given.spoiled - len(given.words)
            print(f"tokendesk: {name}, and {more:,} more lines were skipped.", file=sys.stderr)
        if news.refused:
            print(f"tokendesk: {name}, {_describe_refused(news.refused, mine=mine)}", file=sys.stderr)
    return 1 if given.spoiled or news.refused else 0


def _print_merge(reader: Reader, news: Merge, name: str, rows: int, *, applied: bool) -> None:
    by = ", ".join(f"{printable(author)} {count:,}" for author, count in news.authors.most_common())
    print(f"{name}: {_count_entries(rows)}, {news.new:,} of them new{f' ({by})' if by else ''}.")
    print_preview(reader, news)
    if applied:
        print(f"Imported {_count_entries(news.new)}.")
    else:
        print("Nothing was imported. To import, add: --apply", file=sys.stderr)


def _describe_refused(count: int, *, mine: bool) -> str:
    if mine:
        return f"{_count_entries(count)} of this desk skipped: some of its earlier entries are missing in the file."
    them = "it" if count == 1 else "them"
    return (
        f"{_count_entries(count)} under this desk's own id that it does not have: left out. "
        "If this desk was restored from a "
        f"copy and wrote {them} later, import {them} with: tokendesk desk import FILE --mine"
    )


def _count_entries(count: int) -> str:
    return counted(count, "entry", "entries")
