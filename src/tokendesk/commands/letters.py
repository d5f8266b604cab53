"""`tokendesk letters`: letters to owners about their tokens. Nothing is sent."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from tokendesk.commands.arguments import filter_argument, filter_text
from tokendesk.commands.desk_access import open_desk, open_reader, parse_day, undo_hint
from tokendesk.commands.stdout import standard_output
from tokendesk.config import Settings, load_settings
from tokendesk.desk.author import os_user
from tokendesk.desk.notes import note_payload
from tokendesk.errors import UsageError
from tokendesk.model.dates import today
from tokendesk.model.text import printable
from tokendesk.paths import open_private
from tokendesk.reporting.letters import (
    LetterBatch,
    compose_letters,
    default_template,
    load_template,
    write_folder,
    write_table,
)
from tokendesk.views.query import Query
from tokendesk.views.reader import Row

_DAYS = 14
_CUT = "-" * 72


def options(parser: argparse.ArgumentParser) -> None:
    filter_argument(parser, "purpose:none used:..30d -is:waiting")
    parser.add_argument("--to", metavar="FOLDER", help="write one file per letter instead of printing")
    parser.add_argument("--format", choices=("text", "csv"), default="text", help="csv: a table for a mail merge")
    parser.add_argument("--reply-by", metavar="DATE", help=f"when you need the answer; default: in {_DAYS} days")
    parser.add_argument("--record", action="store_true", help="note on the tokens that their owners were asked")
    parser.add_argument("--template", action="store_true", help="print the template, to edit as letter.txt")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    folder = settings.paths.config_file.parent
    if options.template:
        print(default_template(), end="", file=standard_output())
        print(f"To use your own text, save it as {folder / 'letter.txt'}", file=sys.stderr)
        return 0
    now = int(settings.now().timestamp())
    first = today(now)
    asked = {"asked_on": first.isoformat(), "reply_by": (first + timedelta(days=_DAYS)).isoformat()}
    if options.reply_by:
        asked["reply_by"] = parse_day(options.reply_by, now) or asked["reply_by"]
    if not options.filter.strip():
        raise UsageError("Add a filter for the tokens, such as purpose:none used:..30d.")
    with open_reader(settings) as reader:
        post = compose_letters(
            reader,
            reader.ids(Query("tokens", filter=filter_text(options, reader.panes["tokens"].fields)), now),
            load_template(folder),
            reply_by=asked["reply_by"],
            sender=settings.author or os_user(),
            now=now,
        )
    _write(post, options, asked["reply_by"])
    for row, why in post.nobody:
        print(
            f"tokendesk: nobody to ask about {printable(row['label']) or '(no label)'}: {printable(why)}.",
            file=sys.stderr,
        )
    if options.record and post.letters:
        print(_record(settings, post, asked), file=sys.stderr)
    return 0


def _write(post: LetterBatch, options: argparse.Namespace, reply_by: str) -> None:
    out = standard_output(as_written=options.format == "csv" and not options.to)
    tokens = sum(len(letter.tokens) for letter in post.letters)
    count = f"{len(post.letters):,} letter{'s' * (len(post.letters) != 1)} about {tokens:,} token{'s' * (tokens != 1)}"
    if options.format == "csv" and options.to:
        path = Path(options.to) / "letters.csv"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with open_private(path, must_be_new=True, newline="") as file:
                write_table(file, post, reply_by)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}. Choose another folder.") from error
        print(f"Wrote {count} to {path}. Nothing was sent.")
    elif options.format == "csv":
        write_table(out, post, reply_by)
    elif options.to:
        for written, letter in zip(write_folder(post, Path(options.to)), post.letters, strict=True):
            print(f"{written}  {letter.name}, {len(letter.tokens):,} token{'s' * (len(letter.tokens) != 1)}")
        print(f"Wrote {count}. Nothing was sent.")
    else:
        for letter in post.letters:
            print(f"To: {letter.name}{f' <{printable(letter.email)}>' if letter.email else ''}\n{letter.text}\n{_CUT}")
        print(f"{count}. Nothing was sent.", file=sys.stderr)


def _record(settings: Settings, post: LetterBatch, asked: Mapping[str, str]) -> str:
    """Record that the owners were asked. It clears earlier answers and keeps decisions."""
    tokens = [row for letter in post.letters for row in letter.tokens]
    fields = {**asked, "answer": None}
    items = [
        ("note", note_payload("token", [row["token_id"] for row in part], {**fields, **more}))
        for part, more in _parts(tokens)
        if part
    ]
    with open_desk(settings) as desk:
        desk.append_all(items)
    people = len(post.letters)
    return f"Recorded {people:,} {'person' if people == 1 else 'people'} as asked. {undo_hint(settings)}"


def _parts(tokens: Sequence[Row]) -> list[tuple[list[Row], dict[str, str]]]:
    undecided = [row for row in tokens if row["decision"] == "undecided"]
    decided = [row for row in tokens if row["decision"] != "undecided"]
    return [(undecided, {"decision": "ask"}), (decided, {})]
