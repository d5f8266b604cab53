"""Aligns texts in columns of terminal cells."""

from collections.abc import Collection, Sequence

from tokendesk.filtering.errors import display_width


def widths_of(lines: Sequence[Sequence[str]]) -> list[int]:
    """Return the width of each column; empty without lines."""
    return [max(map(display_width, column)) for column in zip(*lines, strict=True)]


def text_line(texts: Sequence[str], widths: Sequence[int], right: Collection[int] = (), most: int | None = None) -> str:
    """Return one line. `right`: the right-aligned columns. `most`: where cells are cut, if not at the width."""
    parts = []
    for i, (text, width) in enumerate(zip(texts, widths, strict=True)):
        cut = _cut(text, width if most is None else most)
        space = " " * (width - display_width(cut))
        parts.append(space + cut if i in right else cut + space)
    return "  ".join(parts).rstrip()


def text_table(lines: Sequence[Sequence[str]], right: Collection[int] = ()) -> list[str]:
    """Return the aligned lines, at full width."""
    widths = widths_of(lines)
    return [text_line(line, widths, right) for line in lines]


def _cut(text: str, width: int) -> str:
    if display_width(text) <= width:
        return text
    text = text[:width]  # in one call: character by character takes quadratic time
    while display_width(text) > width - 1:
        text = text[:-1]
    return text + "…"
