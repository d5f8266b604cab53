"""The credentials of the practice organization besides user tokens: API keys, service accounts, OAuth clients."""

from collections.abc import Iterator
from datetime import UTC, datetime

from tokendesk.sandbox.accounts import Accounts, Kind
from tokendesk.sandbox.credential_scenario import CredentialRoles, CredentialSizes, MovedJob
from tokendesk.sandbox.credential_series import Credential, CredentialSeries
from tokendesk.sandbox.people import People
from tokendesk.sandbox.rhythm import DAY
from tokendesk.sandbox.scenario import ROLE_COUNT
from tokendesk.sandbox.tokens import Tokens


class Credentials:
    def __init__(
        self, seed: int, anchor: int, sizes: CredentialSizes, accounts: Accounts, people: People, tokens: Tokens
    ) -> None:
        self.sizes = sizes
        left = people.deactivated(Kind.LEAVER, 0) or datetime.fromtimestamp(anchor - 95 * DAY, UTC)
        moved = _moved_job(anchor, accounts, tokens)
        self.roles = CredentialRoles(seed, anchor, sizes, accounts, int(left.timestamp()), moved)
        owned = sizes.service_tokens if sizes.service_accounts else 0
        self.keys = CredentialSeries("api key", seed, anchor, sizes.keys, self.roles.key)
        self.tokens = CredentialSeries("service account token", seed, anchor, owned, self.roles.token)
        self.clients = CredentialSeries("oauth client", seed, anchor, sizes.oauth_clients, self.roles.client)

    def tokens_of(self, account: int, now: int) -> Iterator[Credential]:
        """Yield the listed tokens of one service account, in the order of the whole list."""
        for slot in self.roles.token_slots(account, self.tokens.slots):
            for life in self.tokens.listed_in(slot, now):
                if life.owner == account:
                    yield life

    def replaced_by(self, credential_id: str) -> str | None:
        """Return the id of what a key, service-account token or OAuth client really replaces, or None."""
        found = (series.replaced_by(credential_id) for series in (self.keys, self.tokens, self.clients))
        return next((replaced for replaced in found if replaced), None)


def _moved_job(anchor: int, accounts: Accounts, tokens: Tokens) -> MovedJob | None:
    """Return the job of the service user whose token went out of use a month or two ago."""
    holders = tokens.holders
    for slot in range(min(holders.tokens, ROLE_COUNT)):
        role = holders.role(slot)
        if role.kind is not Kind.SERVICE or role.life != "e":
            continue
        life = next(tokens.lifetimes(slot))
        used = tokens.rhythm(life).last(anchor)
        if used is None:
            continue
        token = tokens.token(life, anchor)
        name = accounts.names(token.owner)[0]
        return MovedJob(name, token.label or name, token.id, used, token.scopes or ("read:jira-work",))
    return None
