"""Writes letters about tokens or credentials, one letter per contact. Nothing is sent."""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TextIO

from tokendesk.errors import UsageError
from tokendesk.input_files import read_text
from tokendesk.model.bounds import LETTER_BYTES
from tokendesk.model.counting import counted
from tokendesk.model.text import fold, printable
from tokendesk.model.timestamps import ago, day, is_unread, iso_day
from tokendesk.model.token_reach import FOR_BITBUCKET, MAY_NOT_STOP, NOT_TOLD
from tokendesk.paths import open_private
from tokendesk.reporting.spreadsheets import guard
from tokendesk.views.notes import contact_of
from tokendesk.views.reader import Reader, Row

PLACES = ("name", "email", "organization", "count", "tokens", "reply_by", "sender")
"""The placeholders of a template, each after a `$`."""
_COLUMNS = ("name", "email", "tokens", "labels", "reply_by", "subject", "text")
_PART = 500


@dataclass(frozen=True, slots=True)
class LetterKind:
    """What letters are about, and how they say it.

    `file`: the name of the template, built in and of the admin; `about`: token or credential, in the rows of `pane`.
    `count`: words for how many; `describe`: the lines of a row in a letter to the contact of this name, at a time.
    `more`: values of further places of the template.
    """

    file: str
    about: str
    pane: str
    record: str
    """The column of the id under which notes refer to a row."""
    count: Callable[[Sequence[Row]], str]
    describe: Callable[[Reader, Row, str, int], str]
    places: tuple[str, ...] = PLACES
    more: Callable[[Sequence[Row]], Mapping[str, str]] = lambda _: {}
    reply_by: Callable[[Sequence[Row], str, int], str] = lambda rows, wanted, now: wanted
    """Returns the day (ISO) by which the contact of these rows is to answer, if `wanted` is not too late."""


@dataclass(frozen=True, slots=True)
class Letter:
    name: str
    email: str | None
    rows: tuple[Row, ...]
    text: str
    reply_by: str
    """An ISO day."""

    @property
    def subject(self) -> str:
        """The first line, if the template starts with `Subject:`."""
        first = self.text.partition("\n")[0]
        return first.removeprefix("Subject:").strip() if first.startswith("Subject:") else ""

    @property
    def body(self) -> str:
        return self.text.partition("\n")[2].lstrip("\n") if self.subject else self.text

    def file_name(self, number: int) -> str:
        """Return a safe name: text from outside must not become a path."""
        words = re.findall(r"[a-z0-9]+", fold((self.email or self.name).partition("@")[0]))
        return f"{number:03}-{'-'.join(words)[:40].strip('-') or 'letter'}.txt"


@dataclass(frozen=True, slots=True)
class LetterBatch:
    """`letters`, by name, and the rows without a contact, each with the reason."""

    kind: LetterKind
    letters: tuple[Letter, ...]
    nobody: tuple[tuple[Row, str], ...]

    @property
    def rows(self) -> list[Row]:
        return [row for letter in self.letters for row in letter.rows]

    def by_reply(self) -> dict[str, list[Row]]:
        """Return the rows by the day by which somebody is to answer about them."""
        found: dict[str, list[Row]] = {}
        for letter in self.letters:
            found.setdefault(letter.reply_by, []).extend(letter.rows)
        return found

    @property
    def words(self) -> str:
        """`2 letters about 3 tokens`."""
        return f"{counted(len(self.letters), 'letter')} about {counted(len(self.rows), self.kind.about)}"


def default_template(kind: LetterKind) -> str:
    return Path(__file__).with_name(kind.file).read_text("utf-8")


