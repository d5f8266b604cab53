"""The JSON shapes of Atlassian's responses, and their decoding into records.

Nearly everything is optional, and unknown fields are kept: the API grows without notice (api handbook 3.4).
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from tokendesk.api.decoding import (
    DECODE_ERRORS,
    Item,
    checked_json,
    convert,
    decode,
    decode_list,
    decoding_error,
    text_or_none,
    truncate,
    unknown_fields,
)
from tokendesk.errors import InvalidResponse
from tokendesk.model.bounds import LISTED, TEXT_CHARACTERS
from tokendesk.model.records import Event, MoveTask, Organization, Token, User, UserToken
from tokendesk.model.user_access import ORG_ADMIN, role_name

UNKNOWN_PRODUCT = "unknown"
"""The key of a product of which Atlassian did not say which one it is."""
TOKEN_STATUSES = ("ALLOWED", "BLOCKED", "REVOKED")


class Links(msgspec.Struct):
    next: Any = None


class Page(msgspec.Struct):
    data: list[Item]
    links: Links | None = None


class Count(msgspec.Struct):
    count: int


class OrgAttributes(msgspec.Struct):
    name: str | None = None


class OrgData(msgspec.Struct):
    id: str
    attributes: OrgAttributes | None = None


class OrgResponse(msgspec.Struct):
    data: OrgData


class TokenOwner(msgspec.Struct, rename="camel"):
    id: str | None = None
    org_id: Any = None
    name: str | None = None
    email: str | None = None


class OrgToken(msgspec.Struct, rename="camel"):
    id: str
    label: str | None = None
    status: str | None = None
    created_at: Any = None
    expires_at: Any = None
    last_active_at: Any = None
    user: TokenOwner | None = None
    scopes: list[str] | None = None


class ProductAccess(msgspec.Struct, rename="camel"):
    key: Any = None
    id: Any = None
    last_active_timestamp: str | None = None


class DirectoryUser(msgspec.Struct, rename="camel"):
    account_id: str
    account_type: str | None = None
    account_status: str | None = None
    status: str | None = None
    membership_status: str | None = None
    claim_status: str | None = None
    name: str | None = None
    nickname: str | None = None
    email: str | None = None
    job_title: str | None = None
    department: str | None = None
    platform_roles: list[str] | None = None
    added_to_org: Any = None
    deactivated_on: Any = None
    product_access: list[ProductAccess] | None = None


class ManagedAccount(msgspec.Struct):
    account_id: str
    account_type: str | None = None
    account_status: str | None = None
    name: str | None = None
    email: str | None = None
    last_active: Any = None


def tokens(items: Iterable[Item], what: str) -> list[Token]:
    """Decode the items of a page of user API tokens (api handbook 6.1)."""
    records = []
    for index, item in enumerate(items):
        shape = convert(item, OrgToken, what, index)
        owner = shape.user or TokenOwner()
        records.append(
            Token(
                token_id=shape.id,
                label=truncate(shape.label) or "",
                status=_status(truncate(shape.status)),
                created_at=text_or_none(shape.created_at),
                expires_at=text_or_none(shape.expires_at),
                last_active_at=text_or_none(shape.last_active_at),
                owner_id=owner.id,
                owner_name=truncate(owner.name),
                owner_email=truncate(owner.email),
                scopes=None if shape.scopes is None else tuple(shape.scopes),
                extra=unknown_fields(item, OrgToken) | _unknown_nested_fields(item, "user", TokenOwner),
            )
        )
    return records


def _status(status: str | None) -> str | None:
    """Return a status in upper case if it is a known one: the API's spelling varies."""
    upper = (status or "").upper()
    return upper if upper in TOKEN_STATUSES else status


def _unknown_nested_fields(item: Item, name: str, shape: type[msgspec.Struct]) -> Item:
    """Return the unknown members of the object `name`, under that name."""
    inner = _nested_object(item, name)
    extra = unknown_fields(inner, shape)
    return {name: extra} if extra else {}


