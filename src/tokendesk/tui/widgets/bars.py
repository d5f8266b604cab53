"""Bars and columns of block characters."""

from bisect import bisect_right
from collections.abc import Sequence

_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(value: int, most: int, width: int) -> str:
    """Return a bar of at most `width` cells for `value` of `most`; a value above zero is always visible."""
    if value <= 0 or most <= 0:
        return ""
    eighths = max(1, min(value, most) * width * 8 // most)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


_LEVELS = " ▁▂▃▄▅▆▇█"


def columns(values: Sequence[int], height: int) -> list[str]:
    """Return the lines, from top to bottom, of columns one cell wide; a value above zero is always visible."""
    most = max(values, default=0)
    eighths = [max(1, value * height * 8 // most) if value > 0 else 0 for value in values]
    return [
        "".join(_LEVELS[min(8, max(0, level - 8 * line))] for level in eighths) for line in range(height - 1, -1, -1)
    ]


def spread(points: Sequence[tuple[int, int]], width: int) -> list[int]:
    """Return `width` values over the time of `points` (time, value), each the last one known by then."""
    first, last = points[0][0], points[-1][0]
    times = [at for at, _ in points]
    ends = [first + (last - first) * place // max(1, width - 1) for place in range(width)]
    return [points[bisect_right(times, end) - 1][1] for end in ends]
