"""What pulls before the beginning saw of API keys, service accounts' tokens and OAuth clients."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from tokendesk.model.credential_kinds import KEY, OAUTH_CLIENT, SERVICE_TOKEN
from tokendesk.sandbox.credential_series import Credential, CredentialSeries
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.service_accounts import client_item, key_item, token_item

Item = Callable[[Organization, Credential], dict[str, Any]]


class PastCredential(NamedTuple):
    """`owner`: the service account, or else the maker; `email`: the maker's.

    `seen`: the last use that each pull saw, -1 for none, from the first pull that listed it on. None ends before the
    organization begins.
    """

    record: str
    label: str
    owner: str | None
    email: str | None
    created: int
    created_text: str
    seen: list[int]


def past_credentials(organization: Organization, pulls: Sequence[int]) -> Iterator[PastCredential]:
    credentials = organization.credentials
    series: tuple[tuple[str, CredentialSeries, Item], ...] = (
        (KEY, credentials.keys, key_item),
        (SERVICE_TOKEN, credentials.tokens, token_item),
        (OAUTH_CLIENT, credentials.clients, client_item),
    )
    for kind, lives, item_of in series:
        for _, life in lives.listed(pulls[-1]):
            item = item_of(organization, life)
            maker = item.get("createdBy", {})
            account = credentials.roles.account(life.owner).name if "serviceAccountId" in item else None
            uses = (lives.last_use(life, at) for at in pulls if life.created <= at)
            yield PastCredential(
                f"{kind}:{lives.id(life.number)}", life.label, account or maker.get("name"), maker.get("email"),
                life.created, item["createdAt"], [-1 if use is None else use for use in uses],
            )  # fmt: skip
