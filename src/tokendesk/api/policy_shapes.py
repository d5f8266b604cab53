"""Reads the policy of each user from a bulk-fetch response (api handbook 7.3).

Only the member `email` is documented. The policy may be in a flat member, in an object or in a list of objects,
and an element may have an error instead: every likely form is read, and unreadable ones are reported.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tokendesk.api.decoding import Item, decode_list
from tokendesk.errors import InvalidResponse
from tokendesk.model.records import Membership
from tokendesk.model.text import printable

_DEPTH = 3
_FLAT_FIELDS = tuple((f"{name}Id", f"{name}Name") for name in ("policy", "authPolicy", "authenticationPolicy"))
_HOLDER = r"polic(y|ies)(info|details?|list)?"
_OTHER_KIND = re.compile(
    "datasecurity|ipallow|dataresidency|retention|encryption|mobile|password|session"
    "|fallback|default|previous|former|parent"
)
"""In the names of policies of other kinds, or of earlier ones."""
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")
_ACCOUNT_FIELDS = ("user", "account")
_ACCOUNT_ID_FIELDS = ("accountId", "account_id")
"""These take precedence: an id of any other name may belong to a directory or another product."""
_ACCOUNT_ID = re.compile(r"\d{6}:[0-9a-f-]{30,40}|[0-9a-f]{24}")
"""The two forms of Atlassian account ids."""
_WRAPPERS = ("data", "items", "values")
_ERROR_FIELDS = ("details", "error", "errors")
_STATUS_FIELDS = ("status", "code")
_FAILED_FIELDS = frozenset((*_ERROR_FIELDS, *_STATUS_FIELDS))
_SHOWN = 200

AccountEmails = Mapping[str, str | None]
"""account id -> e-mail address, as far as it is known"""


@dataclass(frozen=True, slots=True)
class PolicyResponse:
    """What one response says about the requested accounts.

    `elements`: how many were returned, `with_policy` of them with a policy. `unassigned`: they name no account.
    `unread_fields`: names of the members of elements in which neither a policy nor an error was found.
    """

    memberships: tuple[Membership, ...]
    elements: int
    with_policy: int
    unassigned: int
    unread_fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Element:
    policies: Mapping[str, str | None]
    """id -> name"""
    problem: str | None
    email: str | None


def decode_policies(body: bytes, asked: AccountEmails, what: str) -> PolicyResponse:
    """Decode a response to a request about `asked`.

    An element that names no account is about the only one requested; one that names another account is ignored.
    """
    items = [item for item in decode_list(body, what) if item is not None]
    by_email = _unique_emails(asked)
    of_account: dict[str, list[_Element]] = {}
    unassigned, told, unread = 0, 0, set[str]()
    others = list[_Element]()
    for item in items:
        if not isinstance(item, dict):
            raise InvalidResponse(
                f"{what}: an element of the response is not an object. Try again; report it if this keeps happening."
            )
        element = _element(item)
        account = _account(item, asked, by_email)
        if account is None and len(asked) == 1:
            if other := _other_account(item, *asked.values()):
                others.append(_Element({}, f"Atlassian returned {other}", None))
                continue
            account = next(iter(asked))
        told += bool(element.policies)
        if not element.policies and element.problem is None:
            unread.update(_field_names(item))
        if account is not None:
            of_account.setdefault(account, []).append(element)
        elif element.policies or element.problem is not None:
            unassigned += 1
    if others and not of_account:
        of_account[next(iter(asked))] = others
    memberships = tuple(_membership(account, elements) for account, elements in of_account.items())
    return PolicyResponse(memberships, len(items), told, unassigned, frozenset(unread))


def _unique_emails(asked: AccountEmails) -> dict[str, str | None]:
    """Map case-folded addresses to account ids; None if several accounts have the same."""
    found: dict[str, str | None] = {}
    for account_id, email in asked.items():
        if email:
            key = email.casefold()
            found[key] = None if key in found else account_id
    return found


def _account(item: Item, asked: AccountEmails, by_email: Mapping[str, str | None]) -> str | None:
    """Return which of the requested accounts an element is about; None if it names any other."""
    places = _account_objects(item)
    named = _account_ids(item, places)
    if named:
        (only, *more) = named
        return only if not more and only in asked else None
    for place in places:
        if isinstance(place.get("id"), str) and place["id"] in asked:
            return str(place["id"])
    found = {by_email.get(email) for email in _emails(places)}
    return found.pop() if len(found) == 1 else None


def _account_ids(item: Item, places: list[Item]) -> set[str]:
    """Return the account ids that an element names; a bare `id` counts if it looks like an account id."""
    if surest := {found for place in places for name in _ACCOUNT_ID_FIELDS if (found := _id(place.get(name)))}:
        return surest
    named = {found for place in places if (found := _id(place.get("userId")))}
    own = item.get("id")
    if isinstance(own, str) and _ACCOUNT_ID.fullmatch(own):
        named.add(own)
    return named | {found for place in places[1:] if (found := _id(place.get("id")))}


def _other_account(item: Item, email: str | None) -> str | None:
    """Say what shows that an element is about another account than the only one requested."""
    places = _account_objects(item)
    if _account_ids(item, places):
        return "the id of another account"
    return "another e-mail address" if email and _emails(places) else None


def _account_objects(item: Item) -> list[Item]:
    return [item, *(item[name] for name in _ACCOUNT_FIELDS if isinstance(item.get(name), dict))]


def _emails(places: list[Item]) -> list[str]:
    return [place["email"].casefold() for place in places if isinstance(place.get("email"), str) and place["email"]]


def _membership(account_id: str, elements: list[_Element]) -> Membership:
    policies = {policy_id: name for element in elements for policy_id, name in element.policies.items()}
    problem = next((element.problem for element in elements if element.problem is not None), None)
    email = next((element.email for element in elements if element.email is not None), None)
    if problem is None and len(policies) > 1:
        problem = f"Atlassian returned {len(policies)} policies for one user"
    if problem is not None or not policies:
        return Membership(account_id, None, None, email, problem)
    ((policy_id, name),) = policies.items()
    return Membership(account_id, policy_id, name, email)


def _element(item: Item) -> _Element:
    policies = _flat_policy(item)
    for likely in _PATTERNS_BY_CERTAINTY:
        policies = policies or dict(_policies(item, _DEPTH, likely, is_policy=False))
    email = item.get("email")
    return _Element(policies, _element_error(item, surely=bool(policies)), email if isinstance(email, str) else None)


def _flat_policy(item: Item) -> dict[str, str | None]:
    for id_field, name_field in _FLAT_FIELDS:
        if policy_id := _id(item.get(id_field)):
            return {policy_id: _name(item.get(name_field))}
    return {}


@dataclass(frozen=True, slots=True)
class _NamePatterns:
    """Patterns of normalized member names: of a policy's id, and of objects that contain a policy."""

    ids: re.Pattern[str]
    holders: re.Pattern[str]


