"""`tokendesk profiles`: the profiles there are, and the age of what was pulled for each."""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tokendesk.commands.json_output import json_option, print_json
from tokendesk.commands.stdout import standard_output
from tokendesk.config import API_URL, DEMO, Settings, configured_profiles, load_settings, selected_profile
from tokendesk.errors import TokendeskError
from tokendesk.model.text import printable
from tokendesk.model.timestamps import ago, iso, parse_timestamp
from tokendesk.paths import profile_paths
from tokendesk.reporting.text_table import text_table
from tokendesk.snapshot.file import snapshot_info

if TYPE_CHECKING:
    from tokendesk.documents.facts import ProfileRow


def options(parser: argparse.ArgumentParser) -> None:
    json_option(parser)


def run(options: argparse.Namespace) -> int:
    rows = list(_rows(options.profile))
    if options.json:
        print_json(rows)
        return 0
    out = standard_output()
    for line in text_table([("*" if row["selected"] else " ", printable(row["name"]), _words(row)) for row in rows]):
        print(line, file=out)
    if not rows:
        print(
            "There is no profile yet. Set one up with: tokendesk init (or, to practise: tokendesk demo)",
            file=sys.stderr,
        )
    return 0


def _rows(chosen: str | None) -> "Iterator[ProfileRow]":
    paths = profile_paths(DEMO)
    names = configured_profiles(paths.config_file)
    if DEMO not in names and (paths.snapshot.exists() or paths.desk.exists()):
        names.append(DEMO)
    selected = selected_profile(chosen)
    if selected not in names and (os.environ.get("TOKENDESK_ORG_ID") or profile_paths(selected).snapshot.exists()):
        names.append(selected)  # that of the environment
    for name in names:
        try:
            yield _row(load_settings(name), selected)
        except TokendeskError as error:
            yield {
                "name": name, "selected": name == selected, "org_id": None, "api_url": None, "allow_writes": None,
                "pulled_at": None, "problem": str(error),
            }  # fmt: skip


def _row(settings: Settings, selected: str) -> "ProfileRow":
    pulled, problem = None, None
    if settings.paths.snapshot.exists():
        try:
            pulled = iso(snapshot_info(settings.paths.snapshot).pulled_at)
        except TokendeskError as error:
            problem = str(error)
    return {
        "name": settings.profile,
        "selected": settings.profile == selected,
        "org_id": settings.org_id,
        "api_url": settings.api_url,
        "allow_writes": settings.allow_writes,
        "pulled_at": pulled,
        "problem": problem,
    }


def _words(row: "ProfileRow") -> str:
    """Describe a profile in one line."""
    if row["problem"]:
        return printable(row["problem"])
    pulled = parse_timestamp(row["pulled_at"])
    words = [
        f"organization {printable(row['org_id'])}" if row["org_id"] else "",
        f"pulled {ago(pulled, int(time.time()))}" if pulled is not None else "never pulled",
        "changes allowed" if row["allow_writes"] else "reads only",
        printable(row["api_url"] or "") if row["api_url"] not in (API_URL, None) else "",
    ]
    return ", ".join(filter(None, words))
