"""`tokendesk notes`: exports all notes, or imports them from a file."""

import argparse
import sys

from tokendesk.commands import entry_files
from tokendesk.commands.desk_access import open_desk, undo_hint
from tokendesk.commands.import_output import print_import, print_preview
from tokendesk.commands.json_output import json_option
from tokendesk.config import load_settings
from tokendesk.input_files import input_path
from tokendesk.model.counting import counted
from tokendesk.reporting.notes_csv import read_notes, write_notes
from tokendesk.running.migration import open_reader

_KINDS = ("note", "undo")


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", choices=("export", "import"), help="export: write all notes; import: read them from FILE"
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="file to import: entries (.jsonl) or a table (.csv)")
    parser.add_argument("--format", choices=("jsonl", "csv"), help="entries, or a table for a spreadsheet")
    parser.add_argument("-o", "--output", metavar="FILE", help="export to FILE instead of the terminal")
    parser.add_argument("--apply", action="store_true", help="import what the preview shows")
    json_option(parser, "print what is imported, or was written to FILE, as JSON")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    name = entry_files.file_argument(options)
    if options.action == "export":
        as_table = options.format == "csv" or (options.format is None and name is not None and name.endswith(".csv"))
        if not as_table:
            return entry_files.export(settings, name, _KINDS, as_json=options.json)
        with (
            open_reader(settings.paths, settings.thresholds) as reader,
            entry_files.open_output(name, settings.paths) as out,
        ):
            count = write_notes(out, reader)
        return entry_files.report_written(
            name, f"{count:,} note{'s' * (count != 1)}", count, "csv", as_json=options.json
        )
    with entry_files.open_input(str(name)) as file:
        name = str(input_path(str(name)))
        if not entry_files.is_table(file):
            return entry_files.import_entries(settings, file, name, _KINDS, options.apply, as_json=options.json)
        content = file.read()
    with open_reader(settings.paths, settings.thresholds) as reader, open_desk(settings) as desk:
        found = read_notes(content, desk, name)
        rows = len(found.subjects)
        if not options.json:
            print(f"{name}: a table of {rows:,} note{'s' * (rows != 1)}, {len(found.written):,} of them with changes.")
            print_preview(reader, found)
        for wrong in found.spoiled:
            print(f"tokendesk: {name}, {wrong}", file=sys.stderr)
        out = sys.stderr if options.json else sys.stdout
        if options.apply:
            print(f"Wrote {counted(found.keep(desk), 'note')}. {undo_hint(settings)}", file=out)
        else:
            print("Nothing was imported. To import, add: --apply", file=out)
        if options.json:
            print_import(
                reader, found, name, applied=options.apply, rows=rows, new=len(found.written),
                skipped=found.spoiled[:100], skipped_lines=len(found.spoiled),
            )  # fmt: skip
    return 1 if found.spoiled else 0
