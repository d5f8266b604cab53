"""Writes rows as a Markdown table, in which no text from outside is markup."""

import re
from collections.abc import Iterable, Sequence
from typing import TextIO

_MARKUP = re.compile(r"[\\`*_{}\[\]<>|~#&$]|(?<=\w):(?=//)|(?<=\bwww)\.|@", re.IGNORECASE)


def write_markdown(out: TextIO, titles: Sequence[str], right: Sequence[bool], lines: Iterable[Sequence[str]]) -> None:
    """Write a table; `right`: the right-aligned columns."""
    out.write(_line(titles))
    out.write("|" + "|".join(" ---: " if is_right else " --- " for is_right in right) + "|\n")
    for line in lines:
        out.write(_line(line))


def _line(texts: Sequence[str]) -> str:
    return "| " + " | ".join(plain(text) for text in texts) + " |\n"


def plain(text: str) -> str:
    """Return one line that Markdown shows unchanged: no markup, no HTML, no automatic links."""
    return _MARKUP.sub(lambda found: "\\" + found[0], " ".join(text.split()))
