"""Generates the audit log day by day: actions with tokens, on tokens, and on members of policies."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tokendesk.sandbox.accounts import Kind
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.rhythm import DAY
from tokendesk.sandbox.seeded_random import Ids, SeededRandom
from tokendesk.sandbox.tokens import TokenLifetime

RETENTION_DAYS = 180
LAG = 42  # seconds until an event that happened has been processed
_MOST_AUDITED = 3_000

# Id -> text, group, product. The real ids are not documented: nothing should rely on these.
ACTIONS: dict[str, tuple[str, str, str]] = {
    "jira_issue_created": ("Created work item", "Jira activity", "jira"),
    "jira_issue_updated": ("Edited work item", "Jira activity", "jira"),
    "jira_issue_exported": ("Exported work items", "Jira activity", "jira"),
    "confluence_page_created": ("Created page", "Confluence activity", "confluence"),
    "confluence_page_updated": ("Edited page", "Confluence activity", "confluence"),
    "confluence_space_exported": ("Exported space", "Confluence activity", "confluence"),
    "bitbucket_repository_cloned": ("Cloned repository", "Bitbucket activity", "bitbucket"),
    "user_login": ("Logged in", "User activity", "jira"),
    "user_token_created": ("Created API token", "API tokens", ""),
    "user_token_revoked": ("Revoked API token", "API tokens", ""),
    "policy_members_added": ("Added members to authentication policy", "Authentication policies", ""),
    "policy_settings_changed": ("Changed authentication policy", "Authentication policies", ""),
}
_BY_TOKEN = tuple(name for name, (_, _, product) in ACTIONS.items() if product and name != "user_login")
# Addresses reserved for documentation (RFC 5737).
_NETWORKS = (("203.0.113.", "Berlin, Germany"), ("198.51.100.", "Dublin, Ireland"), ("192.0.2.", "Boston, USA"))


@dataclass(frozen=True, slots=True)
class Event:
    """`token`: the token used for the action; `subject`: the id of the changed account, token or policy."""

    id: str
    time: int
    action: str
    actor: int
    ip: str
    place: str
    token: TokenLifetime | None = None
    subject: str = ""

    @property
    def product(self) -> str:
        return ACTIONS[self.action][2]


class EventBook:
    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._ids = Ids(organization.seed, "event")
        self._days: dict[int, list[Event]] = {}
        self._version = -1

    def oldest_day(self) -> int:
        return self._organization.seconds() // DAY - RETENTION_DAYS

    def day(self, day: int) -> list[Event]:
        """Return the processed events of one day, counted from 1970, in order of time."""
        if not self._organization.users:
            return []
        if self._version != self._organization.version:
            self._version = self._organization.version
            self._days.clear()
        events = self._days.get(day)
        if events is None:
            if len(self._days) > RETENTION_DAYS + 2:
                self._days.clear()
            events = sorted(self._happenings(day * DAY, (day + 1) * DAY), key=lambda e: (e.time, e.id))
            self._days[day] = events
        until = self._organization.seconds() - LAG
        return events if not events or events[-1].time <= until else [e for e in events if e.time <= until]

    def find(self, event_id: str) -> Event | None:
        payload = self._ids.payload(event_id)
        if payload is None:
            return None
        day = (payload & (1 << 40) - 1) // DAY
        if day < self.oldest_day():
            return None
        return next((event for event in self.day(day) if event.id == event_id), None)

    def _event(self, kind: int, number: int, time: int, action: str, actor: int, **more: object) -> Event:
        rng = SeededRandom(self._organization.seed, "event", kind, number, time)
        token = more.get("token")
        # A job uses one address, a person several.
        place = SeededRandom(self._organization.seed, "machine", number) if isinstance(token, TokenLifetime) else rng
        network, where = place.choice(_NETWORKS)
        return Event(
            id=self._ids.uuid(kind << 88 | (number & (1 << 48) - 1) << 40 | time),
            time=time,
            action=action,
            actor=actor,
            ip=f"{network}{place.randint(1, 254)}",
            place=where,
            token=token if isinstance(token, TokenLifetime) else None,
            subject=str(more.get("subject", "")),
        )

    def _happenings(self, start: int, end: int) -> Iterator[Event]:
        yield from self.with_tokens(start, end)
        yield from self._logins(start, end)
        yield from self._administered(start, end)

    def with_tokens(self, start: int, end: int) -> Iterator[Event]:
        """Yield the creation of tokens, and their audited uses; not all uses are audited."""
        organization = self._organization
        tokens = organization.tokens
        slots = tokens.open_slots(end)
        for slot in range(0, slots, 1 + slots // _MOST_AUDITED):
            for life in tokens.lifetimes(slot, end):
                if life.ends <= start or organization.prevented(life):
                    continue
                owner = tokens.holders.owner(slot)
                if start <= life.created < end:
                    subject = tokens.id(life.number)
                    yield self._event(1, life.number, life.created, "user_token_created", owner, subject=subject)
                habit = SeededRandom(organization.seed, "audited", slot)
                if not habit.chance(70):
                    continue
                action = habit.choice(_BY_TOKEN)
                for use in organization.uses_in(life, start, end):
                    if SeededRandom(organization.seed, "use", slot, use).chance(75):
                        yield self._event(2, life.number, use, action, owner, token=life)

    def _logins(self, start: int, end: int) -> Iterator[Event]:
        organization = self._organization
        workday = datetime.fromtimestamp(start, UTC).weekday() < 5
        people = organization.accounts.sizes[Kind.PERSON]
        for i in range(min(people, 30 if workday else 3)):
            rng = SeededRandom(organization.seed, "login", start, i)
            actor = organization.accounts.index(Kind.PERSON, rng.randrange(people))
            time = start + rng.randint(6 * 3_600, 18 * 3_600)
            if time < end:
                yield self._event(3, i, time, "user_login", actor)

    def _administered(self, start: int, end: int) -> Iterator[Event]:
        organization = self._organization
        admin = organization.accounts.index(Kind.ADMIN, 0)
        state = organization.state
        for token_id, at in state.revoked.items():
            if start <= at < end:
                number = organization.tokens.find(token_id) or 0
                yield self._event(4, number, at, "user_token_revoked", admin, subject=token_id)
        for account_id, steps in state.moves.items():
            for step, (_, at) in enumerate(steps):
                if start <= at < end:
                    index = organization.accounts.find_id(account_id) or 0
                    yield self._event(5 + step % 64, index, at, "policy_members_added", admin, subject=account_id)
        for place, (policy_id, settings) in enumerate(state.blocking.items()):
            for step, (_, at) in enumerate(settings):
                if start <= at < end:
                    number = place * 1000 + step
                    yield self._event(80, number, at, "policy_settings_changed", admin, subject=policy_id)
