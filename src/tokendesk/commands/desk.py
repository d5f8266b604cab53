"""`tokendesk desk`: every entry as a file, to hand the work over, and taking such a file in."""

import argparse

from tokendesk.commands import entry_files
from tokendesk.config import load_settings


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("export", "import"))
    parser.add_argument("file", nargs="?", metavar="FILE", help="where it goes to, or comes from")
    parser.add_argument("-o", "--output", metavar="FILE", help="the same as FILE")
    parser.add_argument("--apply", action="store_true", help="keep what the preview of an import shows")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    name = entry_files.file_of(options)
    if options.action == "export":
        return entry_files.export(settings, name, None)
    return entry_files.take_in(settings, str(name), None, options.apply)
