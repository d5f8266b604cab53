"""`tokendesk note`: writes a note on every token, user or credential that matches a filter."""

import argparse
import sys
from collections.abc import Sequence
from typing import TextIO

from tokendesk.commands.arguments import filter_argument, filter_text, whole_number
from tokendesk.commands.desk_access import describe_entry, open_desk, open_reader, parse_day, undo_hint
from tokendesk.commands.json_output import json_option
from tokendesk.commands.stdout import urgent_stderr
from tokendesk.commands.written import WrittenEntries
from tokendesk.config import Settings, load_settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.note_fields import CREDENTIAL_DECISIONS, DECISIONS, RENEWALS, TAG
from tokendesk.desk.notes import take_over, undo, write_note
from tokendesk.desk.undoing import latest
from tokendesk.errors import Refused, UsageError
from tokendesk.history.usage_rhythms import update_rhythms
from tokendesk.model.counting import counted
from tokendesk.model.text import printable
from tokendesk.running.renew import undo_take_over
from tokendesk.views.panes import Pane
from tokendesk.views.policies import policy_named
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

_MAX_NAMED = 12
_NAMED = {"tokens": ("label", "owner"), "users": ("name", "email"), "credentials": ("name", "kind")}
"""By pane: what a row is called, and whose or what it is."""
_DAYS = ("review_by", "asked_on", "reply_by")
_TEXTS = ("purpose", "contact", "decision", "remarks", "review_by", "asked_on", "reply_by", "answer", "renewal")


