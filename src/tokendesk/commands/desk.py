"""`tokendesk desk`: exports all entries for a handover, imports them, and lists wrong clocks."""

import argparse

from tokendesk.commands import entry_files
from tokendesk.commands.desk_access import open_desk
from tokendesk.config import Settings, load_settings
from tokendesk.desk.telling import describe_wrong_clocks
from tokendesk.errors import UsageError


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


def run(options: argparse.Namespace) -> int:
    if options.mine and options.action != "import":
        raise UsageError("--mine needs desk import FILE.")
    settings = load_settings(options.profile)
    if options.action == "clocks":
        return _clocks(settings, options.believe)
    name = entry_files.file_argument(options)
    if options.action == "export":
        return entry_files.export(settings, name, None)
    with entry_files.open_input(str(name)) as file:
        return entry_files.import_entries(settings, file, str(name), None, options.apply, mine=options.mine)


def _clocks(settings: Settings, believed: str | None) -> int:
    """List wrong clocks, or undo the entry for the desk whose id begins with `believed`."""
    with open_desk(settings) as desk:
        if believed:
            found = [said for said in desk.clocks.wrong if said.desk_id.startswith(believed)]
            if len({said.desk_id for said in found}) != 1:
                raise UsageError(f"No single desk {believed!r} with a wrong clock. See: tokendesk desk clocks")
            desk.append_all([("undo", {"entry": said.entry_id}) for said in found])
            print("Undone: the entries of this desk count by their own times again.")
        for words in describe_wrong_clocks(desk):
            print(f"{words}.")
    return 0
