"""The credentials of the practice organization besides user tokens: API keys, service accounts, OAuth clients."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from tokendesk.sandbox.accounts import Accounts, Kind
from tokendesk.sandbox.credential_scenario import MOVED, MOVING, CredentialRoles, CredentialSizes, MovedJob
from tokendesk.sandbox.credential_series import Credential, CredentialSeries
from tokendesk.sandbox.people import People
from tokendesk.sandbox.rhythm import DAY, HOUR
from tokendesk.sandbox.scenario import ROLE_COUNT
from tokendesk.sandbox.tokens import MOVE_LEAD, Tokens


class Credentials:
    def __init__(
        self, seed: int, anchor: int, sizes: CredentialSizes, accounts: Accounts, people: People, tokens: Tokens
    ) -> None:
        self.sizes = sizes
        left = people.deactivated(Kind.LEAVER, 0) or datetime.fromtimestamp(anchor - 95 * DAY, UTC)
        moved = _moved_jobs(anchor, accounts, tokens)
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

    def predecessor_of(self, credential_id: str) -> str | None:
        """Return the id of what a key, service-account token or OAuth client really replaces, or None."""
        found = (series.predecessor_of(credential_id) for series in (self.keys, self.tokens, self.clients))
        return next((predecessor for predecessor in found if predecessor), None)


def _moved_jobs(anchor: int, accounts: Accounts, tokens: Tokens) -> Mapping[int, MovedJob]:
    """Return the jobs of user accounts that service accounts take over, by the number of the service account.

    One user token went out of use a month or two ago for it; another one ends soon.
    """
    jobs: dict[int, MovedJob] = {}
    holders = tokens.holders
    for slot in range(min(holders.tokens, ROLE_COUNT)):
        role, life = holders.role(slot), next(tokens.lifetimes(slot), None)
        if role.kind is not Kind.SERVICE or life is None:
            continue
        token = tokens.token(life, anchor)
        name = accounts.names(token.owner)[0]
        label, scopes = token.label or name, token.scopes or ("read:jira-work",)
        if role.life == "e" and (used := tokens.rhythm(life).last(anchor)) is not None:
            jobs[MOVED] = MovedJob(name, label, token.id, used - 2 * HOUR, used + HOUR, scopes)
        if tokens.moves_away(life):
            at = life.ends - MOVE_LEAD
            jobs[MOVING] = MovedJob(name, f"{label} (service account)", token.id, at - HOUR, at, scopes)
    return jobs
