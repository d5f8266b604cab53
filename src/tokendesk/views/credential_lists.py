"""Which lists of credentials were not read, or not to their end, and why."""

from typing import NamedTuple

from tokendesk.model.records import KEY, OAUTH_CLIENT, SERVICE_ACCOUNT, SERVICE_TOKEN
from tokendesk.model.text import printable
from tokendesk.views.reader import Reader

TITLES = {
    KEY: "API keys",
    SERVICE_ACCOUNT: "Service accounts",
    SERVICE_TOKEN: "Service tokens",
    OAUTH_CLIENT: "OAuth clients",
}
"""By kind, as headings."""


class Incomplete(NamedTuple):
    """A list that is not complete."""

    title: str
    kind: str
    why: str


def incomplete_lists(reader: Reader) -> list[Incomplete]:
    rows = reader.db.execute("SELECT title, kind, problem FROM credential_list WHERE problem IS NOT NULL ORDER BY name")
    return [Incomplete(title, kind, printable(problem)) for title, kind, problem in rows]


def why_none(reader: Reader, filters: str) -> str:
    """Say why no credentials are shown; empty if the lists were read. `filters`: of what is shown."""
    if reader.info is not None and reader.info.credentials_at is None:
        return "Not read yet: a pull of tokens leaves them out. ctrl+r reads them."
    found = incomplete_lists(reader)
    asked = [each for each in found if f"kind:{each.kind}" in filters]
    words = [f"{each.title} were not read: {each.why}" for each in (asked or found)]
    return " ".join(text if text.endswith(".") else f"{text}." for text in words)
