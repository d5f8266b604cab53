"""Reads the initial values of the note form: current values, and values used before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tokendesk.desk.note_fields import FIELDS
from tokendesk.views.policies import PolicyChoice
from tokendesk.views.reader import Reader


@dataclass(frozen=True, slots=True)
class Shared:
    """One field of several notes. `various`: they differ, and `value` is empty."""

    value: str = ""
    various: bool = False


@dataclass(frozen=True, slots=True)
class SharedNote:
    fields: Mapping[str, Shared]
    tags: tuple[str, ...]
    """Tags that all of them have."""
    more_tags: bool
    """Whether some have other tags."""


_PART = 500


def shared_note(reader: Reader, about: str, records: Sequence[str]) -> SharedNote:
    """Return the common values of the notes on `records`."""
    values: dict[str, Counter[str]] = {name: Counter() for name in FIELDS}
    tags: Counter[str] = Counter()
    for start in range(0, len(records), _PART):
        part = records[start : start + _PART]
        marks = ", ".join("?" * len(part))
        for row in reader.db.execute(
            f"SELECT * FROM desk.note WHERE about = ? AND subject IN ({marks})", (about, *part)
        ):
            for name in FIELDS:
                values[name][row[name] or ""] += 1
            tags.update(row["tags"].split("\n") if row["tags"] else ())
    return SharedNote(
        {name: _shared(found, len(records)) for name, found in values.items()},
        tuple(sorted(tag for tag, count in tags.items() if count == len(records))),
        any(count < len(records) for count in tags.values()),
    )


def _shared(found: Counter[str], total: int) -> Shared:
    found[""] += total - found.total()
    kinds = [value for value, count in found.items() if count]
    return Shared(kinds[0]) if len(kinds) == 1 else Shared("", various=True)


def find_policy(choices: Sequence[PolicyChoice], text: str) -> PolicyChoice:
    """Return the policy with this name or id. Raises ValueError with a sentence."""
    found = [policy for policy in choices if text == policy.policy_id]
    found = found or [policy for policy in choices if text.casefold().strip() == policy.name.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValueError(f"{len(found)} policies have this name: write the policy id.")
    raise ValueError("No policy has this name. Press ↓ to list them.")
