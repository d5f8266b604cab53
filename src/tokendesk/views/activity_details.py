"""The details page with a token's audited actions."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from tokendesk.history.activity import Activity, token_activity
from tokendesk.history.events import EventState, event_state
from tokendesk.model.text import printable
from tokendesk.model.timestamps import DAY, ago, day, day_and_time
from tokendesk.model.usage_rhythm import NO_DATA, bar
from tokendesk.views.facts import Fact, Section
from tokendesk.views.reader import Reader, Row

TAB = "Audited actions"
TITLE = "Audited actions (not every use)"
_MOST = 20
_ADDRESSES = 5
_DAYS = 14


def activity_sections(reader: Reader, row: Row, now: int) -> tuple[Section, ...]:
    """Return the audited actions of the token of `row`, or why they are unknown."""
    state = event_state(reader.db, "history")
    if state is None:
        reason = "Not read yet. They are read by: tokendesk pull --events"
        return (Section(TITLE, (Fact(reason, ""),), stacked=True, tab=TAB),)
    if state.reached is None:
        return (Section(TITLE, (Fact("Not available.", printable(state.problem or "")),), stacked=True, tab=TAB),)
    first = (now // DAY + 1 - _DAYS) * DAY
    found = token_activity(reader.db, "history", row["token_id"], row["owner_id"], row["label"], first, _MOST)
    latest = tuple(
        Fact(
            f"{printable(action.name)}",
            " · ".join(printable(part) for part in (ago(action.at, now), *action.products, action.ip) if part),
        )
        for action in found.latest
    )
    return (
        Section(TITLE, _summary(found, state, first, now), tab=TAB),
        Section("The last ones", latest, stacked=True, tab=TAB),
    )


def _summary(found: Activity, state: EventState, first: int, now: int) -> tuple[Fact, ...]:
    since = f"since {day(state.since)}" if state.since is not None else ""
    none = f"none {since}, which does not prove that it is unused"
    facts = [Fact("found", f"{found.total:,} {since}".rstrip() if found.total else none)]
    if found.total:
        facts += [
            Fact("a day", f"{_days(found.moments, state.since or 0, first)}  {len(found.moments):,} in {_DAYS} d"),
            Fact("products", list_products(found)),
            Fact("from", list_addresses(found, _ADDRESSES)),
            _matched(found),
        ]
    facts.append(Fact("log read", f"{day_and_time(state.reached)} · {ago(state.reached, now)}", "dim"))
    if state.problem:
        facts.append(Fact("", printable(state.problem), "warn"))
    return tuple(facts)


def _matched(found: Activity) -> Fact:
    """Return how the actions were matched to this token."""
    if found.by_id == found.total:
        return Fact("matched", "by token id")
    if found.by_id:
        words = f"{found.by_id:,} by token id, {found.total - found.by_id:,} by label and owner"
    else:
        words = "by label and owner: the log names no id of the list"
    if found.alike <= 1:
        return Fact("matched", words)
    return Fact("matched", f"{words}. The owner has {found.alike:,} tokens with this label: unknown which", "warn")


def _days(moments: Sequence[int], since: int, first: int) -> str:
    """Return a bar for each day; a dot for days before the log was read."""
    edges = [first + number * DAY for number in range(_DAYS + 1)]
    counts = [(end, bisect_left(moments, end) - bisect_left(moments, start)) for start, end in pairwise(edges)]
    return "".join(bar(count) if count or end > since else NO_DATA for end, count in counts)


def list_products(found: Activity) -> str:
    """Return `Jira 12, Confluence 3`."""
    return printable(", ".join(f"{name} {count:,}" for name, count in found.products)) or "not told"


def list_addresses(found: Activity, most: int) -> str:
    """Return `203.0.113.4 (12)` and so on, at most as many."""
    shown = ", ".join(f"{printable(ip)} ({count:,})" for ip, count in found.addresses[:most])
    return (shown + (" and others" if len(found.addresses) > most else "")) or "not told"
