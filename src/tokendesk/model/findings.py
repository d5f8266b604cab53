"""The findings on tokens, users and policies: a name, a description, and the filter for exactly their rows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from tokendesk.model.scope_patterns import ADMIN
from tokendesk.model.timestamps import DAY, day, span
from tokendesk.model.token_reach import NOT_TOLD

if TYPE_CHECKING:
    from tokendesk.model.usage_rhythm import Rhythm

NO_PURPOSE = "no-purpose"
_INACTIVE = "deactivated,closed,suspended,for_deletion"


class Thresholds(NamedTuple):
    """In days, except `many_tokens`. Set in the table `thresholds` of `config.toml`."""

    in_use: int = 30
    never_used: int = 30
    idle: int = 90
    stale: int = 365
    expiring: int = 30
    many_tokens: int = 5
    renewal: int = 60
    """How long before and after its end something is listed as due for renewal."""


class Finding(NamedTuple):
    """A finding. `filter` is in the filter language of its pane."""

    name: str
    title: str
    short: str
    filter: str
    urgent: bool = False
    implies: tuple[str, ...] = ()
    """Findings that a row does not list in addition to this one."""
    in_rows: bool = True
    always: bool = True
    """Whether the counts list it even if no row has it."""


_NOTED = (
    Finding("review-due", "review due", "review", "review:<=today", True),
    Finding("answer-overdue", "answer overdue", "overdue", "reply:<today answer:none", True),
)


def token_findings(thresholds: Thresholds) -> tuple[Finding, ...]:
    """Return the findings for tokens, most urgent first."""
    soon = f"expires:<{thresholds.expiring}d"
    recent = f"used:<{thresholds.in_use}d"
    idle = f"idle:>{thresholds.idle}d"
    rules = (
        Finding("expiring-in-use", "expiring, in use", "expires!", f"{soon} {recent}", True, ("expiring", "in-use")),
        Finding("quarantine-due", "quarantine due", "trial over", "quarantine:<=today", True),
        Finding("owner-inactive", "owner inactive", "owner", f"owner.status:{_INACTIVE}", True),
        Finding("owner-unknown", "owner unknown", "owner?", "owner.status:none", True),
        Finding("in-use", f"in use < {thresholds.in_use} d", "in use", recent),
        Finding("expiring", f"expiring < {thresholds.expiring} d", "expires", soon),
        Finding("ends-unused", "ends unused", "ends", f"{idle} {soon}", False, ("idle", "expiring", "stale")),
        Finding("stale", f"idle > {thresholds.stale} d", "stale", f"idle:>{thresholds.stale}d", False, ("idle",)),
        Finding("idle", f"idle > {thresholds.idle} d", "idle", idle),
        Finding("never-used", "never used", "never", f"used:never created:>{thresholds.never_used}d"),
        Finding("expired", "expired", "expired", "expires:<=today -expires:>0d"),
        Finding("no-expiry", "no expiry", "endless", "expires:never"),
        Finding("blocked", "blocked", "blocked", "status:blocked"),
        Finding(NO_PURPOSE, "no purpose", "np", "purpose:none"),
        *_NOTED,
        Finding("unscoped", "no scopes", "unscoped", "scope:none", in_rows=False),
        Finding("idle-write", "idle, may write", "idle, writes", f"{idle} power:write,delete,admin", in_rows=False),
    )
    living = tuple(rule._replace(filter=f"{rule.filter} {NOT_REVOKED}") for rule in rules)
    return (*living, Finding("revoked", "revoked", "revoked", "is:revoked", always=False))


NOT_REVOKED = "-is:revoked"
"""Revoked tokens are listed until the next pull, but are in no count and no other finding."""


def row_findings(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings that a row lists: without those that another one implies."""
    implied = {name for finding in findings for name in finding.implies}
    return tuple(finding for finding in findings if finding.in_rows and finding.name not in implied)


def user_findings(thresholds: Thresholds) -> tuple[Finding, ...]:
    return (
        Finding(
            "inactive-with-tokens",
            "inactive owners",
            "inactive",
            f"status:{_INACTIVE} tokens:>0",
            True,
        ),
        Finding(
            "many-tokens", f"{thresholds.many_tokens} tokens or more", "many", f"tokens:>={thresholds.many_tokens}"
        ),
        *_NOTED,
    )


