"""`tokendesk open FILE`: the screens on a saved snapshot, with nothing else needed."""

import argparse
from pathlib import Path

from tokendesk.commands.browse import has_terminal, open_screens
from tokendesk.config import load_settings
from tokendesk.errors import UsageError
from tokendesk.views.saved_snapshot import open_saved_snapshot


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="made by: tokendesk snapshot save FILE")
    parser.add_argument("--write", action="store_true", help="as for the screens; a saved snapshot changes nothing")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    file = Path(options.file)
    settings = settings._replace(
        places=open_saved_snapshot(settings.places, file), allow_writes=options.write, share=None
    )
    if not has_terminal():
        raise UsageError(f"There is no terminal here. Read the file with: tokendesk list tokens --file {file}")
    reason = f"{file.name} is a saved snapshot: there is no way to the organization. Open yours with: tokendesk"
    return open_screens(settings, offline_reason=reason)
