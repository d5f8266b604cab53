"""The parts of the details: facts in sections, sections on pages."""

from typing import NamedTuple

from tokendesk.views.query import Query

TABS = ("Facts", "Rows", "Owner", "History", "Audited actions")
"""The pages of the details, in order."""


class Fact(NamedTuple):
    """One line: a name and its value. `tone`: empty, dim, good, warn or bad. `leads`: to the rows it is about."""

    name: str
    value: str
    tone: str = ""
    leads: Query | None = None


class Section(NamedTuple):
    title: str
    facts: tuple[Fact, ...]
    stacked: bool = False
    """Whether the value goes below its name instead of on the same line."""
    tab: str = "Facts"
    """The page of the details that shows it."""
    leads: Query | None = None
    """Where the title leads."""


class Details(NamedTuple):
    title: str
    sections: tuple[Section, ...]

    @property
    def pages(self) -> tuple[str, ...]:
        """The pages that are not empty."""
        filled = {section.tab for section in self.sections if section.facts}
        return tuple(tab for tab in TABS if tab in filled)

    def page(self, tab: str) -> tuple[Section, ...]:
        return tuple(section for section in self.sections if section.tab == tab and section.facts)
