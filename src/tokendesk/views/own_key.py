"""When the API key that this program itself uses ends. Which one that is, the profile says: the key does not tell."""

from tokendesk.model.timestamps import DAY, day, span
from tokendesk.views.reader import Reader

_ENDS = """
SELECT iif(count(*) = count(ends), max(ends), NULL) FROM credential
WHERE kind = 'key' AND name = ? AND coalesce(upper(status), '') != 'REVOKED'
"""


_KNOWN = "SELECT count(*) FILTER (WHERE name = ?), count(*) FROM credential WHERE kind = 'key'"


def own_key_warning(reader: Reader, label: str | None, now: int) -> str:
    """Say that the key called `label` ends soon, or has ended; empty if it does not, or nobody knows.

    Of several keys of that name, the one that ends last counts: it is the renewed one.
    """
    if not label:
        return ""
    known, all_keys = reader.db.execute(_KNOWN, (label,)).fetchone()
    if all_keys and not known:
        return "no API key has the name of key_label"
    ends = reader.db.execute(_ENDS, (label,)).fetchone()[0]
    if ends is None or ends - now >= reader.thresholds.expiring * DAY:
        return ""
    return f"our API key ends in {span(ends - now)}" if ends > now else f"our API key ended {day(ends)}"