def users(items: Iterable[Item], what: str) -> list[User]:
    """Decode the items of a page of the v2 user search (api handbook 4.2)."""
    records = []
    for index, item in enumerate(items):
        shape = convert(item, DirectoryUser, what, index)
        seen = [product.last_active_timestamp or "" for product in shape.product_access or ()]
        roles, groups = shape.platform_roles, _group_names(item.get("groups"))
        extra = unknown_fields(item, DirectoryUser)
        if groups is not None:
            extra.pop("groups", None)
        records.append(
            User(
                account_id=shape.account_id,
                name=truncate(shape.name or shape.nickname) or "",
                email=text_or_none(shape.email),
                account_type=truncate(shape.account_type),
                account_status=truncate(shape.account_status),
                status=truncate(shape.status),
                membership_status=truncate(shape.membership_status),
                claim_status=truncate(shape.claim_status),
                job_title=truncate(shape.job_title),
                department=truncate(shape.department),
                org_admin=None if roles is None else any(role_name(role) == ORG_ADMIN for role in roles),
                last_active=max(seen, default="") or None,
                added_to_org=text_or_none(shape.added_to_org),
                deactivated_on=text_or_none(shape.deactivated_on),
                roles=None if roles is None else _texts(roles),
                products=None if shape.product_access is None else _last_uses(shape.product_access),
                groups=groups,
                extra=extra,
            )
        )
    return records


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    """Return each text once, truncated, up to the limit of a list."""
    return tuple(dict.fromkeys(value[:TEXT_CHARACTERS] for value in values if value))[:LISTED]


def _last_uses(products: Iterable[ProductAccess]) -> dict[str, str | None]:
    """Return the last use of each product by its key: a user may have it on several sites."""
    found: dict[str, str | None] = {}
    for product in products:
        key = product.key if isinstance(product.key, str) and product.key else _product({"id": product.id})
        key = (key or UNKNOWN_PRODUCT)[:TEXT_CHARACTERS]
        if key in found or len(found) < LISTED:
            used = truncate(product.last_active_timestamp)
            found[key] = max(found.get(key) or "", used or "") or None
    return found


def _group_names(groups: Any) -> tuple[str, ...] | None:
    """Return the names of groups, which are never asked for; None if they did not arrive as documented."""
    if not isinstance(groups, list):
        return None
    sent = [group.get("name") if isinstance(group, dict) else None for group in groups]
    names = [name for name in sent if isinstance(name, str)]
    return _texts(names) if len(names) == len(sent) else None


def managed_accounts(items: Iterable[Item], what: str) -> list[User]:
    """Decode the items of a page of v1 managed accounts (api handbook 4.1)."""
    records = []
    for index, item in enumerate(items):
        shape = convert(item, ManagedAccount, what, index)
        records.append(
            User(
                account_id=shape.account_id,
                name=truncate(shape.name) or "",
                email=text_or_none(shape.email),
                account_type=truncate(shape.account_type),
                account_status=truncate(shape.account_status),
                claim_status="managed",
                last_active=text_or_none(shape.last_active),
                extra=unknown_fields(item, ManagedAccount),
            )
        )
    return records


def organization(body: bytes, what: str) -> Organization:
    data = decode(body, OrgResponse, what).data
    return Organization(data.id, truncate(data.attributes.name) if data.attributes else None)


class OrgApiKey(msgspec.Struct, rename="camel"):
    label: str | None = None
    expires_at: Any = None
    last_active_at: Any = None


def api_keys(body: bytes, what: str) -> list[OrgApiKey]:
    """Decode a list of organization API keys (api handbook 6.2)."""
    return [convert(item, OrgApiKey, what, index) for index, item in enumerate(decode(body, Page, what).data)]


def privileges(body: bytes, what: str) -> dict[str, bool]:
    """Decode the privileges on an account (api handbook 5)."""
    try:
        answer = msgspec.json.decode(checked_json(body))
    except DECODE_ERRORS as error:
        raise decoding_error(what, error, body) from None
    if not isinstance(answer, dict):
        raise InvalidResponse(f"{what}: the response is not an object. Check the API address and the proxy.")
    return {name: value.get("allowed") is True for name, value in answer.items() if isinstance(value, dict)}


