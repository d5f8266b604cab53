"""Draws facts in two wrapped columns."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from textual.content import Content

from tokendesk.views.facts import Fact, Section
from tokendesk.views.query import Query

NAMES = 10
TONES = {"dim": "$muted", "good": "$text-success", "warn": "$text-warning", "bad": "$text-error"}


class Line(NamedTuple):
    """One drawn line. `begins`: the first of its fact or title, not a wrapped rest.

    `leads`: to the rows that the fact is about. `link`: where the text that says so begins.
    """

    content: Content
    begins: bool
    leads: Query | None = None
    link: int = 0


def draw_sections(sections: Iterable[Section], width: int) -> Content:
    """Return the sections that have facts, in lines of at most `width` cells."""
    return Content("\n").join(line.content for line in draw_lines(sections, width))


def draw_lines(sections: Iterable[Section], width: int) -> list[Line]:
    """Return the lines of the sections that have facts, with an empty one between sections."""
    width = max(NAMES + 8, width)
    lines: list[Line] = []
    for section in sections:
        if not section.facts:
            continue
        if lines:
            lines.append(Line(Content(""), True))
        if section.title:
            lines.append(Line(Content.styled(section.title, "bold $text-accent"), True, section.leads))
        for fact in section.facts:
            drawn = _stacked(fact, width) if section.stacked else draw_in_two_columns(fact, width)
            link = 0 if section.stacked else max(NAMES, len(fact.name)) + 1
            lines += [Line(content, number == 0, fact.leads, link) for number, content in enumerate(drawn)]
    return lines


def draw_in_two_columns(fact: Fact, width: int) -> Iterator[Content]:
    """Yield lines with the name on the left and the wrapped value on the right."""
    name = Content.styled(fact.name.ljust(NAMES), "$muted")
    for line in _wrapped(Content.styled(fact.value, TONES.get(fact.tone, "")), width - NAMES - 1):
        yield Content.assemble(name, " ", line)
        name = Content(" " * NAMES)


def _wrapped(value: Content, width: int) -> list[Content]:
    """Wrap between a time and its age, else at spaces; an id without spaces breaks at the end of the line."""
    moment, dot, age = value.plain.partition(" · ")
    if dot and value.cell_length > width and max(len(moment), len(age)) <= width:
        return [value[: len(moment)], value[len(moment) + len(dot) :]]
    return (value.wrap(width) if " " in value.plain else value.fold(width)) or [Content("")]


def _stacked(fact: Fact, width: int) -> Iterator[Content]:
    """Yield lines with a long name, and the value below it."""
    yield from Content.styled(fact.name, TONES.get(fact.tone, "")).wrap(width)
    for line in Content.styled(fact.value, "$muted").wrap(width - 2) if fact.value else ():
        yield Content.assemble("  ", line)
