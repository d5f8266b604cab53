"""The API's data on one account."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tokendesk.sandbox.accounts import HOME, Accounts, Kind
from tokendesk.sandbox.seeded_random import SeededRandom

_JOBS = {
    "Engineering": ("Software Engineer", "Senior Software Engineer", "Engineering Manager", "Test Engineer"),
    "Platform": (
        "Site Reliability Engineer",
        "Platform Engineer",
        "Release Manager",
        "Database Administrator",
    ),
    "Product": ("Product Manager", "Product Designer", "Technical Writer", "User Researcher"),
    "Finance": ("Accountant", "Controller", "Payroll Specialist", "Treasury Analyst"),
    "Customer Support": ("Support Agent", "Support Team Lead", "Customer Success Manager"),
    "Sales": ("Account Executive", "Sales Engineer", "Sales Operations Analyst"),
    "People": ("Recruiter", "People Partner", "Learning Specialist"),
    "Legal": ("Legal Counsel", "Privacy Officer", "Contract Manager"),
    "Operations": ("Facilities Coordinator", "Procurement Specialist", "Logistics Planner"),
    "Information Security": ("Security Analyst", "Identity Engineer", "Auditor"),
}
_CHIEFS = (
    "Chief Executive Officer",
    "Chief Financial Officer",
    "Chief Technology Officer",
    "VP Sales",
    "VP People",
)
_PLACES = (
    ("Berlin", "Europe/Berlin"), ("Madrid", "Europe/Madrid"), ("Oslo", "Europe/Oslo"),
    ("London", "Europe/London"), ("Kraków", "Europe/Warsaw"), ("Boston", "America/New_York"),
    ("São Paulo", "America/Sao_Paulo"), ("Singapore", "Asia/Singapore"), ("Bengaluru", "Asia/Kolkata"),
    ("Tel Aviv", "Asia/Jerusalem"), ("Nairobi", "Africa/Nairobi"), ("Remote", "Etc/UTC"),
)  # fmt: skip
_PRODUCTS = (("jira", "Jira"), ("confluence", "Confluence"), ("bitbucket", "Bitbucket"), ("loom", "Loom"))
ORG_ADMIN, SITE_ADMIN = "atlassian/org-admin", "atlassian/site-admin"
_ROLES: Mapping[Kind, tuple[tuple[int, tuple[str, ...]], ...]] = {
    Kind.PERSON: ((4, (SITE_ADMIN,)), (10, ("jira-admin",)), (5, ("confluence-admin",))),
    Kind.CONTRACTOR: ((20, ("jira-admin",)),),
    Kind.INTEGRATION: ((150, ("jira-admin",)), (80, ("jira-admin", "confluence-admin"))),
    Kind.SERVICE: ((150, ("jira-admin",)), (60, (SITE_ADMIN,))),
}
"""How many in a thousand of each kind have which roles; the others have none."""


@dataclass(frozen=True, slots=True)
class Product:
    key: str
    name: str
    last_active: datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    index: int
    account_id: str
    kind: Kind
    name: str
    nickname: str
    email: str | None
    job_title: str
    department: str | None
    location: str | None
    time_zone: str | None
    added: datetime
    deactivated: datetime | None
    mfa: bool
    synced: bool
    products: tuple[Product, ...]
    roles: tuple[str, ...]

    @property
    def managed(self) -> bool:
        return self.kind is not Kind.GUEST

    @property
    def status(self) -> str:
        """The status in the organization, one of the values of the v2 `status` filter."""
        return STATUS.get(self.kind, "active")

    @property
    def account_status(self) -> str:
        return ACCOUNT_STATUS.get(self.kind, "active")

    @property
    def membership_status(self) -> str:
        return MEMBERSHIP.get(self.kind, "active")

    @property
    def last_active(self) -> datetime | None:
        return max((p.last_active for p in self.products if p.last_active), default=None)

    @property
    def groups(self) -> tuple[str, ...]:
        teams = (self.department.lower().replace(" ", "-"),) if self.department else ()
        extra = {
            Kind.ADMIN: ("org-admins",),
            Kind.CONTRACTOR: ("contractors",),
            Kind.EXECUTIVE: ("leadership",),
        }
        if self.kind in (Kind.INTEGRATION, Kind.SERVICE):
            return ("integrations",)
        return teams + extra.get(self.kind, ())


STATUS = {Kind.LEAVER: "deactivated", Kind.CLOSED: "deactivated", Kind.SUSPENDED: "suspended"}
MEMBERSHIP = {
    Kind.LEAVER: "no_membership", Kind.CLOSED: "no_membership", Kind.SUSPENDED: "suspended",
}  # fmt: skip
ACCOUNT_STATUS = {Kind.LEAVER: "inactive", Kind.CLOSED: "closed"}


class People:
    """The accounts of an organization, each generated on request.

    The first `owners` leavers own tokens: they left 95 to 190 days before the anchor, so that their tokens
    had time to be created, used, and forgotten.
    """

    def __init__(self, accounts: Accounts, anchor: datetime, owners: int) -> None:
        self._accounts = accounts
        self._anchor = anchor
        self._owners = owners

    def person(self, index: int, now: datetime) -> Person:
        kind, ordinal = self._accounts.place(index)
        name, nickname, email = self._accounts.names(index)
        rng = self._accounts.random("person", index)
        machine = kind in (Kind.INTEGRATION, Kind.SERVICE)
        department, title = self._job(kind, rng)
        location, time_zone = rng.choice(_PLACES)
        deactivated = self.deactivated(kind, ordinal)
        # Earlier than the oldest possible token: eight years, from before tokens had to expire within a year.
        years = (8, 12) if self._anchor.year < 2026 else (1, 9)
        joined = rng.randint(years[0] * 366 + 100, years[1] * 366)
        added = self._anchor - timedelta(days=joined, seconds=rng.randrange(86_400))
        if email and kind is Kind.PERSON and rng.randrange(50) == 0:
            # In the case of the directory it was synchronised from; other endpoints return lower case.
            email = ".".join(part.capitalize() for part in email.split(".", 1))
        return Person(
            index=index,
            account_id=self._accounts.account_id(index),
            kind=kind,
            name=name,
            nickname=nickname,
            email=email,
            job_title=title,
            department=department,
            location=None if machine else location,
            time_zone=None if machine else time_zone,
            added=added,
            deactivated=deactivated,
            mfa=not machine and rng.chance(80),
            synced=not machine and kind is not Kind.GUEST and rng.chance(85),
            products=tuple(self._products(kind, rng, deactivated, now)),
            roles=self.roles(index),
        )

    def roles(self, index: int) -> tuple[str, ...]:
        kind, _ = self._accounts.place(index)
        if kind is Kind.ADMIN:
            return (ORG_ADMIN,)
        drawn = self._accounts.random("platform roles", index).randrange(1000)
        for share, roles in _ROLES.get(kind, ()):
            if drawn < share:
                return roles
            drawn -= share
        return ()

    def deactivated(self, kind: Kind, ordinal: int) -> datetime | None:
        if kind not in (Kind.LEAVER, Kind.CLOSED):
            return None
        rng = self._accounts.random(f"leaving {kind.value}", ordinal)
        owner = kind is Kind.LEAVER and ordinal < self._owners
        days = rng.randint(95, 190) if owner else rng.randint(20, 390)
        return self._anchor - timedelta(days=days, seconds=rng.randrange(30_000))

    @staticmethod
    def _job(kind: Kind, rng: SeededRandom) -> tuple[str | None, str]:
        if kind in (Kind.INTEGRATION, Kind.SERVICE, Kind.CLOSED, Kind.GUEST):
            return None, ""
        if kind is Kind.EXECUTIVE:
            return "Leadership", rng.choice(_CHIEFS)
        if kind is Kind.ADMIN:
            return "Information Security", "Atlassian Administrator"
        department = rng.choice(tuple(_JOBS))
        return department, rng.choice(_JOBS[department])

    def _products(
        self, kind: Kind, rng: SeededRandom, deactivated: datetime | None, now: datetime
    ) -> Iterator[Product]:
        if kind is Kind.CLOSED:
            return
        habit = rng.randrange(100)
        for key, name in _PRODUCTS[: rng.randint(1, 4)]:
            lag = timedelta(days=rng.randrange(4), seconds=rng.randint(28_800, 64_800))
            if deactivated:
                last: datetime | None = deactivated - lag
            elif habit < 78:
                midnight = datetime.combine(now.date(), datetime.min.time(), UTC)
                last = midnight - timedelta(days=1) - lag
            elif habit < 94:
                last = self._anchor - timedelta(days=rng.randint(8, 200)) - lag
            else:
                last = None
            yield Product(key, name, last)


def site(product: str) -> str:
    return f"https://acme.{HOME}/{product}"
