"""Records of the program: users, tokens and memberships, independent of the API's field names."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Organization:
    org_id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class User:
    """A managed account. Times are the API's text; `extra` has unknown fields.

    `roles`, `products` and `groups` are None if the API did not tell them. `products`: key -> last use, or None.
    """

    account_id: str
    name: str
    email: str | None = None
    account_type: str | None = None
    account_status: str | None = None
    status: str | None = None
    membership_status: str | None = None
    claim_status: str | None = None
    job_title: str | None = None
    department: str | None = None
    org_admin: bool | None = None
    last_active: str | None = None
    added_to_org: str | None = None
    deactivated_on: str | None = None
    roles: tuple[str, ...] | None = None
    products: Mapping[str, str | None] | None = None
    groups: tuple[str, ...] | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    """A user API token. `scopes` is None if the API did not return them (classic or unknown)."""

    token_id: str
    label: str
    status: str | None = None
    created_at: str | None = None
    expires_at: str | None = None
    last_active_at: str | None = None
    owner_id: str | None = None
    owner_name: str | None = None
    owner_email: str | None = None
    scopes: tuple[str, ...] | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Credential:
    """Another way in than a user's token. Times are the API's text; `extra` has unread fields.

    `kind`: see credential_kinds.py. `account_id`: the service account it belongs to, or the organization's account of
    a key; `other_id`: a second id of a service account. `scopes` is None if the API did not return them.
    """

    kind: str
    credential_id: str
    name: str
    email: str | None = None
    description: str | None = None
    account_id: str | None = None
    account_name: str | None = None
    other_id: str | None = None
    maker_id: str | None = None
    maker_name: str | None = None
    maker_email: str | None = None
    created_at: str | None = None
    expires_at: str | None = None
    last_active_at: str | None = None
    scopes: tuple[str, ...] | None = None
    status: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def record(self) -> str:
        """The id under which notes refer to it: ids of two kinds may be equal."""
        return f"{self.kind}:{self.credential_id}"


@dataclass(frozen=True, slots=True)
class Membership:
    """The authentication policy of a user; `policy_id` is None if it is unknown, `problem` says why."""

    account_id: str
    policy_id: str | None
    policy_name: str | None = None
    email: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class MoveTask:
    """The progress of a move between policies; `failures` maps e-mail addresses to reasons."""

    in_progress: int
    succeeded: int
    failed: int
    failures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UserToken:
    """A token in the list of one account. `disabled`: yes, no, or the text of `disabledStatus`."""

    token_id: str
    label: str
    created_at: str | None
    last_access: str | None
    expiry: str | None
    disabled: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """An audited action. `token_id` and `token_label` are set if it was done with a token.

    `auth_type`: `api-token` for the tokens of users; others are of apps.
    """

    event_id: str
    time: str
    action: str
    actor_id: str | None = None
    token_id: str | None = None
    token_label: str | None = None
    ip: str | None = None
    products: tuple[str, ...] = ()
    auth_type: str | None = None
