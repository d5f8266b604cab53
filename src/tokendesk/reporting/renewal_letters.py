"""Describes in letters what ends: how to make the new one, and where it seems to be used."""

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial

from tokendesk.history.activity import token_activity
from tokendesk.history.events import event_state
from tokendesk.model.counting import counted
from tokendesk.model.credential_kinds import KEY, OAUTH_CLIENT, SERVICE_TOKEN
from tokendesk.model.dates import today
from tokendesk.model.text import printable
from tokendesk.model.timestamps import day, is_unread, utc
from tokendesk.model.token_reach import NOT_TOLD
from tokendesk.reporting.letters import PLACES, LetterKind, count_tokens, label_of, moment_words
from tokendesk.views.activity_details import list_addresses, list_products
from tokendesk.views.credential_words import ONE
from tokendesk.views.reader import Reader, Row

_WIDTH = 90
_MOST_SCOPES = 60
_ADDRESSES = 10
_RHYTHMS = ("daily", "weekly", "monthly", "quarterly", "irregular")

HOW = {
    "token": "A user's API token: only its owner can make the new one, at "
    "https://id.atlassian.com/manage-profile/security/api-tokens. It ends after a year at most.",
    KEY: "An API key of the organization: an organization admin makes the new one in Atlassian Administration > "
    "Settings > API keys. It ends after a year at most.",
    SERVICE_TOKEN: "A token of a service account: an organization admin makes the new one in Atlassian Administration, "
    "on the page of the service account.",
    OAUTH_CLIENT: "An OAuth client: where it is renewed is not known here. Please ask an organization admin.",
}
"""By kind, where the new one is made (api handbook 2, 8, 9)."""


def _count_credentials(rows: Sequence[Row]) -> str:
    words = [counted(count, *_NOUNS[kind]) for kind, count in sorted(Counter(row["kind"] for row in rows).items())]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


_NOUNS = {
    KEY: ("API key",),
    OAUTH_CLIENT: ("OAuth client",),
    SERVICE_TOKEN: ("token of a service account", "tokens of service accounts"),
}


def _how(rows: Sequence[Row]) -> Mapping[str, str]:
    kinds = dict.fromkeys(row.get("kind", "token") for row in rows)
    return {"how": "\n\n".join(text for kind, text in HOW.items() if kind in kinds)}


def _describe_token(reader: Reader, row: Row, name: str, now: int) -> str:
    facts = [("owner", row["owner"] if row["owner"] != name else None), _end(row, "expires", now)]
    used = moment_words(row["last_used"], row["last_used_text"], now) or "never seen"
    unscoped = _NOT_TOLD if NOT_TOLD in json.loads(row["reach"]) else _UNSCOPED
    facts.append(("last used", f"{used}, {row['rhythm']}" if row["rhythm"] in _RHYTHMS else used))
    facts += [("reaches", row["reach_words"]), ("scopes", _scopes(row, unscoped)), *_activity(reader, row, now)]
    return _item(row, facts)


def _describe_credential(_: Reader, row: Row, name: str, now: int) -> str:
    made_by = row["maker_name"] if row["maker_name"] != name else None
    used = moment_words(row["last_used"], row["last_used_text"], now) or "not known"
    facts = [
        ("is", ONE[row["kind"]]),
        ("account", row["account_name"] if row["kind"] != KEY else None),
        ("made by", made_by),
        _end(row, "ends", now),
        ("last used", used),
        ("reaches", row["reach_words"]),
        ("scopes", _scopes(row, _UNSCOPED_KEY if row["kind"] == KEY and row["tells_scopes"] else _NOT_TOLD)),
    ]
    return _item(row, facts)


_NOT_TOLD = "not told"
_UNSCOPED = "none are listed: one made without scopes may do all that its owner may"
_UNSCOPED_KEY = "none are listed: make the new one without scopes, if this one was made so"


def _end(row: Row, column: str, now: int) -> tuple[str, str]:
    ends = row[column]
    if ends is None and not is_unread(ends, row[f"{column}_text"]):
        return "ends", "never"
    return ("ended" if ends is not None and ends <= now else "ends"), moment_words(ends, row[f"{column}_text"], now)


def _scopes(row: Row, none: str) -> str:
    scopes = json.loads(row["scopes"] or "[]")
    more = len(scopes) - _MOST_SCOPES
    return ", ".join(scopes[:_MOST_SCOPES]) + (f", and {more:,} more" if more > 0 else "") or none


def _activity(reader: Reader, row: Row, now: int) -> Iterator[tuple[str, str]]:
    """Yield where audited actions show the token in use; nothing if the log was not read or names none."""
    state = event_state(reader.db, "history")
    if state is None or state.reached is None:
        return
    found = token_activity(
        reader.db, "history", row["token_id"], row["owner_id"], row["label"], now, _ADDRESSES + 1
    )  # fmt: skip
    if not found.total:
        return
    since = f"since {day(state.since)}" if state.since is not None else "read so far"
    yield "seen in", f"{list_products(found)} ({counted(found.total, 'audited action')} {since}; not every use is one)"
    yield "seen from", list_addresses(found, _ADDRESSES)
    if found.alike > 1 and found.by_id < found.total:
        yield "mind", f"the owner has {found.alike:,} tokens with this label, and the actions may be of any of them"


def _reply_by(column: str, rows: Sequence[Row], wanted: str, now: int) -> str:
    """Return the wanted day, or the day before the first of them ends; tomorrow at the earliest."""
    first = min((row[column] for row in rows if row[column] is not None and row[column] > now), default=None)
    if first is None:
        return wanted
    tomorrow = today(now) + timedelta(days=1)
    return min(wanted, max(tomorrow, utc(first).date() - timedelta(days=1)).isoformat())


def _item(row: Row, facts: Iterable[tuple[str, str | None]]) -> str:
    """Return the lines of one that ends. No text in them begins a line of its own."""
    lines = [f"- {label_of(row)}"]
    for name, value in facts:
        if value:
            lines += textwrap.wrap(
                printable(value), _WIDTH, initial_indent=f"  {f'{name}:':<11}", subsequent_indent=" " * 13,
                break_long_words=False, break_on_hyphens=False,
            )  # fmt: skip
    return "\n".join(lines)


def _kind(about: str, pane: str, record: str) -> LetterKind:
    is_token = about == "token"
    return LetterKind(
        "renewal.txt", about, pane, record,
        count_tokens if is_token else _count_credentials,
        _describe_token if is_token else _describe_credential,
        places=(*PLACES, "how"), more=_how, reply_by=partial(_reply_by, "expires" if is_token else "ends"),
    )  # fmt: skip


RENEWALS = {
    "tokens": _kind("token", "tokens", "token_id"),
    "credentials": _kind("credential", "credentials", "record"),
}
"""By pane, letters that ask to renew what ends."""
