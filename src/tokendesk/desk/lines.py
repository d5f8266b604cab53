"""Entries as lines of JSON, for sharing: written, and read back if they match their ids."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from tokendesk.desk.bounds import (
    DEEPEST,
    FIRST_TIME,
    LAST_SEQUENCE,
    LAST_TIME,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_MEMBERS,
)  # fmt: skip
from tokendesk.desk.entry import Entry, ReadEntry, read_entry
from tokendesk.desk.json_text import canonical, canonical_of_decoded, decoded_strictly
from tokendesk.errors import UsageError
from tokendesk.json_bounds import JsonTooLarge, check_json
from tokendesk.model.bounds import LINE_BYTES
from tokendesk.stopping import check_stopped

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z\Z")
_BOM = b"\xef\xbb\xbf"
_NAMES = {"id", "desk", "sequence", "time", "author", "kind", "payload"}
_FORMAT = 1
_PART = 1024 * 1024
"""Bytes of a line that are read at once."""


@dataclass(frozen=True, slots=True)
class InvalidLine:
    """A line that is not an entry, or was edited. `where`: its number, from 1."""

    where: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.where:,}: {self.reason}"


def head_line(desk_id: str, org_id: str | None) -> str:
    """Return the first line of a file of entries: its format and organization."""
    return canonical({"tokendesk": "entries", "format": _FORMAT, "desk": desk_id, "org": org_id})


def is_head(line: str) -> bool:
    """Return whether a line is the first one of a file of entries."""
    value = _decoded(line)
    return isinstance(value, dict) and value.get("tokendesk") == "entries"


def entry_line(entry: Entry) -> str:
    if isinstance(entry, ReadEntry) and type(entry.sequence) is int:
        return (
            f'{{"author":{canonical(entry.author)},"desk":{canonical(entry.desk_id)},"id":"{entry.known_id}",'
            f'"kind":{canonical(entry.kind)},"payload":{entry.text},"sequence":{entry.sequence},'
            f'"time":{canonical(entry.time)}}}'
        )
    return canonical(
        {
            "id": entry.entry_id,
            "desk": entry.desk_id,
            "sequence": entry.sequence,
            "time": entry.time,
            "author": entry.author,
            "kind": entry.kind,
            "payload": entry.payload,
        }
    )


def file_lines(file: BinaryIO, *, until_last_end: bool = False) -> Iterator[str]:
    """Yield the lines of a file, without their ends, one at a time.

    A line that is longer than any entry, or has more members, is cut, which makes it invalid. `until_last_end`: omit a
    last line without a line end.
    """
    first = True
    while line := _read_line(file):
        ended = line.endswith(b"\n")
        while not ended and len(line) > LINE_BYTES:  # skip the rest of it
            rest = file.readline(_PART)
            ended = rest.endswith(b"\n")
            if ended or not rest:
                break
        if not ended and until_last_end:
            return
        if first:
            line, first = line.removeprefix(_BOM), False
        if line.endswith(b"\n"):
            del line[-1:]
        text = _text_of(line)
        line.clear()  # twice an entry of the greatest length would be much memory
        yield text
        text = ""


def _read_line(file: BinaryIO) -> bytearray:
    """Return the next line of a file with its end, or the part of it that is longer than any entry."""
    # In parts: a whole line would take twice its memory meanwhile.
    line = bytearray(file.readline(_PART))
    while len(line) >= _PART and not line.endswith(b"\n"):
        part = file.readline(min(_PART, LINE_BYTES + 1 - len(line)))
        if not part:
            break
        line += part
    return line


def _text_of(line: bytearray) -> str:
    """Return a line as text; only its beginning if it has more members than any entry, or is nested deeper."""
    if len(line) > MOST_MEMBERS:
        try:
            check_json(line, members=MOST_MEMBERS, depth=DEEPEST)
        except JsonTooLarge:
            line = line[:1]
    return line.decode("utf-8", "replace")


def read_lines(lines: Iterable[str], org_id: str | None) -> Iterator[Entry | InvalidLine]:
    """Yield the entries in `lines`.

    Raises UsageError if they are of another organization, or not entries.

    `org_id`: the organization of the reading desk; None if it is not bound yet.
    """
    is_checked = False
    for number, line in enumerate(lines, 1):
        check_stopped()
        if is_checked and _is_too_long(line):
            yield InvalidLine(number, "longer than any entry")
            continue
        if not line.strip():
            continue
        value = _decoded(line)
        if not is_checked:
            is_checked = True
            head = value if isinstance(value, dict) else {}
            if not head or not is_head(line):
                raise UsageError("This is not a file of tokendesk's entries. Make one with: tokendesk notes export")
            if head.get("format") != _FORMAT:
                raise UsageError("This file was written by a newer tokendesk. Update tokendesk to read it.")
            if org_id and head.get("org") and head["org"] != org_id:
                raise UsageError(
                    f"This file has entries of organization {str(head['org'])[:64]!r}, not of {org_id}. "
                    "Use that organization's profile: --profile NAME."
                )
            continue
        if value is _TOO_DEEP:
            yield InvalidLine(number, f"nested more than {DEEPEST} deep")
            continue
        yield _entry(value, number)


def organization_of(line: str) -> str | None:
    """Return the organization named in the first line of a file."""
    head = _decoded(line)
    org_id = head.get("org") if isinstance(head, dict) else None
    return org_id if isinstance(org_id, str) and org_id else None


def _is_too_long(line: str) -> bool:
    # A character takes at most four bytes.
    return 4 * len(line) > LINE_BYTES and len(line.encode("utf-8", "surrogatepass")) > LINE_BYTES


_TOO_DEEP = object()


def _decoded(line: str) -> Any:
    """Return the value of a line; None if it is not JSON, _TOO_DEEP if it is nested too deep to be handled anywhere."""
    if _is_too_long(line):
        return None
    try:
        value = decoded_strictly(line)
    except RecursionError:
        return _TOO_DEEP
    except ValueError:
        return None
    return _TOO_DEEP if line.count("[") + line.count("{") > DEEPEST and _is_deep(value) else value


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST + 1):
        inner = (each.values() if type(each) is dict else each for each in level if type(each) in (dict, list))
        level = [each for values in inner for each in values]
        if not level:
            return False
    return True


def _entry(value: Any, number: int) -> Entry | InvalidLine:
    if not isinstance(value, dict) or value.keys() != _NAMES:
        return InvalidLine(number, "not an entry")
    desk_id, sequence, time, author = value["desk"], value["sequence"], value["time"], value["author"]
    kind, payload, entry_id = value["kind"], value["payload"], value["id"]
    if (
        not type(desk_id) is type(author) is type(kind) is type(time) is type(entry_id) is str
        or type(payload) is not dict
    ):
        return InvalidLine(number, "not an entry")
    if type(sequence) is not int or not 1 <= sequence <= LAST_SEQUENCE or not desk_id:
        return InvalidLine(number, "not an entry")
    if max(len(desk_id), len(author), len(kind)) > LONGEST_NAME:
        return InvalidLine(number, "a name in it is too long")
    if not _is_time(time):
        return InvalidLine(number, "its time is not a time")
    try:
        text = canonical_of_decoded(payload)
        if len(text) > LONGEST_TEXT and _has_long_text(payload):
            return InvalidLine(number, "a text in it is too long")
        entry = read_entry(desk_id, sequence, time, author, kind, payload, text=text)
    except (ValueError, RecursionError):  # a lone surrogate is not text
        entry = None
    if entry is None or entry.known_id != entry_id:
        return InvalidLine(number, f"entry {sequence} of desk {desk_id} was edited: it does not match its id")
    return entry


def _is_time(text: str) -> bool:
    try:
        return bool(_TIME.match(text)) and FIRST_TIME <= text <= LAST_TIME and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def _has_long_text(payload: Mapping[str, Any]) -> bool:
    """Return whether a field is longer than tokendesk allows."""
    fields = payload.get("fields")
    if not isinstance(fields, Mapping):
        return False
    return any(
        len(name) > LONGEST_TEXT or (isinstance(value, str) and len(value) > LONGEST_TEXT)
        for name, value in fields.items()
    )
