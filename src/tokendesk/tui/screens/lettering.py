"""Letters to owners, out of the command palette: written as files, and recorded as asked. Nothing is sent."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError, UsageError
from tokendesk.model.text import clean
from tokendesk.paths import open_private
from tokendesk.tui.marks import Marks
from tokendesk.tui.reading import Reading
from tokendesk.tui.session import Session
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.views.query import Query

if TYPE_CHECKING:
    from textual.screen import Screen as _Base

    from tokendesk.reporting.letters import Post
else:
    _Base = object

REPLY_IN = "14d"
FORMS = ("letters", "table")


class Lettering(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen."""

    query_shown: Query
    session: Session
    _reading: Reading
    _settings: Settings
    _clock: Callable[[], int]
    _marks: Marks

    @property
    def rows(self) -> RecordList:
        raise NotImplementedError

    async def desk_changed(self) -> None:
        raise NotImplementedError

    @work
    async def letters(self) -> None:
        """Write to those who can say what the marked tokens, else those shown, are for."""
        from tokendesk.model.days import EXAMPLES, read_day
        from tokendesk.tui.screens.confirm import Confirm
        from tokendesk.tui.screens.form import Form, FormField

        if self.query_shown.pane != "tokens":
            self.notify("Letters are about tokens. Open them with 1 and narrow or mark them.", severity="warning")
            return
        marked = self._marks.of("tokens")
        ids = sorted(self._reading.near.rows_of("tokens", marked)) if marked else list(self.rows.ids)
        now = self._clock()
        reply_by = read_day(REPLY_IN, now) or ""
        try:
            post = await self._post(ids, reply_by)
        except TokendeskError as error:
            self.notify(str(error), severity="error", timeout=15)
            return
        if not post.letters:
            self.notify(
                f"Nobody can be asked about {'this token' if len(ids) == 1 else f'these {len(ids):,} tokens'}. "
                "e notes a contact.",
                severity="warning",
            )
            return
        asked, written = [reply_by], [Path()]

        async def save(fields: Mapping[str, str]) -> None:
            asked[0] = fields["reply_by"] or reply_by
            written[0] = _folder(fields["folder"])
            await self._write_letters(ids, written[0], fields["form"], asked[0])

        folder = Path.home() / f"letters-{read_day('today', now)}"
        people, tokens = len(post.letters), sum(len(letter.tokens) for letter in post.letters)
        nobody = f" Nobody can be asked about {len(post.nobody):,} more." if post.nobody else ""
        form = Form(
            "Letters to owners",
            [
                FormField("folder", "Folder", value=str(folder), hint="Made where it is not there yet."),
                FormField(
                    "form", "As", "choice", "letters", words=FORMS,
                    hint="letters: a text file for each; table: one letters.csv for a mail merge.",
                ),
                FormField("reply_by", "Reply by", "day", reply_by, hint=f"Stands in the letters: {EXAMPLES}."),
            ],
            save,
            now,
            about=f"{people:,} letter{_s(people)} about {tokens:,} token{_s(tokens)}.{nobody} Nothing is sent.",
            verb="Write",
            always=("folder", "form", "reply_by"),
        )  # fmt: skip
        if not await self.app.push_screen_wait(form):
            return
        whom = "owner" if people == 1 else "owners"
        record = await self.app.push_screen_wait(
            Confirm(
                "Letters written",
                f"{people:,} letter{_s(people)} stand in {written[0]}. Once they are on their way, "
                f"note on the {tokens:,} token{_s(tokens)} that their {whom} were asked.",
                f"Record {people:,} {whom} as asked",
            )
        )
        if record:
            await self._record_asked(post, asked[0], f"that {people:,} {whom} were asked")

    async def _post(self, ids: list[int], reply_by: str) -> "Post":
        from tokendesk.desk.entries import os_user
        from tokendesk.reporting.letters import letters, template_of

        settings, now = self._settings, self._clock()
        template = template_of(settings.places.config_file.parent)
        sender = settings.author or os_user()
        return await self._reading.ask(
            lambda reader: letters(reader, ids, template, reply_by=reply_by, sender=sender, now=now)
        )

    async def _write_letters(self, ids: list[int], folder: Path, form: str, reply_by: str) -> None:
        from tokendesk.reporting.letters import write_folder, write_table

        post = await self._post(ids, reply_by)

        def write() -> None:
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

        await asyncio.to_thread(write)

    async def _record_asked(self, post: "Post", reply_by: str, words: str) -> None:
        """Note that they were asked; what is decided stays decided."""
        from tokendesk.model.days import read_day

        fields: dict[str, str | bool | None] = {
            "asked_on": read_day("today", self._clock()), "reply_by": reply_by, "answer": None,
        }  # fmt: skip
        rows = [row for letter in post.letters for row in letter.tokens]
        undecided = [row["token_id"] for row in rows if row["decision"] == "undecided"]
        decided = [row["token_id"] for row in rows if row["decision"] != "undecided"]
        parts = [(undecided, {**fields, "decision": "ask"}), (decided, fields)]
        try:
            await self.session.notes("token", [part for part in parts if part[0]], words)
        except TokendeskError as error:
            self.notify(str(error), severity="error", timeout=10)
            return
        await self.desk_changed()
        self.notify(f"Recorded {clean(words)}. u takes it back.")


def _folder(text: str) -> Path:
    return Path(text.strip()).expanduser()


def _s(count: int) -> str:
    return "" if count == 1 else "s"
