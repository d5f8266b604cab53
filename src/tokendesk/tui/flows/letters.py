"""Writes letters to owners as files, and records the owners as asked. Sends nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tokendesk.errors import UsageError
from tokendesk.model.text import printable
from tokendesk.paths import open_private
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Notice, Outcome, Refresh, Ui, refused
from tokendesk.tui.flows.subjects import marked_or_shown
from tokendesk.tui.selection import Selection

if TYPE_CHECKING:
    from tokendesk.reporting.letters import LetterBatch

REPLY_IN = "14d"
FORMS = ("letters", "table")


async def write_letters(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Write to the owners of the marked tokens, else of the tokens shown."""
    from tokendesk.model.dates import EXAMPLES, read_day
    from tokendesk.tui.screens.confirm import Confirm
    from tokendesk.tui.screens.form import Form, FormField

    records = await marked_or_shown(ctx, selection)
    now = ctx.now()
    reply_by = read_day(REPLY_IN, now) or ""
    post = await _post(ctx, records, reply_by)
    if not post.letters:
        these = "this token" if len(records) == 1 else f"these {len(records):,} tokens"
        return refused(f"Nobody can be asked about {these}. e records a contact.")
    asked, written, posts = [reply_by], [Path()], [post]

    async def save(fields: Mapping[str, str]) -> None:
        asked[0] = fields["reply_by"] or reply_by
        written[0] = _folder(fields["folder"])
        post = await _post(ctx, records, asked[0])
        posts[:] = [post]
        await asyncio.to_thread(_write, post, written[0], fields["form"], asked[0])

    folder = Path.home() / f"letters-{read_day('today', now)}"
    people, tokens = len(post.letters), sum(len(letter.tokens) for letter in post.letters)
    nobody = f" Nobody can be asked about {len(post.nobody):,} more." if post.nobody else ""
    form = Form(
        "Letters to owners",
        [
            FormField("folder", "Folder", value=str(folder), hint="Created if it does not exist."),
            FormField(
                "form", "As", "choice", "letters", words=FORMS,
                hint="letters: a text file for each; table: one letters.csv for a mail merge.",
            ),
            FormField("reply_by", "Reply by", "day", reply_by, hint=f"Written in the letters: {EXAMPLES}."),
        ],
        save,
        now,
        about=f"{people:,} letter{_s(people)} about {tokens:,} token{_s(tokens)}.{nobody} Nothing is sent.",
        verb="Write",
        always=("folder", "form", "reply_by"),
    )  # fmt: skip
    if not await ui.ask(form):
        return NOTHING
    whom = "owner" if people == 1 else "owners"
    confirm = Confirm(
        "Letters written",
        f"{people:,} letter{_s(people)} written to {written[0]}. Once you have sent them, "
        f"note on the {tokens:,} token{_s(tokens)} that their {whom} were asked.",
        f"Record {people:,} {whom} as asked",
    )
    if not await ui.ask(confirm):
        return NOTHING
    return await _record_asked(ctx, posts[0], asked[0], f"that {people:,} {whom} were asked")


async def _post(ctx: AppContext, records: Sequence[str], reply_by: str) -> "LetterBatch":
    from tokendesk.desk.author import os_user
    from tokendesk.reporting.letters import compose_letters, load_template

    template = load_template(ctx.settings.paths.config_file.parent)
    sender, now = ctx.settings.author or os_user(), ctx.now()
    return await ctx.store.query(
        lambda reader: compose_letters(
            reader, sorted(reader.rows_of("tokens", records)), template, reply_by=reply_by, sender=sender, now=now
        )
    )


def _write(post: "LetterBatch", folder: Path, form: str, reply_by: str) -> None:
    from tokendesk.reporting.letters import write_folder, write_table

    if form == "letters":
        write_folder(post, folder)
        return
    path = folder / "letters.csv"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open_private(path, must_be_new=True, newline="") as out:
            write_table(out, post, reply_by)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}. Choose another folder.") from error


async def _record_asked(ctx: AppContext, post: "LetterBatch", reply_by: str, words: str) -> Outcome:
    """Record that the owners were asked, without changing decisions."""
    from tokendesk.model.dates import read_day

    fields: dict[str, str | bool | None] = {
        "asked_on": read_day("today", ctx.now()), "reply_by": reply_by, "answer": None,
    }  # fmt: skip
    rows = [row for letter in post.letters for row in letter.tokens]
    undecided = [row["token_id"] for row in rows if row["decision"] == "undecided"]
    decided = [row["token_id"] for row in rows if row["decision"] != "undecided"]
    parts = [(undecided, {**fields, "decision": "ask"}), (decided, fields)]
    await ctx.desk.notes("token", [part for part in parts if part[0]], words)
    return Outcome(Refresh.DESK, notice=Notice(f"Recorded {printable(words)}. u takes it back."))


def _folder(text: str) -> Path:
    return Path(text.strip()).expanduser()


def _s(count: int) -> str:
    return "" if count == 1 else "s"