class TaskStarted(msgspec.Struct, rename="camel"):
    task_id: str


class TaskFailure(msgspec.Struct):
    emails: list[str] = []
    details: Item = {}


class TaskStatus(msgspec.Struct, rename="camel"):
    in_progress_count: int
    success_count: int
    failure_count: int
    failure_reasons: list[TaskFailure] | None = None


def move_task(body: bytes, what: str) -> MoveTask:
    """Decode the counters of a move (api handbook 7.2): one reason may apply to many addresses."""
    status = decode(body, TaskStatus, what)
    failures = {
        email: ": ".join(str(failure.details[name]) for name in ("title", "detail") if failure.details.get(name))
        for failure in status.failure_reasons or ()
        for email in failure.emails
    }
    return MoveTask(status.in_progress_count, status.success_count, status.failure_count, failures)


class AccountToken(msgspec.Struct, rename="camel"):
    id: str
    label: str | None = None
    created_at: Any = None
    last_access: Any = None
    expiry: Any = None
    disabled_status: Any = None


def user_tokens(body: bytes, what: str) -> list[UserToken]:
    """Decode the bare list of one account's tokens (api handbook 5)."""
    shapes = [convert(item, AccountToken, what, index) for index, item in enumerate(decode_list(body, what))]
    return [
        UserToken(
            shape.id,
            truncate(shape.label) or "",
            text_or_none(shape.created_at),
            text_or_none(shape.last_access),
            text_or_none(shape.expiry),
            _disabled(shape.disabled_status),
        )
        for shape in shapes
    ]


def _disabled(value: Any) -> str | None:
    """Return `disabledStatus`: yes or no for a boolean. It is not documented, so other values stay as they are."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else text_or_none(value)


class PageMeta(msgspec.Struct):
    next: Any = None


class EventPage(msgspec.Struct):
    data: list[Item] = []
    meta: PageMeta | None = None
    links: Links | None = None


def events(items: Iterable[Item], what: str) -> list[Event]:
    """Decode audit events (api handbook 4.4). Parts that are not as documented are dropped."""
    found = []
    for item in items:
        attributes = _nested_object(item, "attributes")
        actor = _nested_object(attributes, "actor")
        auth = _nested_object(actor, "auth")
        if not isinstance(item.get("id"), str):
            raise InvalidResponse(f"{what}: an event has no id. Try again; report it if this keeps happening.")
        found.append(
            Event(
                event_id=item["id"],
                time=str(attributes.get("time") or ""),
                action=str(attributes.get("action") or ""),
                actor_id=text_or_none(actor.get("id")),
                token_id=text_or_none(auth.get("tokenId")),
                token_label=text_or_none(auth.get("tokenLabel") or auth.get("tokenName")),
                ip=text_or_none(_nested_object(attributes, "location").get("ip")),
                products=_products(attributes.get("container")),
                auth_type=text_or_none(auth.get("authType")),
            )
        )
    return found


def _products(containers: Any) -> tuple[str, ...]:
    items = [item for item in containers if isinstance(item, dict)] if isinstance(containers, list) else []
    return tuple(dict.fromkeys(filter(None, map(_product, items))))


def _product(container: Item) -> str | None:
    """Return the product of a container: as stated, or from an id like `ari:cloud:jira::site/…`."""
    said = _nested_object(container, "attributes").get("product")
    if isinstance(said, str) and said:
        return said
    parts = str(container.get("id") or "").split(":")
    return parts[2] if len(parts) > 3 and parts[0] == "ari" and parts[2] not in ("", "platform") else None


def event_actions(body: bytes, what: str) -> dict[str, str]:
    """Decode the catalogue of audit actions: id -> display name."""
    items = (item for item in decode_list(body, what) if isinstance(item, dict) and isinstance(item.get("id"), str))
    return {item["id"]: str(_nested_object(item, "attributes").get("displayName") or item["id"]) for item in items}


def _nested_object(item: Item, name: str) -> Item:
    part = item.get(name)
    return part if isinstance(part, dict) else {}