def options(parser: argparse.ArgumentParser) -> None:
    filter_argument(parser, "label:jenkins owner:bo")
    on = parser.add_mutually_exclusive_group()
    on.add_argument("--users", action="store_true", help="on users instead of tokens")
    on.add_argument("--credentials", action="store_true", help="on API keys, service accounts and OAuth clients")
    parser.add_argument("--purpose", metavar="TEXT", help='what it is for; "" empties a field')
    parser.add_argument("--contact", metavar="TEXT", help="whom to ask; default: the owner")
    parser.add_argument("--tag", action="append", default=[], metavar="TAG", help="may be repeated")
    parser.add_argument("--untag", action="append", default=[], metavar="TAG", help="remove a tag")
    decisions = f"what to do with it: {', '.join(DECISIONS)}; on credentials: {', '.join(CREDENTIAL_DECISIONS)}"
    known = (*dict.fromkeys((*DECISIONS, *CREDENTIAL_DECISIONS)), "")
    parser.add_argument("--decision", choices=known, metavar="WHAT", help=decisions)
    parser.add_argument("--to", metavar="POLICY", help="target of the decision move: a policy's name or id")
    parser.add_argument("--review-by", metavar="DATE", help="when to review it again, such as 2026-12-31 or 6mo")
    parser.add_argument("--remarks", metavar="TEXT")
    parser.add_argument("--asked-on", metavar="DATE", help="when someone was asked about it, such as today")
    parser.add_argument("--reply-by", metavar="DATE", help="when you need the answer, such as 14d")
    parser.add_argument("--answer", metavar="TEXT")
    words = f"how far the renewal of what ends is: {', '.join(RENEWALS)}"
    parser.add_argument("--renewal", choices=(*RENEWALS, ""), metavar="WHAT", help=words)
    words = "id of the token or credential that this one replaces: continues its note"
    parser.add_argument("--replaces", metavar="ID", help=words)
    words = "undo that the rule for renewals let these notes continue others; it does not do so again"
    parser.add_argument("--undo-take-over", action="store_true", help=words)
    expect = "how many matches you expect; otherwise nothing is written; skips the prompt"
    parser.add_argument("--expect", type=whole_number, metavar="N", help=expect)
    parser.add_argument("--undo", action="store_true", help="undo the last entry of this desk")
    json_option(parser, "print what was written as JSON")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    if options.undo:
        return _undo(settings, as_json=options.json)
    now = int(settings.now().timestamp())
    with open_reader(settings) as reader:
        fields = _fields(options, reader, now)
        if not fields and not options.replaces and not options.undo_take_over:
            raise UsageError("Nothing to write. Add --purpose, --decision, --tag or another option: note --help")
        what = "users" if options.users else "credentials" if options.credentials else "tokens"
        if options.users and (options.renewal is not None or options.undo_take_over):
            raise UsageError("A user is not renewed. Leave --users out, or add --credentials instead.")
        if not options.filter.strip():
            raise UsageError(f"Add a filter for the {what}, such as label:jenkins. Nothing was written.")
        pane = reader.panes[what]
        ids = reader.ids(Query(pane.name, filter=filter_text(options, pane.fields)), now)
        if not ids:
            from tokendesk.views.unread_lists import describe_unread

            unread = describe_unread(reader, "tokendesk pull") if options.credentials else ""
            said = f"No {pane.one} matches {printable(options.filter)}. Nothing was written. {unread}"
            raise UsageError(said.rstrip())
        records = reader.records(pane.name, ids)
        subjects = [records[row_id] for row_id in ids]
        if options.expect is not None and options.expect != len(ids):
            many = counted(len(ids), pane.one, pane.many)
            raise Refused(f"The filter matches {many}, not {options.expect:,}: nothing was written. Check the filter.")
        if pane.name == "tokens" and (words := _describe_revoked(reader, ids, now)):
            print(f"tokendesk: {words}", file=sys.stderr)
        if len(ids) > 1 and options.expect is None and _can_prompt():
            _confirm(reader, pane, list(ids), now)
        old_id = _replaced(options, reader, pane, subjects) if options.replaces else ""
        written = WrittenEntries(reader, as_json=options.json)
        with open_desk(settings) as desk:
            if options.undo_take_over:
                _undo_take_over(settings, desk, pane, subjects, written)
            if old_id:
                written.add(take_over(desk, subjects[0], old_id, pane.one))
                _update_rhythms(settings, pane, subjects)
            if fields:
                written.add(write_note(desk, pane.one, subjects, fields))
            if "replaces" in fields:
                _update_rhythms(settings, pane, subjects)
        written.end(pane.one, subjects)
        if len(subjects) > 1 and not options.json:
            _print_names(reader, pane.name, list(ids), now, sys.stdout)
    if (fields or options.replaces) and not options.json:  # --undo takes back notes, and not what undid one
        print(undo_hint(settings))
    return 0


def _fields(options: argparse.Namespace, reader: Reader, now: int) -> dict[str, str | bool | None]:
    fields: dict[str, str | bool | None] = {
        name: value for name in _TEXTS if (value := getattr(options, name)) is not None
    }
    for name in _DAYS:
        if isinstance(text := fields.get(name), str):
            fields[name] = parse_day(text, now)
    if options.replaces == "":
        fields["replaces"] = None
    if options.to is not None:
        if fields.setdefault("decision", "move") != "move":
            raise UsageError("--to needs the decision move. Leave it out, or add --decision move.")
        fields["target"] = policy_named(reader, options.to)
    elif fields.get("decision") == "move" and not options.credentials:
        raise UsageError("The decision move needs a target. Add --to POLICY, a policy's name or id.")
    fields.update({TAG + tag.strip(): True for tag in options.tag})
    fields.update({TAG + tag.strip(): False for tag in options.untag})
    return fields


def _undo_take_over(settings: Settings, desk: Desk, pane: Pane, subjects: list[str], written: WrittenEntries) -> None:
    """Raises UsageError if the rule wrote nothing."""
    undone = undo_take_over(desk, pane.one, *subjects)
    if not undone:
        raise UsageError('The rule for renewals wrote nothing here. To empty what you wrote: --replaces ""')
    written.add_undone(undone, f"Undid {counted(len(undone), 'take-over')} by the rule for renewals")
    _update_rhythms(settings, pane, subjects)


