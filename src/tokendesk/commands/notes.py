"""`tokendesk notes`: all notes as a file, and those of a file into this desk."""

import argparse
import sys

from tokendesk.commands import entry_files
from tokendesk.commands.previewing import preview_lines
from tokendesk.commands.writing import open_desk, way_back
from tokendesk.config import load_settings
from tokendesk.reporting.notes_csv import read_notes, write_notes
from tokendesk.running.migration import open_reader

_KINDS = ("note", "undo")


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", choices=("export", "import"), help="export: write all notes; import: take in those of FILE"
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="to import: entries (.jsonl) or a table (.csv)")
    parser.add_argument("--format", choices=("jsonl", "csv"), help="entries, or a table for a spreadsheet")
    parser.add_argument("-o", "--output", metavar="FILE", help="export to FILE instead of the terminal")
    parser.add_argument("--apply", action="store_true", help="keep what the preview shows")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    name = entry_files.file_of(options)
    if options.action == "export":
        as_table = options.format == "csv" or (options.format is None and name is not None and name.endswith(".csv"))
        if not as_table:
            return entry_files.export(settings, name, _KINDS)
        with (
            open_reader(settings.places, settings.thresholds) as reader,
            entry_files.output(name, settings.places) as out,
        ):
            count = write_notes(out, reader)
        return entry_files.said_written(name, f"{count:,} note{'s' * (count != 1)}")
    with entry_files.opened(str(name)) as file:
        if not entry_files.is_table(file):
            return entry_files.take_in(settings, file, str(name), _KINDS, options.apply)
        content = file.read()
    with open_reader(settings.places, settings.thresholds) as reader, open_desk(settings) as desk:
        found = read_notes(content, desk, str(name))
        rows = len(found.subjects)
        print(f"{name}: a table of {rows:,} note{'s' * (rows != 1)}, {len(found.written):,} of them with news.")
        for line in preview_lines(reader, found.fresh, found.changed, found.conflicting, found.subjects):
            print(line)
        for wrong in found.spoiled:
            print(f"tokendesk: {name}, {wrong}", file=sys.stderr)
        if options.apply:
            print(f"Wrote {found.keep(desk):,} notes. {way_back(settings)}")
        else:
            print("Nothing was kept. Keep it by adding: --apply")
    return 1 if found.spoiled else 0
