"""Rows as a table of Markdown, in which nothing from outside is markup."""

import re
from collections.abc import Iterable, Sequence
from typing import TextIO

_MARKUP = re.compile(r"[\\`*_{}\[\]<>|~#&$]|(?<=\w):(?=//)|(?<=\bwww)\.|@", re.IGNORECASE)


def write_markdown(out: TextIO, titles: Sequence[str], right: Sequence[bool], lines: Iterable[Sequence[str]]) -> None:
    """Write a table; `right` says which columns stand on the right."""
    out.write(_line(titles))
    out.write("|" + "|".join(" ---: " if is_right else " --- " for is_right in right) + "|\n")
    for line in lines:
        out.write(_line(line))


def _line(texts: Sequence[str]) -> str:
    return "| " + " | ".join(plain(text) for text in texts) + " |\n"


def plain(text: str) -> str:
    """Return one line that Markdown shows as it is: no markup, no HTML, no link made of an address."""
    return _MARKUP.sub(lambda found: "\\" + found[0], " ".join(text.split()))
