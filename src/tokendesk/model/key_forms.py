"""The ways in which the characters of a key may be escaped in a text."""

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote_from_bytes

Writing = Callable[[str], str]


class Form(NamedTuple):
    """A way to write a character. `sign`: matches in any text with six characters of this form; None for any text."""

    sign: re.Pattern[bytes] | None
    write: Writing


def _special(write: Writing) -> Writing:
    """Return the same, except for letters and digits, which are usually not escaped."""
    return lambda char: char if char.isalnum() else write(char)


def _one_of(chars: str, write: Writing) -> Writing:
    return lambda char: write(char) if char in chars else char


def _first(one: Writing, other: Writing) -> Writing:
    return lambda char: other(char) if one(char) == char else one(char)


def _backslash(char: str) -> str:
    return "\\" + char


_PERCENT = re.compile(rb"%[2-7][0-9A-Fa-f]")
_ESCAPE = re.compile(rb"\\u00[2-7][0-9A-Fa-f]")
_SLASHED = re.compile(rb'\\["\\/]')
_ENTITY = re.compile(rb"&(?:#[0-9xX]|amp;|lt;|gt;|quot;|apos;)")
_NAMES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}

_SPECIAL = "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}"


def _formatted(pattern: str) -> Writing:
    return lambda char: pattern % ord(char)


FORMS = (
    Form(None, str),
    Form(_PERCENT, lambda char: quote_from_bytes(char.encode())),
    Form(_PERCENT, lambda char: quote_from_bytes(char.encode(), safe="")),
    Form(_SLASHED, _one_of('"\\', _backslash)),
    Form(_SLASHED, _one_of('"\\/', _backslash)),
    Form(_ENTITY, lambda char: _NAMES.get(char, char)),
    *(
        form
        for write in map(_formatted, ("%%%02X", "%%%02x"))
        for form in (
            Form(_PERCENT, _one_of(_SPECIAL, write)),
            Form(_PERCENT, _special(write)),
        )
    ),
    *(
        form
        for write in map(_formatted, ("\\u%04x", "\\u%04X"))
        for form in (
            *(
                Form(_ESCAPE, _first(_one_of(escaped, write), _one_of(slashed, _backslash)))
                for escaped in ("<>", "<>&", "<>&'", "<>&='", "<>&='+")
                for slashed in ('"\\', '"\\/')
            ),
            Form(_ESCAPE, _special(write)),
        )
    ),
    *(
        form
        for write in map(_formatted, ("&#%d;", "&#x%X;", "&#x%x;"))
        for form in (Form(_ENTITY, _one_of("<>&='\"+/`", write)), Form(_ENTITY, _special(write)))
    ),
)
PLAIN = FORMS[0]


def for_url(text: str) -> str:
    return quote_from_bytes(text.encode(), safe="")


def in_json(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _in_html(text: str) -> str:
    return "".join(_NAMES.get(char, char) for char in text)


def in_page(text: str) -> str:
    """JSON for a page: the characters of HTML are escaped as well."""
    return "".join(f"\\u{ord(char):04x}" if char in "<>&'" else in_json(char) for char in text)


def _in_lower_case(write: Writing) -> Writing:
    return lambda char: write(char).lower()


TWICE = (
    Form(_PERCENT, lambda char: for_url(for_url(char))),
    Form(_PERCENT, lambda char: for_url(in_json(char))),
    Form(_PERCENT, lambda char: for_url(in_page(char))),
    Form(_SLASHED, lambda char: in_json(in_json(char))),
    Form(_ESCAPE, lambda char: in_json(in_page(char))),
    Form(_ESCAPE, lambda char: in_page(_in_html(char))),
    Form(_ENTITY, lambda char: in_json(_in_html(char))),
    Form(_ENTITY, lambda char: _in_html(in_json(char))),
)
"""Escaped twice. JSON does not change what is escaped for a URL, nor HTML, so that needs no form."""
SMALL_FORMS = tuple(Form(form.sign, _in_lower_case(form.write)) for form in FORMS)
"""For text in lower case."""
FOR_URLS = Form(None, lambda char: {"+": "-", "/": "_"}.get(char, char))
"""The URL-safe alphabet of base64."""
