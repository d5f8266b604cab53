"""Decodes API keys, service accounts, their tokens, and OAuth clients, whose items are mostly not documented.

Members are found under any of their likely names. What nobody here knows is kept as it came, but for secrets.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from tokendesk.api.decoding import DECODE_ERRORS, Item, checked_json, decoding_error, text_or_none, truncate
from tokendesk.errors import InvalidResponse
from tokendesk.model.bounds import LISTED
from tokendesk.model.credential_kinds import KEY, OAUTH_CLIENT, SERVICE_ACCOUNT, SERVICE_TOKEN
from tokendesk.model.records import Credential

LEFT_OUT = "(a secret, not kept)"
MADE_UP = "no-id-"
"""How the ids of entries without one begin."""

_LISTS = ("data", "items", "values")
_ERRORS = ("error", "errors")
_NO_ITEMS = (*_ERRORS, "warnings", "messages", "links")
_NEXT = ("next", "nextCursor", "nextPageCursor")
_TOTALS = ("total", "totalCount", "count")
_IDS: Mapping[str, tuple[str, ...]] = {
    KEY: ("id", "apiKeyId", "keyId"),
    SERVICE_ACCOUNT: ("id", "serviceAccountId", "accountId", "atlassianId"),
    SERVICE_TOKEN: ("id", "tokenId", "apiTokenId"),
    OAUTH_CLIENT: ("clientId", "id", "oauthClientId"),
}
_NAMES = ("label", "displayName", "name", "tokenLabel", "tokenName", "clientName", "nickname", "title")
_ACCOUNTS: Mapping[str, tuple[str, ...]] = {
    KEY: ("systemAccountId",),
    SERVICE_ACCOUNT: (),
    SERVICE_TOKEN: ("serviceAccountId", "serviceAccount", "user", "owner", "account", "accountId", "atlassianId"),
    OAUTH_CLIENT: ("serviceAccountId", "serviceAccount", "owner", "account", "accountId", "atlassianId"),
}
_MAKERS = ("createdBy", "createdById", "creator", "creatorId", "createdByUser", "createdByAccountId")
_CREATED = ("createdAt", "created", "createdOn", "createdDate", "creationDate")
_ENDS = ("expiresAt", "expiry", "expires", "expiresOn", "expiryDate", "expirationDate", "expiration")
_USED = ("lastActiveAt", "lastAccess", "lastAccessedAt", "lastUsedAt", "lastUsed", "lastActive")
_STATUS = ("status", "state")
_SCOPES = ("scopes", "scope")
_LONGEST_UNREAD = 10_000
"""Bytes of an unread member as JSON."""
_SECRET = re.compile(
    r"secret|password|passphrase|token|bearer|jwt|credential|(?:api|private|access)key|^(?:key|value|pat|hash)$"
)
_ABOUT_SECRETS = re.compile(
    r"[a-z](?:Ids?|Name|Label|Types?|Count|Status|Method|At|Date|Expiry)$"
    r"|[-_ ](?:ids?|name|label|types?|count|status|method|at|date|expiry)$"
)
"""Members that tell something of a secret, not the secret."""


class CredentialPage(NamedTuple):
    """`unreadable`: how many items were no objects. `following`: what names the next page, unchecked.

    `total`: the length of the whole list, if the response has it.
    """

    credentials: list[Credential]
    unreadable: int
    following: object
    total: int | None


def credential_page(body: bytes, kind: str, what: str) -> CredentialPage:
    """Decode a page of one of the lists (api handbook 6.2, 6.3). Raises InvalidResponse if it has no list."""
    try:
        answer = msgspec.json.decode(checked_json(body))
    except DECODE_ERRORS as error:
        raise decoding_error(what, error, body) from None
    items = _items(answer)
    if items is None:
        raise InvalidResponse(f"{what}: the response contains no list. Check the API address and the proxy.")
    found = [item for item in items if isinstance(item, dict)]
    return CredentialPage(
        [_credential(item, kind) for item in found], len(items) - len(found), _following(answer), _total(answer)
    )


def _items(answer: Any) -> list[Any] | None:
    """Return a bare list, the one under a usual name, or else the only other list there is."""
    if isinstance(answer, list):
        return answer
    if not isinstance(answer, dict) or any(answer.get(name) for name in _ERRORS):
        return None
    usual = [answer[name] for name in _LISTS if name in answer]
    if usual:
        lists = [value for value in usual if isinstance(value, list)]
        return max(lists, key=len, default=None)
    lists = [value for name, value in answer.items() if isinstance(value, list) and name not in _NO_ITEMS]
    return lists[0] if len(lists) == 1 else None


def _following(answer: Any) -> object:
    if not isinstance(answer, dict):
        return None
    for part in (answer.get("links"), answer.get("meta"), answer.get("pagination"), answer):
        if isinstance(part, dict):
            for name in _NEXT:
                if found := part.get(name):
                    return found.get("href", found) if isinstance(found, dict) else found
    return None


def _total(answer: Any) -> int | None:
    totals = (answer.get(name) for name in _TOTALS) if isinstance(answer, dict) else ()
    return next((each for each in totals if isinstance(each, int) and not isinstance(each, bool) and each >= 0), None)


class _Members:
    """The members of an item. Each can be taken once; the rest is unread."""

    def __init__(self, item: Item) -> None:
        self._left = {name: value for name, value in item.items() if value or value == 0}

    def text(self, names: Iterable[str]) -> str | None:
        """Take a text or number; leave other values unread."""
        name = next((each for each in names if _is_text(self._left.get(each))), None)
        return None if name is None else text_or_none(self._left.pop(name))

    def scopes(self, names: Iterable[str]) -> tuple[str, ...] | None:
        """Take a list of scopes: texts, objects with a name, or one text with blanks."""
        name = next((each for each in names if isinstance(self._left.get(each), str | list)), None)
        if name is None:
            return None
        found = self._left[name]
        scopes = found.split() if isinstance(found, str) else [_scope(each) for each in found]
        if not all(scopes):
            return None
        del self._left[name]
        return tuple(truncate(scope) or "" for scope in scopes[:LISTED])

    def who(self, names: Iterable[str]) -> tuple[str | None, str | None, str | None]:
        """Take a reference to an account; return its id, name and e-mail. What else is told of it stays unread."""
        for name in names:
            value = self._left.get(name)
            if _is_text(value):
                del self._left[name]
                return text_or_none(value), None, None
            if isinstance(value, dict):
                inner = _Members(value)
                account = inner.text(("id", "accountId", "atlassianId", "serviceAccountId"))
                called, email = inner.text(("name", "displayName")), inner.text(("email", "emailAddress"))
                if account or called or email:
                    self._left[name] = inner.unread()
                    return account, called, email
        return None, None, None

    def unread(self) -> Item:
        """Return what was not taken, as it came, but for secrets and what is very long."""
        left = ((name, _without_secrets(name, value)) for name, value in self._left.items() if value or value == 0)
        return {truncate(name) or "": _bounded(value) for name, value in islice(left, LISTED)}


def _bounded(value: Any) -> Any:
    size = len(msgspec.json.encode(value))
    return value if size <= _LONGEST_UNREAD else f"({size:,} bytes, not kept)"


def _is_text(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _scope(value: Any) -> str:
    if isinstance(value, dict):
        value = next((value[name] for name in ("name", "id", "scope", "value") if name in value), "")
    return value if isinstance(value, str) else ""


def _credential(item: Item, kind: str) -> Credential:
    members = _Members(item)
    credential_id = members.text(_IDS[kind])
    name = members.text(_NAMES) or ""
    account_id, account_name, _ = members.who(_ACCOUNTS[kind])
    maker_id, maker_name, maker_email = members.who(_MAKERS)
    created = members.text(_CREATED)
    status = members.text(_STATUS)
    if item.get("revokedBy") or item.get("revocationDate"):
        status = "REVOKED"
    return Credential(
        kind=kind,
        credential_id=credential_id or _made_up_id(item, name, account_id, created),
        name=name,
        email=members.text(("email",)),
        description=members.text(("description",)),
        account_id=account_id,
        account_name=account_name,
        other_id=members.text(("atlassianId", "accountId")) if kind == SERVICE_ACCOUNT else None,
        maker_id=maker_id,
        maker_name=maker_name,
        maker_email=maker_email,
        created_at=created,
        expires_at=members.text(_ENDS),
        last_active_at=members.text(_USED),
        scopes=members.scopes(_SCOPES),
        status=status,
        extra=members.unread(),
    )


def _made_up_id(item: Item, name: str, account_id: str | None, created: str | None) -> str:
    """Return an id for an item without one, the same in each pull as long as what it is called does not change."""
    known = (name, account_id, created)
    said = msgspec.json.encode(known if any(known) else item, order="deterministic")
    return f"{MADE_UP}{hashlib.sha256(said).hexdigest()[:16]}"


def _without_secrets(name: str, value: Any) -> Any:
    """Return an unread member, at any depth without the values of secrets."""
    plain = re.sub(r"[-_ ]", "", name).lower()
    if isinstance(value, str | dict | list) and _SECRET.search(plain) and not _ABOUT_SECRETS.search(name):
        return LEFT_OUT
    if isinstance(value, dict):
        return {inner: _without_secrets(inner, each) for inner, each in value.items()}
    if isinstance(value, list):
        return [_without_secrets(name, each) for each in value]
    return value
