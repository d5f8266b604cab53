"""Writes letters to owners as files, and records the owners as asked. Sends nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tokendesk.model.counting import counted
from tokendesk.model.text import printable
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Notice, Outcome, Refresh, Ui, refused
from tokendesk.tui.flows.subjects import marked_or_shown
from tokendesk.tui.selection import Selection

if TYPE_CHECKING:
    from tokendesk.reporting.letters import LetterBatch, LetterKind

REPLY_IN = "14d"
FORMS = ("letters", "table")


class WrittenLetters(NamedTuple):
    """Letters that were written, and that somebody confirmed to record. `whom`: `3 owners were`."""

    post: "LetterBatch"
    reply_by: str
    whom: str


async def write_letters(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Write to the owners of the marked tokens, else of the tokens shown."""
    from tokendesk.reporting.letters import OWNERS

    records = await marked_or_shown(ctx, selection)
    form = LettersForm(ctx, OWNERS, records, "Letters to owners", "letters", "owner")
    if nobody := await form.find_nobody():
        return refused(nobody)
    written = await form.ask(ui)
    if written is None:
        return NOTHING
    return await _record_asked(ctx, written, f"that {written.whom} asked")


class LettersForm:
    """Asks where to write letters of a kind about `records`, writes them, and asks whether to record that.

    `folder`: how the suggested folder begins; `person`: who is asked.
    """

    def __init__(
        self, ctx: AppContext, kind: "LetterKind", records: Sequence[str], title: str, folder: str, person: str
    ) -> None:
        from tokendesk.model.dates import read_day

        self._ctx, self._kind, self._records, self._title, self._person = ctx, kind, records, title, person
        self._now = ctx.now()
        self._folder = Path.home() / f"{folder}-{read_day('today', self._now)}"
        self._reply_by = read_day(REPLY_IN, self._now) or ""
        self._post: LetterBatch | None = None

    async def find_nobody(self) -> str:
        """Return a sentence if nobody can be asked, with the next step; empty if somebody can."""
        self._post = post = await self._compose(self._reply_by)
        if post.letters:
            return ""
        count, about = len(self._records), self._kind.about
        these = f"this {about}" if count == 1 else f"these {counted(count, about)}"
        why = f": {printable(post.nobody[0][1])}" if len(post.nobody) == 1 else ""
        return f"Nobody can be asked about {these}{why}. e records a contact."

    async def ask(self, ui: Ui, left_out: str = "") -> WrittenLetters | None:
        """Return what was written; None if nothing was, or is not to be recorded. `left_out`: a sentence."""
        from tokendesk.model.dates import EXAMPLES
        from tokendesk.tui.screens.confirm import Confirm
        from tokendesk.tui.screens.form import Form, FormField

        post = self._post or await self._compose(self._reply_by)
        written = [(post, self._reply_by, self._folder)]

        async def save(fields: Mapping[str, str]) -> None:
            reply_by, folder = fields["reply_by"] or self._reply_by, _folder(fields["folder"])
            post = await self._compose(reply_by)
            written[:] = [(post, reply_by, folder)]
            await asyncio.to_thread(_write, post, folder, fields["form"])

        nobody = f"Nobody can be asked about {len(post.nobody):,} more." if post.nobody else ""
        is_sooner = any(letter.reply_by < self._reply_by for letter in post.letters)
        sooner = "Where something ends sooner, the answer is due the day before." if is_sooner else ""
        form = Form(
            self._title,
            [
                FormField("folder", "Folder", value=str(self._folder), hint="Created if it does not exist."),
                FormField(
                    "form", "As", "choice", "letters", words=FORMS,
                    hint="letters: a text file for each; table: one letters.csv for a mail merge.",
                ),
                FormField("reply_by", "Reply by", "day", self._reply_by, hint=f"Written in the letters: {EXAMPLES}."),
            ],
            save,
            self._now,
            about=" ".join(filter(None, (f"{post.words}.", nobody, left_out, sooner, "Nothing is sent."))),
            verb="Write",
            always=("folder", "form", "reply_by"),
        )  # fmt: skip
        if not await ui.ask(form):
            return None
        post, reply_by, folder = written[0]
        people, about = len(post.letters), counted(len(post.rows), self._kind.about)
        whom, were = (self._person, "was") if people == 1 else (f"{self._person}s", "were")
        confirm = Confirm(
            "Letters written",
            f"{counted(people, 'letter')} written to {folder}. Once you have sent them, "
            f"note on the {about} that their {whom} {were} asked.",
            f"Record {people:,} {whom} as asked",
        )
        return WrittenLetters(post, reply_by, f"{people:,} {whom} {were}") if await ui.ask(confirm) else None

    async def _compose(self, reply_by: str) -> "LetterBatch":
        from tokendesk.desk.author import os_user
        from tokendesk.reporting.letters import compose_letters, load_template

        kind = self._kind
        template = load_template(self._ctx.settings.paths.config_file.parent, kind)
        sender = self._ctx.settings.author or os_user()
        return await self._ctx.store.query(
            lambda reader: compose_letters(
                reader, kind, sorted(reader.rows_of(kind.pane, self._records)), template,
                reply_by=reply_by, sender=sender, now=self._now,
            )
        )  # fmt: skip


def _folder(text: str) -> Path:
    return Path(text.strip()).expanduser()


def _write(post: "LetterBatch", folder: Path, form: str) -> None:
    from tokendesk.reporting.letters import write_csv, write_folder

    if form == "letters":
        write_folder(post, folder)
    else:
        write_csv(post, folder)


async def _record_asked(ctx: AppContext, written: WrittenLetters, words: str) -> Outcome:
    """Record that the owners were asked, without changing decisions."""
    from tokendesk.model.dates import read_day

    fields: dict[str, str | bool | None] = {
        "asked_on": read_day("today", ctx.now()), "reply_by": written.reply_by, "answer": None,
    }  # fmt: skip
    rows = written.post.rows
    undecided = [row["token_id"] for row in rows if row["decision"] == "undecided"]
    decided = [row["token_id"] for row in rows if row["decision"] != "undecided"]
    parts = [(undecided, {**fields, "decision": "ask"}), (decided, fields)]
    await ctx.desk.notes("token", [part for part in parts if part[0]], words)
    return Outcome(Refresh.DESK, notice=Notice(f"Recorded {printable(words)}. u takes it back."))
