"""Addresses that are to be protected, and that nobody has: a slip of the hand there protects nobody."""

import json
from collections.abc import Iterable

from tokendesk.config import Settings
from tokendesk.model.text import clean, fold
from tokendesk.views.reader import Reader

_KNOWN = """
SELECT email_folded FROM main.user WHERE email_folded IN (SELECT value FROM json_each(:asked))
UNION SELECT email_folded FROM main.token WHERE email_folded IN (SELECT value FROM json_each(:asked))
"""
_TOLD = "SELECT 1 FROM main.user WHERE coalesce(email_folded, '') <> '' LIMIT 1"


def protected_addresses(settings: Settings) -> tuple[str, ...]:
    """Return the addresses among what no plan may change; labels, names and ids are no part of it."""
    named = (word.strip() for word in (*settings.admin_emails, *settings.never_touch))
    return tuple(dict.fromkeys(word for word in named if "@" in word))


def nobodys(reader: Reader, addresses: Iterable[str]) -> tuple[str, ...]:
    """Return those of `addresses` that nobody in the snapshot has. Where it tells no addresses, that is not known."""
    folded = {address: fold(clean(address)).strip() for address in addresses}
    if not folded or reader.db.execute(_TOLD).fetchone() is None:
        return ()
    known = {row[0] for row in reader.db.execute(_KNOWN, {"asked": json.dumps(list(folded.values()))})}
    return tuple(address for address, asked in folded.items() if asked not in known)


def said_of_never_touch(settings: Settings) -> str:
    """Return the sentence about the profile's list, by its last pull; empty where nothing is wrong, or known."""
    addresses = protected_addresses(settings)
    if not addresses or not settings.places.snapshot.exists():
        return ""
    with Reader(settings.places, settings.thresholds, lenient=True) as reader:
        return nobodys_words(nobodys(reader, addresses))


def nobodys_words(addresses: Iterable[str]) -> str:
    """Return the sentence about addresses that nobody has; empty where there are none."""
    listed = [clean(address) for address in addresses]
    if not listed:
        return ""
    them, those = ("it protects", "this address") if len(listed) == 1 else ("they protect", "these addresses")
    return f"Nobody has {those} of the never-touch list, so {them} nobody: {', '.join(listed)}. Fix the profile."