def credential_findings(thresholds: Thresholds) -> tuple[Finding, ...]:
    """Return the findings for credentials, most urgent first."""
    soon = f"ends:<{thresholds.expiring}d"
    recent = f"used:<{thresholds.in_use}d"
    rules = (
        Finding("expiring-in-use", "ending, in use", "ends!", f"{soon} {recent}", True, ("expiring",)),
        Finding(
            "maker-inactive",
            "maker inactive",
            "maker",
            f"(maker.status:{_INACTIVE} or account.maker.status:{_INACTIVE})",
            True,
        ),
        Finding("maker-unknown", "maker not managed", "maker?", "is:made-by-stranger"),
        Finding("expiring", f"ending < {thresholds.expiring} d", "ends", soon),
        Finding("idle", f"idle > {thresholds.idle} d", "idle", f"idle:>{thresholds.idle}d"),
        Finding("never-used", "never used", "never", f"is:unused created:>{thresholds.never_used}d"),
        Finding("expired", "expired", "expired", "ends:<=today -ends:>0d"),
        Finding("no-expiry", "no end listed", "no end", "is:endless"),
        Finding("may-administer", "may administer", "admin", "power:admin"),
        Finding(NO_PURPOSE, "no purpose", "np", "purpose:none"),
        *_NOTED,
    )
    return tuple(rule._replace(filter=f"{rule.filter} {NOT_REVOKED}") for rule in rules)


CONTRADICTED = "contradicted"


def policy_findings() -> tuple[Finding, ...]:
    return (
        Finding(
            CONTRADICTED,
            "contradicts what was set",
            "not as said",
            "contradicting:>0",
            True,
            always=False,
        ),
        Finding("unnamed", "unnamed", "name?", "name:none"),
        Finding("token-setting-unknown", "token setting unknown", "tokens?", "setting:none"),
        Finding("mixed-status", "mixed status", "mixed", "blocked:>0 allowed:>0"),
    )


def journal_findings() -> tuple[Finding, ...]:
    return (
        Finding("unfinished", "interrupted", "interrupted", "state:unfinished", True),
        Finding("quarantine-due", "quarantine due", "due", "quarantine:<=today", True),
        Finding("quarantined", "in quarantine", "quarantine", "quarantine:any"),
        Finding("not-done", "rows not done", "not done", "bad:>0"),
        Finding("outcome-unknown", "outcome not known", "unknown", "unsure:>0"),
        Finding("differs", "differs afterwards", "differs", "differs:>0", True),
    )


def explain_finding(
    name: str,
    thresholds: Thresholds,
    *,
    used: int | None,
    created: int | None,
    expires: int | None,
    now: int,
    rhythm: "Rhythm | None" = None,
    power: str = NOT_TOLD,
) -> str:
    """Explain why a token has the finding `name`, with its figures and the threshold.

    `rhythm`: how often it is used, if known: silence may be part of it. `power`: the most that the token
    may do.
    """
    resting = rhythm if rhythm is not None and rhythm.next_at is not None and rhythm.inside(now) else None
    used_words = f"last used {span(now - used)} ago" if used is not None else "never used"
    if expires is None:
        left = "without expiry"
    elif expires > now:
        left = f"expires in {span(expires - now)}"
    else:
        left = f"expired {day(expires)}"
    match name:
        case "expiring-in-use":
            return f"{left} and {used_words}: something will stop"
        case "in-use":
            return f"{used_words}, within {thresholds.in_use} days"
        case "expiring":
            return f"{left}, your limit is {thresholds.expiring} days"
        case "ends-unused" if resting:
            return f"{used_words}, {left}, but its {resting.cadence} use is expected about {day(resting.next_at)}"
        case "ends-unused":
            return f"{used_words}, {left}: it ends by itself"
        case "idle" if resting:
            return f"{used_words}: inside its {resting.cadence} rhythm, next expected about {day(resting.next_at)}"
        case "idle" | "stale" if rhythm is not None and rhythm.cadence == "stopped":
            return f"{used_words}: it was {rhythm.was} until {day(rhythm.last)} and stopped"
        case "idle":
            return f"{used_words}, your limit is {thresholds.idle} days"
        case "stale":
            return f"{used_words}, your limit is {thresholds.stale} days"
        case "never-used":
            age = (now - created) // DAY if created is not None else 0
            return f"never used, created {age} days ago, your limit is {thresholds.never_used}"
        case "expired":
            return left
        case "no-expiry":
            return "no expiry, though none should exist since May 2026"
        case "owner-inactive":
            return "its owner is deactivated or closed: find out who depends on it"
        case "quarantine-due":
            return "its owner's quarantine is due: put back, revoke or keep"
        case "owner-unknown":
            return "its owner is not among the managed users"
        case "unscoped" if power == NOT_TOLD:
            return "Atlassian returned no scopes for any token, so its permissions are unknown"
        case "unscoped":
            return "other tokens have scopes, so this is a classic one, with all rights of its owner"
        case "idle-write":
            may = "administer" if power == ADMIN else power
            return f"{used_words}, and it may {may} as far as its owner may"
        case "blocked":
            return "Atlassian lists it as BLOCKED: most likely the owner's policy blocks it"
        case "revoked":
            return "revoked or gone: it can no longer be used"
        case "no-purpose":
            return "nobody has noted what it is for"
        case "review-due":
            return "its review date has passed"
        case "answer-overdue":
            return "the date for an answer has passed"
    return name