def _update_rhythms(settings: Settings, pane: Pane, subjects: list[str]) -> None:
    """From now on, the usage of a token includes that of another, or not any more."""
    if pane.name == "tokens":
        update_rhythms(settings.paths.history, settings.paths.snapshot, settings.paths.desk, subjects)


def _replaced(options: argparse.Namespace, reader: Reader, pane: Pane, subjects: list[str]) -> str:
    """Return the id, as notes know it, of what the one of `subjects` replaces. Raises UsageError."""
    if options.users or len(subjects) != 1:
        one = "token or credential" if options.users else pane.one
        name = "id:TOKEN-ID" if pane.name == "tokens" else "record:KIND:ID"
        raise UsageError(
            f"--replaces is for one {one}; the filter matches {len(subjects):,}. Use {name} as the filter."
        )
    record = str(options.replaces)
    kind, colon, _ = subjects[0].partition(":")
    if pane.name == "credentials" and not record.startswith(f"{kind}{colon}"):
        record = f"{kind}{colon}{record}"
    if reader.db.execute(_KNOWN[pane.name], {"id": record}).fetchone() is None:
        raise UsageError(f"Unknown {pane.one} {printable(options.replaces)}. Find its id with: tokendesk list changes")
    return record


_ELSEWHERE = """
UNION ALL SELECT 1 FROM desk.note WHERE subject = :id UNION ALL SELECT 1 FROM history.change WHERE record = :id"""
_KNOWN = {
    "tokens": f"SELECT 1 FROM main.token WHERE token_id = :id{_ELSEWHERE}",
    "credentials": f"SELECT 1 FROM credential WHERE record = :id{_ELSEWHERE}",
}


def _describe_revoked(reader: Reader, ids: Sequence[int], now: int) -> str:
    """Say how many of the tokens are revoked: a note on them has no effect."""
    revoked = len({*ids} & {*reader.ids(Query("tokens", filter="is:revoked or status:revoked"), now)})
    if not revoked:
        return ""
    if len(ids) == 1:
        return "this token is revoked."
    return f"{revoked:,} of these {len(ids):,} tokens {'is' if revoked == 1 else 'are'} revoked."


def _can_prompt() -> bool:
    """Whether a prompt can be shown. Standard output may be a file, for example by an unquoted >."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def _confirm(reader: Reader, pane: Pane, ids: list[int], now: int) -> None:
    """List the first matches and ask for confirmation. Raises Refused."""
    out = urgent_stderr()
    print(f"This writes on {counted(len(ids), pane.one, pane.many)}:", file=out)
    _print_names(reader, pane.name, ids, now, out)
    print(f"Type {len(ids)} to confirm; anything else writes nothing: ", end="", file=out, flush=True)
    if sys.stdin.readline().strip().replace(",", "") != str(len(ids)):
        raise Refused("Nothing was written.")


def _print_names(reader: Reader, pane_name: str, ids: list[int], now: int, out: TextIO) -> None:
    rows = reader.window(reader.panes[pane_name], ids[:_MAX_NAMED], now)
    for row_id in ids[:_MAX_NAMED]:
        row = rows[row_id]
        name, whose = (row[key] for key in _NAMED[pane_name])
        print(f"  {printable(name) or '(no label)'} · {printable(whose or 'unknown')}", file=out)
    if len(ids) > _MAX_NAMED:
        print(f"  … and {len(ids) - _MAX_NAMED:,} more", file=out)


def _undo(settings: Settings, *, as_json: bool) -> int:
    with open_reader(settings) as reader, open_desk(settings) as desk:
        entry = latest(desk)
        if entry is None:
            print("tokendesk: nothing left to undo.", file=sys.stderr)
            return 1
        words = describe_entry(entry, reader)  # before the undo, which may change a policy's name
        undo(desk, entry)
        written = WrittenEntries(reader, as_json=as_json)
        written.add_undone([entry], f"Undone: {words}")
        written.end(None, [], undone=True)
    return 0
