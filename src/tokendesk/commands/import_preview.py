"""Previews what an import would change."""

from collections.abc import Iterable, Sequence

from tokendesk.desk.merging import Difference
from tokendesk.desk.note_fields import TAG
from tokendesk.model.counting import counted
from tokendesk.model.text import printable
from tokendesk.views.notes import names_of
from tokendesk.views.reader import Reader

_NOTED = ("token", "user", "credential")
_MAX_SHOWN = 20
_MAX_LENGTH = 60


def preview_lines(
    reader: Reader,
    fresh: Sequence[tuple[str, str]],
    changed: Sequence[Difference],
    conflicting: Sequence[Difference],
    subjects: Iterable[tuple[str, str]],
) -> list[str]:
    """List new, overwritten, conflicting and unknown fields; overwritten and conflicting ones one by one."""
    lines = []
    if fresh:
        lines.append(f"New: {_count_subjects(fresh)}.")
    if changed:
        lines.append(f"Overwritten: {counted(len(changed), 'field')}.")
        lines += [f"  {_describe_field(reader, one)}: {_short(one.ours)} → {_short(one.theirs)}" for one in changed]
    if conflicting:
        lines.append(f"Conflicting: {counted(len(conflicting), 'field')}, this desk's values are newer and are kept.")
        lines += [
            f"  {_describe_field(reader, one)}: {_short(one.ours)} (in the file: {_short(one.theirs)})"
            for one in conflicting
        ]
    if unknown := unknown_subjects(reader, subjects):
        lines.append(f"Unknown here: {_count_subjects(unknown)}, not in any pull of this profile.")
        lines += [f"  {printable(subject)}" for _, subject in unknown[:_MAX_SHOWN]]
        if len(unknown) > _MAX_SHOWN:
            lines.append(f"  … and {len(unknown) - _MAX_SHOWN:,} more")
    return lines


def unknown_subjects(reader: Reader, subjects: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what is in no pull of this profile; empty before the first pull."""
    if reader.info is None:
        return []
    return [subject for subject in subjects if subject[0] != "policy" and not names_of(reader, *_note_subject(subject))]


def _note_subject(subject: tuple[str, str]) -> tuple[str, list[str]]:
    about, record = subject
    return (about if about in _NOTED else "token"), [record]


def _count_subjects(subjects: Sequence[tuple[str, str]]) -> str:
    counts = {about: sum(one[0] == about for one in subjects) for about in (*_NOTED, "policy")}
    many = {"policy": "policies"}
    return ", ".join(counted(n, about, many.get(about, "")) for about, n in counts.items() if n)


def _describe_field(reader: Reader, difference: Difference) -> str:
    about, record, name = difference.place
    known = names_of(reader, about, [record]) if about in (*_NOTED, "policy") else {}
    field = f"tag {name.removeprefix(TAG)}" if name.startswith(TAG) else name.replace("_", " ")
    return f"{printable(known.get(record, record))} · {printable(field)}"


def _short(value: str | None) -> str:
    if value is None:
        return "none"
    text = printable(value)
    return text if len(text) <= _MAX_LENGTH else text[:_MAX_LENGTH] + "…"
