"""How far a pull is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` of `what` have been read; `total` is None if unknown."""

    what: str
    done: int
    total: int | None


def ignore_progress(_: Progress) -> None:
    pass
