"""Finds text in wrapped lines, as filters compare: without case and accents, and across the end of a line."""

import re

from tokendesk.model.text import fold

PARAGRAPH = "\0"
"""The line end that no hit goes across."""


def find_all(text: str, sought: str) -> list[tuple[int, int]]:
    """Return the start and end of each occurrence of `sought` in `text`.

    A line end of `text`, with the spaces around it, is a space or nothing: it was wrapped there.
    """
    words = fold(sought).split()
    if not words:
        return []
    folded: list[str] = []
    places: list[int] = []
    for at, char in enumerate(text):
        plain = char if char in (PARAGRAPH, "\n") else fold(char)
        folded.append(plain)
        places += [at] * len(plain)
    pattern = r"\s+".join(r"(?:\s*\n\s*)?".join(map(re.escape, word)) for word in words)
    return [(places[m.start()], places[m.end() - 1] + 1) for m in re.finditer(pattern, "".join(folded))]
