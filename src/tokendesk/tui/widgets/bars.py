"""Bars of block characters."""

_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(value: int, most: int, width: int) -> str:
    """Return a bar of at most `width` cells for `value` of `most`; what is not nothing is seen."""
    if value <= 0 or most <= 0:
        return ""
    eighths = max(1, min(value, most) * width * 8 // most)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
