"""`tokendesk desk`: exports all entries for a handover, imports them, and lists wrong clocks."""

import argparse
from typing import TYPE_CHECKING

from tokendesk.commands import entry_files
from tokendesk.commands.desk_access import open_desk
from tokendesk.commands.json_output import json_option, print_json
from tokendesk.config import Settings, load_settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.telling import describe_wrong_clocks
from tokendesk.errors import UsageError
from tokendesk.input_files import input_path

if TYPE_CHECKING:
    from tokendesk.documents.notes import ClocksDocument


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=("export", "import", "clocks"),
        help="export: write every entry to FILE; import: read entries from FILE; clocks: list wrong clocks",
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="the file to write or read")
    parser.add_argument("-o", "--output", metavar="FILE", help="the same as FILE")
    parser.add_argument("--apply", action="store_true", help="import the entries of the preview")
    parser.add_argument(
        "--mine", action="store_true",
        help="import: this desk was restored from a copy; accept its own later entries",
    )  # fmt: skip
    parser.add_argument("--believe", metavar="DESK", help="clocks: undo that this desk's clock was wrong")
    json_option(parser, "print what is imported, was written to FILE, or is wrong, as JSON")


def run(options: argparse.Namespace) -> int:
    if options.mine and options.action != "import":
        raise UsageError("--mine needs desk import FILE.")
    settings = load_settings(options.profile)
    if options.action == "clocks":
        return _clocks(settings, options.believe, as_json=options.json)
    name = entry_files.file_argument(options)
    if options.action == "export":
        return entry_files.export(settings, name, None, as_json=options.json)
    with entry_files.open_input(str(name)) as file:
        return entry_files.import_entries(
            settings, file, str(input_path(str(name))), None, options.apply, as_json=options.json, mine=options.mine
        )


def _clocks(settings: Settings, believed: str | None, *, as_json: bool) -> int:
    """List wrong clocks, or undo the entry for the desk whose id begins with `believed`."""
    with open_desk(settings) as desk:
        if believed:
            found = [said for said in desk.clocks.wrong if said.desk_id.startswith(believed)]
            if len({said.desk_id for said in found}) != 1:
                raise UsageError(f"No single desk {believed!r} with a wrong clock. See: tokendesk desk clocks")
            desk.append_all([("undo", {"entry": said.entry_id}) for said in found])
            if not as_json:
                print("Undone: the entries of this desk count by their own times again.")
            believed = found[0].desk_id
        if as_json:
            print_json(_document(desk, believed or None))
            return 0
        for words in describe_wrong_clocks(desk):
            print(f"{words}.")
    return 0


def _document(desk: Desk, believed: str | None) -> "ClocksDocument":
    return {
        "document": "clocks",
        "version": 1,
        "believed": believed,
        "wrong": [
            {
                "desk": said.desk_id,
                "is_ours": said.desk_id == desk.desk_id,
                "first": said.first,
                "since": said.since,
                "seconds_ahead": said.ahead,
                "author": said.author,
            }
            for said in desk.clocks.wrong
        ],
    }
