"""`tokendesk letters`: letters to owners about their tokens, or to renew what ends. Nothing is sent."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

from tokendesk.commands.arguments import filter_argument, filter_text
from tokendesk.commands.desk_access import open_desk, open_reader, parse_day, undo_hint
from tokendesk.commands.json_output import json_option, print_json
from tokendesk.commands.stdout import standard_output
from tokendesk.config import Settings, load_settings
from tokendesk.desk.author import os_user
from tokendesk.desk.notes import Fields, note_payload
from tokendesk.errors import UsageError
from tokendesk.model.counting import counted
from tokendesk.model.dates import today
from tokendesk.model.renewal_states import ASKED
from tokendesk.model.text import printable
from tokendesk.model.timestamps import DAY, span
from tokendesk.reporting.letters import (
    OWNERS,
    LetterBatch,
    LetterKind,
    compose_letters,
    default_template,
    label_of,
    load_template,
    write_csv,
    write_folder,
    write_table,
)
from tokendesk.reporting.renewal_letters import RENEWALS
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader, Row
from tokendesk.views.renewal_due import NOT_ASKED_YET, due_records

if TYPE_CHECKING:
    from tokendesk.documents.notes import LettersDocument

_DAYS = 14
_OLD = 3 * DAY
_CUT = "-" * 72


def options(parser: argparse.ArgumentParser) -> None:
    filter_argument(parser, "purpose:none used:..30d -is:waiting")
    parser.add_argument(
        "--renewal", action="store_true", help=f"ask to renew what ends; default filter: {NOT_ASKED_YET}"
    )
    words = "with --renewal: API keys and tokens of service accounts"
    parser.add_argument("--credentials", action="store_true", help=words)
    parser.add_argument("--to", metavar="FOLDER", help="write one file per letter instead of printing")
    parser.add_argument("--format", choices=("text", "csv"), default="text", help="csv: a table for a mail merge")
    parser.add_argument("--reply-by", metavar="DATE", help=f"when you need the answer; default: in {_DAYS} days")
    parser.add_argument("--record", action="store_true", help="note on the tokens that their owners were asked")
    parser.add_argument("--template", action="store_true", help="print the template, to edit and use instead")
    json_option(parser, "print the letters as JSON; with --to, also which file each was written to")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    folder = settings.paths.config_file.parent
    kind = _kind(options)
    if options.to == "-":
        options.to = None  # standard output, as without it
    if options.json and (options.template or options.format == "csv"):
        raise UsageError("--json prints letters: leave out --template and --format csv.")
    if options.template:
        print(default_template(kind), end="", file=standard_output())
        print(f"To use your own text, save it as {folder / kind.file}", file=sys.stderr)
        return 0
    now = int(settings.now().timestamp())
    first = today(now)
    asked = {"asked_on": first.isoformat(), "reply_by": (first + timedelta(days=_DAYS)).isoformat()}
    if options.reply_by:
        asked["reply_by"] = parse_day(options.reply_by, now) or asked["reply_by"]
    if not options.filter.strip() and not options.renewal:
        raise UsageError("Add a filter for the tokens, such as purpose:none used:..30d.")
    with open_reader(settings) as reader:
        post = compose_letters(
            reader,
            kind,
            _ids(options, reader, kind, now),
            load_template(folder, kind),
            reply_by=asked["reply_by"],
            sender=settings.author or os_user(),
            now=now,
        )
    files: Sequence[Path] = ()
    if not options.json:
        _write(post, options)
    elif options.to:
        files = write_folder(post, Path(options.to))
    if options.renewal and reader.info is not None and now - reader.info.tokens_at > _OLD:
        old = f"The snapshot is {span(now - reader.info.tokens_at)} old, and so are these facts. Pull first."
        print(f"tokendesk: {old}", file=sys.stderr)
    for row, why in post.nobody:
        print(f"tokendesk: nobody to ask about {label_of(row)}: {printable(why)}.", file=sys.stderr)
    if options.record and post.letters:
        print(_record(settings, post, asked), file=sys.stderr)
    if options.json:
        print_json(_document(post, files, recorded=bool(options.record and post.letters)))
    return 0


def _kind(options: argparse.Namespace) -> LetterKind:
    if options.renewal:
        return RENEWALS["credentials" if options.credentials else "tokens"]
    if options.credentials:
        raise UsageError("--credentials needs --renewal: the other letters ask what tokens of users are for.")
    return OWNERS


def _ids(options: argparse.Namespace, reader: Reader, kind: LetterKind, now: int) -> Sequence[int]:
    """Return the rows to write about. Of a renewal, those that are due; how many others are left out is printed."""
    text = filter_text(options, reader.panes[kind.pane].fields)
    ids = reader.ids(Query(kind.pane, filter=text.strip() or NOT_ASKED_YET), now)
    if not options.renewal:
        return ids
    records = reader.records(kind.pane, ids)
    due = due_records(reader, kind.about, [records[row_id] for row_id in ids], now)
    if due.left_out:
        print(f"tokendesk: {due.words}", file=sys.stderr)
    wanted = set(due.records)
    return [row_id for row_id in ids if records[row_id] in wanted]


def _write(post: LetterBatch, options: argparse.Namespace) -> None:
    out = standard_output(as_written=options.format == "csv" and not options.to)
    if options.format == "csv" and options.to:
        path = write_csv(post, Path(options.to))
        print(f"Wrote {post.words} to {path}. Nothing was sent.")
    elif options.format == "csv":
        write_table(out, post)
    elif options.to:
        for written, letter in zip(write_folder(post, Path(options.to)), post.letters, strict=True):
            print(f"{written}  {letter.name}, {counted(len(letter.rows), post.kind.about)}")
        print(f"Wrote {post.words}. Nothing was sent.")
    else:
        for letter in post.letters:
            print(f"To: {letter.name}{f' <{printable(letter.email)}>' if letter.email else ''}\n{letter.text}\n{_CUT}")
        print(f"{post.words}. Nothing was sent.", file=sys.stderr)


def _document(post: LetterBatch, files: Sequence[Path], *, recorded: bool) -> "LettersDocument":
    record = post.kind.record
    written = map(str, files) if files else repeat(None, len(post.letters))
    return {
        "document": "letters",
        "version": 1,
        "about": "credential" if post.kind.about == "credential" else "token",
        "letters": [
            {
                "name": letter.name,
                "email": letter.email,
                "reply_by": letter.reply_by,
                "subject": letter.subject,
                "text": letter.body,
                "records": [row[record] for row in letter.rows],
                "file": file,
            }
            for letter, file in zip(post.letters, written, strict=True)
        ],
        "nobody": [{"record": row[record], "label": label_of(row), "why": why} for row, why in post.nobody],
        "recorded": recorded,
    }


def _record(settings: Settings, post: LetterBatch, asked: Mapping[str, str]) -> str:
    """Record that the owners were asked. It clears earlier answers and keeps decisions."""
    fields: Fields = {**asked, "answer": None}
    parts = (
        _parts(post.rows)
        if post.kind is OWNERS
        else [(rows, {"renewal": ASKED, "reply_by": day}) for day, rows in post.by_reply().items()]
    )
    items = [
        ("note", note_payload(post.kind.about, [row[post.kind.record] for row in part], {**fields, **more}))
        for part, more in parts
        if part
    ]
    with open_desk(settings) as desk:
        desk.append_all(items)
    people = len(post.letters)
    return f"Recorded {people:,} {'person' if people == 1 else 'people'} as asked. {undo_hint(settings)}"


def _parts(tokens: Sequence[Row]) -> Sequence[tuple[list[Row], dict[str, str]]]:
    undecided = [row for row in tokens if row["decision"] == "undecided"]
    decided = [row for row in tokens if row["decision"] != "undecided"]
    return [(undecided, {"decision": "ask"}), (decided, {})]
