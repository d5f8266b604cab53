"""Counts with their nouns."""


def counted(count: int, one: str, many: str = "") -> str:
    """Return `1 token`, `1,204 tokens`; `many`: the plural, if it is not `one` with an s."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
