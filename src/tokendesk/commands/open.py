"""`tokendesk open FILE`: the browser on a saved snapshot."""

import argparse
from pathlib import Path

from tokendesk.commands.browse import has_terminal, open_screens
from tokendesk.config import load_settings
from tokendesk.errors import UsageError
from tokendesk.input_files import refuse_stdin
from tokendesk.views.saved_snapshot import open_saved_snapshot


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="made by: tokendesk snapshot save FILE")
    parser.add_argument(
        "--write", action="store_true", help="accepted as for the browser; a saved snapshot is read-only"
    )


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    refuse_stdin(options.file)
    file = Path(options.file)
    settings = settings._replace(
        paths=open_saved_snapshot(settings.paths, file), allow_writes=options.write, share=None
    )
    if not has_terminal():
        raise UsageError(f"No terminal: read the file with: tokendesk list tokens --file {file}")
    reason = f"{file.name} is a saved snapshot without a connection. Open your organization with: tokendesk"
    return open_screens(settings, offline_reason=reason)