_EXACT = r"(auth|authentication)?"
_PATTERNS_BY_CERTAINTY = (
    _NamePatterns(re.compile(rf"{_EXACT}policyids?"), re.compile(_EXACT + _HOLDER)),
    _NamePatterns(re.compile(rf"{_EXACT}policyids?"), re.compile(r"[a-z]*" + _HOLDER)),
    _NamePatterns(re.compile(r"[a-z]*policyids?"), re.compile(r"[a-z]*" + _HOLDER)),
)
"""The most certain first: the next ones are tried only if these find no policy."""


def _policies(value: Any, depth: int, likely: _NamePatterns, *, is_policy: bool) -> Iterator[tuple[str, str | None]]:
    """Yield (id, name) of the policies in `value`; `is_policy`: its member is named after a policy."""
    if isinstance(value, list):
        for each in value:
            yield from _policies(each, depth, likely, is_policy=is_policy)
    if not isinstance(value, dict) or depth == 0:
        return
    plain = {key: each for key in value if not _OTHER_KIND.search(each := key.replace("_", "").casefold())}
    named = [
        (policy_id, _name(value.get(re.sub(r"_?Ids?$", "Name", key, flags=re.IGNORECASE))))
        for key, name in plain.items()
        if likely.ids.fullmatch(name)
        for policy_id in map(_id, value[key] if isinstance(value[key], list) else [value[key]])
        if policy_id
    ]
    if not named and is_policy and (own := _id(value.get("id"))):
        named = [(own, _name(value.get("name")))]
    if is_policy:
        named = [(policy_id, name or _name(value.get("name"))) for policy_id, name in named]
    yield from named
    if named:
        return
    for key, name in plain.items():
        inside = likely.holders.fullmatch(name) is not None or (is_policy and key in _WRAPPERS)
        yield from _policies(value[key], depth - (not isinstance(value[key], list)), likely, is_policy=inside)


def _id(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


def _name(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _element_error(item: Item, *, surely: bool) -> str | None:
    """Return the error in an element. `surely`: it has a policy, so only an error status counts."""
    if surely and item.keys().isdisjoint(_FAILED_FIELDS):  # nearly all elements
        return None
    nested = [value for name in _ERROR_FIELDS for value in _as_list(item.get(name))]
    for place, is_nested in [(item, False), *((value, True) for value in nested)]:
        if isinstance(place, str) and place and not surely:
            return _one_line(place)
        if not isinstance(place, dict):
            continue
        status = next(filter(None, (_status(place.get(name)) for name in _STATUS_FIELDS)), None)
        texts = [place[name] for name in ("title", "detail", "message") if isinstance(place.get(name), str)]
        failed = status is not None and status >= 400
        # A title alone may be the user's job title.
        if failed or (status is None and not surely and any(texts) and (is_nested or bool(place.get("detail")))):
            return _one_line(": ".join(filter(None, texts))) or f"HTTP {status}"
    return None


def _as_list(value: Any) -> list[Any]:
    return value[:3] if isinstance(value, list) else [value]


def _status(value: Any) -> int | None:
    if isinstance(value, str) and len(value) == 3 and value.isdecimal():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 100 <= value < 600 else None


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()))[:_SHOWN]


def _field_names(item: Item, depth: int = _DEPTH) -> Iterator[str]:
    """Yield the names of members, never a value: an unusual name may be an address or an id, so it is masked."""
    for key, value in item.items():
        name = key if _PLAIN_NAME.fullmatch(key) else "(other)"
        inner = next((each for each in _as_list(value) if isinstance(each, dict)), None)
        if inner is None or depth <= 1:
            yield name
        else:
            yield from (f"{name}.{below}" for below in _field_names(inner, depth - 1))
