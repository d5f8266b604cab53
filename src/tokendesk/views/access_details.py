"""Describes what a user may do: the roles, the products with their last use, and the groups."""

import json
from collections.abc import Iterable, Sequence

from tokendesk.model.text import printable
from tokendesk.model.timestamps import ago, parse_timestamp
from tokendesk.model.user_access import KNOWN_ROLES, NOT_TOLD, product_name, product_words, role_name, role_words
from tokendesk.views import leads
from tokendesk.views.facts import Fact
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader, Row

_MOST_LISTED = 12
_LONGEST = 100


def access_facts(row: Row, now: int) -> tuple[Fact, ...]:
    """`row`: of the users pane."""
    return (_roles(row), _products(row, now), *_groups(row))


def facts_of_account(reader: Reader, account_id: str, now: int) -> tuple[Fact, ...]:
    """Return the facts on roles and products of an account; empty if it is not among the users."""
    row_id = reader.find("users", account_id)
    row = reader.row("users", row_id, now) if row_id is not None else None
    return () if row is None else tuple(fact._replace(leads=None) for fact in (_roles(row), _products(row, now)))


def admin_words(roles: str | None, org_admin: int | None) -> str:
    """Return in which ways an owner is an admin of the organization; empty if in none that is known."""
    names = {role_name(str(role)) for role in json.loads(roles or "[]")}
    if org_admin:
        names.add("org-admin")
    return ", ".join(words for name, words in KNOWN_ROLES.items() if name in names)


def _roles(row: Row) -> Fact:
    if row["roles"] is None:
        return _org_admin(row["org_admin"])
    roles = list(map(str, json.loads(row["roles"])))
    if not roles:
        return Fact("role", "none", "dim")
    names = list(dict.fromkeys(map(role_name, roles)))
    tone = "warn" if any(name in KNOWN_ROLES for name in names) else ""
    words = _listed(dict.fromkeys(map(role_words, roles)))
    return Fact("role", words, tone, _alike("role", names))


def _org_admin(org_admin: int | None) -> Fact:
    """Return what a snapshot of an older format tells of the roles."""
    if org_admin is None:
        return Fact("role", "not told", "dim", leads.any_of("users", "role", [NOT_TOLD]))
    if org_admin:
        return Fact("role", "organization admin", "warn", leads.finding("users", "admin"))
    return Fact("role", "not an organization admin; others not told", "dim")


def _products(row: Row, now: int) -> Fact:
    if row["products"] is None:
        return Fact("products", "not told", "dim", leads.any_of("users", "access", [NOT_TOLD]))
    keys = list(map(str, json.loads(row["products"])))
    if not keys:
        return Fact("products", "none", "dim")
    uses = json.loads(row["product_uses"] or "{}")
    sent = {key: str(uses.get(key) or "") for key in keys}
    times = {key: parse_timestamp(text) for key, text in sent.items()}
    keys.sort(key=lambda key: -(times[key] or 0))
    words = _listed(f"{product_words(key)} {_use(times[key], sent[key], now)}" for key in keys)
    return Fact("products", words, leads=_alike("access", list(map(product_name, keys))))


def _use(moment: int | None, sent: str, now: int) -> str:
    if moment is not None:
        return ago(moment, now)
    return f"({sent})" if sent else "(no use known)"


def _groups(row: Row) -> tuple[Fact, ...]:
    """Return the groups, if Atlassian sent them: they are not asked for."""
    if row["groups"] is None:
        return ()
    names = list(map(str, json.loads(row["groups"])))
    return (Fact("groups", _listed(names), "dim") if names else Fact("groups", "none", "dim"),)


def _listed(texts: Iterable[str]) -> str:
    """Return the first texts, and how many others there are."""
    every = [printable(text) for text in texts]
    short = [text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…" for text in every[:_MOST_LISTED]]
    more = len(every) - _MOST_LISTED
    return f"{', '.join(short)} and {more:,} more" if more > 0 else ", ".join(short)


def _alike(field: str, names: Sequence[str]) -> Query | None:
    """Return the query for the users with all of these; None where a filter cannot name them."""
    if len(names) > _MOST_LISTED or any(not name or len(name) > _LONGEST or "\0" in name for name in names):
        return None
    return leads.all_of("users", field, names)
