"""`tokendesk snapshot`: saves the snapshot as a file, describes one, compares two."""

import argparse
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tokendesk.commands.json_output import json_option, print_json
from tokendesk.commands.row_output import print_rows, row_options
from tokendesk.commands.stdout import standard_output
from tokendesk.config import Settings, load_settings
from tokendesk.errors import UsageError
from tokendesk.input_files import refuse_stdin
from tokendesk.model.counting import counted
from tokendesk.model.text import printable
from tokendesk.model.timestamps import day_and_time, iso
from tokendesk.running.migration import open_reader
from tokendesk.running.snapshot_export import compare_snapshots, save_snapshot
from tokendesk.snapshot.file import SnapshotInfo, snapshot_info
from tokendesk.views.saved_snapshot import open_saved_snapshot

if TYPE_CHECKING:
    from tokendesk.documents.facts import SnapshotDocument


def options(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="what", required=True, metavar="save|info|diff")
    save = parts.add_parser("save", help="save the snapshot as a single portable file")
    save.add_argument("file", metavar="FILE")
    save.add_argument("--with-notes", action="store_true", help="include your notes, decisions and journal")
    save.add_argument("--replace", action="store_true", help="replace an existing file")
    json_option(save)
    info = parts.add_parser("info", help="describe a snapshot: its content and date")
    info.add_argument("file", metavar="FILE", nargs="?", help="without it, the snapshot of the profile")
    json_option(info)
    diff = parts.add_parser("diff", help="list the changes from one snapshot to a later one")
    diff.add_argument("before", metavar="A")
    diff.add_argument("after", metavar="B")
    row_options(diff)


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    if options.what == "save" and options.file == "-":
        _print_snapshot(settings, options)
    elif options.what == "save":
        target = Path(options.file)
        info = save_snapshot(
            settings.paths, target, with_notes=options.with_notes, at=datetime.now(UTC), replace_it=options.replace
        )
        if options.json:
            print_json(_document(target))
            return 0
        notes = "with your notes" if options.with_notes else "without notes"
        print(f"Saved {target}, {notes}: {_describe_counts(info)}. Open it with: tokendesk open {target}")
    elif options.what == "info":
        refuse_stdin(options.file or "")
        path = Path(options.file) if options.file else settings.paths.snapshot
        if not options.file and not path.exists():
            raise UsageError(
                "There is no snapshot yet. Create one with: tokendesk pull (or, to practise: tokendesk demo)"
            )
        path = open_saved_snapshot(settings.paths, path).snapshot
        if options.json:
            print_json(_document(path))
        else:
            _print_info(path)
    else:
        _diff(options)
    return 0


def _print_snapshot(settings: Settings, options: argparse.Namespace) -> None:
    """Write the snapshot's file to standard output, for a pipe."""
    out = standard_output()
    if options.json or out.isatty():
        raise UsageError("A snapshot is a file of bytes: send it into a pipe or a file, without --json.")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "snapshot"
        save_snapshot(settings.paths, target, with_notes=options.with_notes, at=datetime.now(UTC))
        with target.open("rb") as file:
            shutil.copyfileobj(file, out.buffer)


def _describe_counts(info: SnapshotInfo) -> str:
    counts = (info.tokens, "token", "tokens"), (info.users, "user", "users"), (info.policies, "policy", "policies")
    tokens, users, policies = (counted(*each) for each in counts)
    if info.only_owners:
        users += f" of {info.users_total:,} so far" if info.users_total else " (owners of tokens only)"
    return f"{tokens}, {users}, {policies}"


def _print_info(path: Path) -> None:
    info = snapshot_info(path)
    notes = "" if info.saved_at is None else "with notes" if info.with_notes else "without notes"
    lines = {
        "file": str(path),
        "organization": printable(f"{info.org_name or 'unnamed'} ({info.org_id})"),
        "pulled": day_and_time(info.pulled_at),
        "oldest part": day_and_time(info.oldest_at) if info.oldest_at != info.pulled_at else "",
        "saved": f"{day_and_time(info.saved_at)}, {notes}" if notes else "",
        "contains": _describe_counts(info),
        "policies": printable(": ".join(filter(None, (info.unknown_policies_label, info.policies_problem)))),
    }
    for name, words in lines.items():
        if words:
            print(f"{name:<14}{words}")


def _document(path: Path) -> "SnapshotDocument":
    info = snapshot_info(path)
    return {
        "document": "snapshot",
        "version": 1,
        "file": str(path),
        "org_id": info.org_id,
        "org_name": info.org_name,
        "pulled_at": iso(info.pulled_at) or "",
        "oldest_at": iso(info.oldest_at) or "",
        "tokens": info.tokens,
        "users": info.users,
        "users_total": info.users_total,
        "only_owners": info.only_owners,
        "policies": None if info.no_policies else info.policies,
        "policies_problem": info.policies_problem,
        "policies_unknown": info.policies_unknown,
        "policies_unknown_why": info.policies_unknown_why,
        "credentials": None if info.credentials_at is None else info.credentials,
        "credentials_problem": info.credentials_problem,
        "saved_at": iso(info.saved_at),
        "with_notes": info.with_notes,
    }


def _diff(options: argparse.Namespace) -> None:
    settings = load_settings(options.profile)
    refuse_stdin(options.before)
    refuse_stdin(options.after)
    before, after = (open_saved_snapshot(settings.paths, Path(path)) for path in (options.before, options.after))
    with tempfile.TemporaryDirectory() as folder:
        history = Path(folder) / "history.sqlite"
        compare_snapshots(before, after, history, settings.thresholds.idle)
        with open_reader(after._replace(compared=history), settings.thresholds) as reader:
            print_rows(reader, "changes", "", options, int(time.time()))
