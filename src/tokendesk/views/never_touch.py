"""Finds entries of the never-touch list that match nothing: a typo there protects nobody."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from tokendesk.config import Settings
from tokendesk.model.plan_rules import normalize_name
from tokendesk.model.text import fold, printable
from tokendesk.views.reader import Reader

_KNOWN = """
SELECT email_folded FROM main.user WHERE email_folded IN (SELECT value FROM json_each(:asked))
UNION SELECT email_folded FROM main.token WHERE email_folded IN (SELECT value FROM json_each(:asked))
"""
_TOLD = "SELECT 1 FROM main.user WHERE coalesce(email_folded, '') <> '' LIMIT 1"
_NAMES = """
SELECT label FROM main.token UNION SELECT owner FROM main.token UNION SELECT name FROM main.user
UNION SELECT token_id FROM main.token UNION SELECT owner_id FROM main.token UNION SELECT account_id FROM main.user
"""


@dataclass(frozen=True, slots=True)
class Protection:
    """A user or token that no plan may change. `place`: the setting or variable that names it."""

    word: str
    place: str

    @property
    def is_address(self) -> bool:
        return "@" in self.word


def protections(settings: Settings) -> tuple[Protection, ...]:
    """Return everything that no plan may change, with the place where it can be corrected."""
    emails = "TOKENDESK_ADMIN_EMAIL" if settings.admin_emails_of_environment else admin_emails_of(settings.profile)
    never = f"never_touch of profile {settings.profile}"
    named = [Protection(word.strip(), emails) for word in settings.admin_emails]
    named += [Protection(word.strip(), never) for word in settings.never_touch]
    return tuple(dict.fromkeys(each for each in named if each.word))


def admin_emails_of(profile: str) -> str:
    return f"admin_emails of profile {profile}"


def unmatched(reader: Reader, named: Iterable[Protection]) -> tuple[Protection, ...]:
    """Return those that match nothing in the snapshot; addresses only if the snapshot contains addresses.

    Nothing can be said while only owners of tokens were read.
    """
    if reader.info is not None and reader.info.only_owners:
        return ()
    folded = {each: fold(printable(each.word)).strip() for each in named}
    if not folded:
        return ()
    known = {row[0] for row in reader.db.execute(_KNOWN, {"asked": json.dumps(list(folded.values()))})}
    told = reader.db.execute(_TOLD).fetchone() is not None
    left = [each for each, asked in folded.items() if asked not in known and (told or not each.is_address)]
    if not left:
        return ()
    names = {normalize_name(row[0]) for row in reader.db.execute(_NAMES) if row[0]}
    return tuple(each for each in left if normalize_name(each.word) not in names)


def describe_unmatched(found: Iterable[Protection]) -> str:
    """Return a sentence for each place with entries that match nothing; empty if all match."""
    said = []
    kinds = {each: (each.place, each.is_address) for each in found}
    for (place, is_address), group in groupby(sorted(kinds, key=kinds.__getitem__), key=kinds.__getitem__):
        words = [printable(each.word) for each in group]
        one = len(words) == 1
        them, those = ("it protects", "Correct it") if one else ("they protect", "Correct them")
        if is_address:
            what, whom = ("an address" if one else "addresses") + " that nobody has", "nobody"
        else:
            what, whom = "what no token and no user is called", "nothing"
        said.append(f"{place} names {what}, so {them} {whom}: {', '.join(words)}. {those}.")
    return " ".join(said)
