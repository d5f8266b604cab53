"""What the details are made of: facts in sections, sections on pages."""

from typing import NamedTuple

TABS = ("Facts", "Rows", "Owner", "History", "Audited actions")
"""The pages of the details, in their order."""


class Fact(NamedTuple):
    """One line: a name and what it is. `tone`: empty, dim, good, warn or bad."""

    name: str
    value: str
    tone: str = ""


class Section(NamedTuple):
    title: str
    facts: tuple[Fact, ...]
    stacked: bool = False
    """Whether a value stands below its name instead of beside it."""
    tab: str = "Facts"
    """The page of the details it stands on."""


class Details(NamedTuple):
    title: str
    sections: tuple[Section, ...]

    @property
    def pages(self) -> tuple[str, ...]:
        """The pages that have something to say."""
        filled = {section.tab for section in self.sections if section.facts}
        return tuple(tab for tab in TABS if tab in filled)

    def page(self, tab: str) -> tuple[Section, ...]:
        return tuple(section for section in self.sections if section.tab == tab and section.facts)
