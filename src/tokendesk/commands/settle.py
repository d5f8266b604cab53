"""`tokendesk settle`: what became of a run that broke off is found out by asking; nothing is sent again."""

import argparse
import asyncio

from tokendesk.commands.carrying import Shown, tell, warn_of_others
from tokendesk.config import load_settings
from tokendesk.desk.entries import Desk
from tokendesk.running.access import access
from tokendesk.running.recover import unfinished


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="what became of each run, as JSON")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    with Desk(settings.places.desk, author=settings.author) as desk:
        ours = [run for run in unfinished(desk) if run.is_ours]
    warn_of_others(settings)
    if not ours:
        if not options.json:
            print("No run of this desk broke off.")
        return 0
    from tokendesk.running.apply import Means, settle_unfinished

    shown = Shown()
    with access(settings) as way:
        try:
            settled = asyncio.run(settle_unfinished(settings, way, Means(report=shown.progress, waiting=shown.waiting)))
        finally:
            shown.end()
    return max([tell(settings, run.run_id, as_json=options.json) for run in settled], default=0)