def load_template(folder: Path, kind: LetterKind) -> Template:
    """Return the admin's template in `folder`, or the built-in one."""
    path = folder / kind.file
    try:
        text = read_text(path, LETTER_BYTES, encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return Template(default_template(kind))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Fix it, or move it away.") from error
    template = Template(text)
    if not template.is_valid():
        raise UsageError(f"{path} contains a single $. Write $$ for a dollar sign.")
    unknown = [name for name in template.get_identifiers() if name not in kind.places]
    if unknown:
        raise UsageError(f"{path} contains the unknown placeholder ${unknown[0]}. Use: ${', $'.join(kind.places)}.")
    return template


def compose_letters(
    reader: Reader, kind: LetterKind, ids: Sequence[int], template: Template, *, reply_by: str, sender: str, now: int
) -> LetterBatch:  # fmt: skip
    """Compose one letter for each contact of the rows `ids`. `reply_by`: an ISO day."""
    by: dict[tuple[str, str | None], list[Row]] = {}
    nobody: list[tuple[Row, str]] = []
    for start in range(0, len(ids), _PART):
        part = ids[start : start + _PART]
        rows = reader.window(reader.panes[kind.pane], part, now)
        for row in (rows[row_id] for row_id in part if row_id in rows):
            if (row["status"] or "").upper() == "REVOKED":
                continue  # nothing left to ask about
            contact = contact_of(reader, row)
            if contact.text:
                by.setdefault((contact.text, contact.email and contact.email.casefold()), []).append(row)
            else:
                nobody.append((row, contact.why))
    organization = printable(reader.info.org_name or reader.info.org_id) if reader.info else ""
    written = []
    for (name, email), about in sorted(by.items(), key=lambda one: fold(one[0][0])):
        day = kind.reply_by(about, reply_by, now)
        greeted = printable(re.sub(r"<[^<>]*@[^<>]*>", "", name).strip() or name)
        text = template.substitute(
            name=greeted,
            email=printable(email or ""),
            organization=organization,
            count=kind.count(about),
            tokens="\n\n".join(kind.describe(reader, row, name, now) for row in about),
            reply_by=iso_day(day),
            sender=printable(sender),
            **kind.more(about),
        )
        written.append(Letter(greeted, email, tuple(about), text, day))
    return LetterBatch(kind, tuple(written), tuple(nobody))


def label_of(row: Row) -> str:
    return printable(row["label"] if "label" in row else row["name"]) or "(no label)"


def moment_words(moment: int | None, sent: str | None, now: int) -> str:
    """Return the day and how long ago; empty if there is none, and `not known` if it cannot be read."""
    if moment is not None:
        return f"{day(moment)} ({ago(moment, now)})"
    return "not known" if is_unread(moment, sent) else ""


def _describe_token(_: Reader, row: Row, name: str, now: int) -> str:
    used = moment_words(row["last_used"], row["last_used_text"], now) or "never seen"
    ends = moment_words(row["expires"], row["expires_text"], now) or "never"
    lines = [f"- {label_of(row)}", f"  last used: {used}", f"  expires:   {ends}"]
    lines.append(f"  reaches:   {printable(row['reach_words'])}")
    if row["stops"] in _MIND:
        lines.append(f"  note:      {_MIND[row['stops']]}")
    if row["owner"] and row["owner"] != name:
        lines.insert(1, f"  owner:     {printable(row['owner'])}")
    return "\n".join(lines)


def count_tokens(tokens: Sequence[Row]) -> str:
    return counted(len(tokens), "API token")


_MIND = {
    MAY_NOT_STOP: f"{FOR_BITBUCKET}; only revoking is certain to stop this one",
    NOT_TOLD: "whether a policy that blocks tokens stops this one cannot be told",
}
OWNERS = LetterKind("letter.txt", "token", "tokens", "token_id", count_tokens, _describe_token)
"""Letters that ask owners what their tokens are for."""


def write_folder(post: LetterBatch, folder: Path) -> list[Path]:
    """Write each letter to its own file. If any of the files exists, nothing is written."""
    paths = [folder / letter.file_name(number) for number, letter in enumerate(post.letters, 1)]
    taken = next((path for path in paths if path.exists()), None)
    if taken is not None:
        raise UsageError(f"{taken} is there already, and was not overwritten. Choose another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, letter in zip(paths, post.letters, strict=True):
            with open_private(path, must_be_new=True) as file:
                file.write(letter.text)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}. Choose another folder.") from error
    return paths


def write_csv(post: LetterBatch, folder: Path) -> Path:
    """Write `letters.csv` in `folder`, and return its path. It is not overwritten."""
    path = folder / "letters.csv"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open_private(path, must_be_new=True, newline="") as file:
            write_table(file, post)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}. Choose another folder.") from error
    return path


def write_table(out: TextIO, post: LetterBatch) -> None:
    """Write one row per letter, for a mail merge."""
    writer = csv.writer(out, lineterminator="\r\n")  # so that line breaks of both kinds are quoted
    writer.writerow(_COLUMNS)
    for letter in post.letters:
        labels = "; ".join(map(label_of, letter.rows))
        cells = (
            letter.name,
            letter.email or "",
            str(len(letter.rows)),
            labels,
            letter.reply_by,
            letter.subject,
            letter.body,
        )
        writer.writerow([guard(cell) for cell in cells])
