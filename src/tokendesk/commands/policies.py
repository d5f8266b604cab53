"""`tokendesk policies`: what the admin knows about policies and the API does not return."""

import argparse
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokendesk.commands.desk_access import open_desk, open_reader, undo_hint
from tokendesk.commands.json_output import json_option, print_json
from tokendesk.commands.written import WrittenEntries
from tokendesk.config import Settings, load_settings
from tokendesk.desk.policies import TOKEN_SETTINGS, write_policy
from tokendesk.errors import UsageError
from tokendesk.input_files import input_path, read_bytes
from tokendesk.model.bounds import TABLE_BYTES
from tokendesk.model.text import printable
from tokendesk.reporting.spreadsheets import read_table, unguard
from tokendesk.views.policies import policy_named
from tokendesk.views.policy_members import Naming, names_by_members
from tokendesk.views.reader import Reader

if TYPE_CHECKING:
    from tokendesk.documents.notes import NamesDocument

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")


def options(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="name|add|import")
    name = actions.add_parser("name", help="set a policy's name, and whether it allows tokens")
    add = actions.add_parser("add", help="add a policy before it has members")
    for part in (name, add):
        part.add_argument("id", metavar="ID", help="the policy's id, as in the console's address bar, or its name")
        part.add_argument("name", metavar="NAME", nargs="?" if part is name else None, help='its name; "" empties it')
        part.add_argument("--tokens", choices=(*TOKEN_SETTINGS, ""), help="whether it allows user API tokens")
        part.add_argument("--remarks", metavar="TEXT")
    members = actions.add_parser("import", help='read names from the console\'s "Export members"')
    members.add_argument("file", metavar="CSV")
    for part in (name, add, members):
        # Also after the action, where users expect it.
        part.add_argument("--profile", metavar="NAME", default=argparse.SUPPRESS, help="which organization")
        json_option(part)
    members.add_argument("--apply", action="store_true", help="save the names in the preview")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    with open_reader(settings) as reader:
        if options.action == "import":
            return _import(settings, reader, options)
        fields = {
            key: value
            for key, value in (("name", options.name), ("tokens", options.tokens), ("remarks", options.remarks))
            if value is not None
        }
        if not fields:
            raise UsageError("Nothing to write. Add a name, --tokens or --remarks.")
        policy_id = policy_named(reader, options.id) if options.action == "name" else _new_policy_id(reader, options.id)
        written = WrittenEntries(reader, as_json=options.json)
        with open_desk(settings) as desk:
            written.add(write_policy(desk, policy_id, fields))
        print(undo_hint(settings), file=sys.stderr)
        written.end("policy", [policy_id])
    return 0


def _new_policy_id(reader: Reader, policy_id: str) -> str:
    if not _ID.match(policy_id):
        raise UsageError(f"{printable(policy_id)[:80]!r} is not a policy id. Copy it from the console's address bar.")
    if reader.find("policies", policy_id) is not None:
        raise UsageError(
            f"The policy {policy_id} is already known. Name it with: tokendesk policies name {policy_id} NAME"
        )
    return policy_id


def _import(settings: Settings, reader: Reader, options: argparse.Namespace) -> int:
    path = input_path(options.file)
    try:
        content = read_bytes(path, TABLE_BYTES, pipes=True)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Name another file.") from error
    rows = [{name: unguard(cell) for name, cell in row.items()} for row in read_table(content, str(path))]
    found = names_by_members(reader, rows)
    new = [naming for naming in found if naming.policy_id and naming.known != naming.name]
    doubtful = [naming for naming in found if naming.why]
    out = sys.stderr if options.json else sys.stdout
    for naming in () if options.json else found:
        print(_line(naming))
    if not options.apply:
        print(f"{len(new):,} new name{'s' * (len(new) != 1)}.", file=out)
        print("Nothing was saved. To save them, add: --apply", file=sys.stderr)
    elif new:
        with open_desk(settings) as desk:
            for naming in new:
                write_policy(desk, str(naming.policy_id), {"name": naming.name})
        print(f"Wrote {len(new):,} name{'s' * (len(new) != 1)}.", file=out)
        print(f"{undo_hint(settings)} (one name at a time)", file=sys.stderr)
    if options.json:
        print_json(_document(found, len(new), applied=options.apply))
    for naming in doubtful:
        print(f"tokendesk: {printable(naming.name)} was skipped: {naming.why}.", file=sys.stderr)
    return 1 if doubtful else 0


def _document(found: Sequence[Naming], new: int, *, applied: bool) -> "NamesDocument":
    return {
        "document": "policy-names",
        "version": 1,
        "applied": applied,
        "new": new,
        "names": [
            {
                "name": naming.name,
                "policy_id": naming.policy_id,
                "known": naming.known,
                "counts": dict(naming.counts),
                "strangers": naming.strangers,
                "why": naming.why or None,
            }
            for naming in found
        ],
    }


def _line(naming: Naming) -> str:
    counts = ", ".join(f"{policy_id} ({count:,})" for policy_id, count in naming.counts.items()) or "no policy"
    known = f", called {printable(naming.known)} here" if naming.known and naming.known != naming.name else ""
    same = " (known)" if naming.known == naming.name else ""
    strangers = f"; {naming.strangers:,} not seen by the last pull" if naming.strangers else ""
    return f"{printable(naming.name)}{same}: {counts}{known}{strangers}"
