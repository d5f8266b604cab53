"""The readiness of a policy as a document."""

from tokendesk.model.moments import day, day_and_time, span
from tokendesk.model.readiness import Readiness
from tokendesk.reporting.document import Document, Part, Table
from tokendesk.snapshot.file import SnapshotInfo

_COUNTED = (
    "Counted are tokens of managed users in this policy that can be used now. Not listed by Atlassian: tokens of "
    "external users. Separate: tokens of service accounts, OAuth apps."
)


def readiness_document(found: Readiness, info: SnapshotInfo | None, now: int) -> Document:
    pulled = f"{day_and_time(info.pulled_at)} ({span(now - info.pulled_at)} old)" if info else "none"
    windows = Table(
        ("used in the last", "tokens", "owners", "with purpose", "without", "decided", "undecided"),
        tuple(
            (
                f"{w.days} days" if w.days else "any time, or never", f"{w.tokens:,}", f"{w.owners:,}",
                f"{w.with_purpose:,}", f"{w.without_purpose:,}", f"{w.decided:,}", f"{w.undecided:,}",
            )
            for w in found.windows
        ),
        (1, 2, 3, 4, 5, 6),
    )  # fmt: skip
    steps = Table(
        ("what must happen before", "tokens", "owners", "filter"),
        tuple((step.title, f"{step.tokens:,}", f"{step.owners:,}", step.filter) for step in found.steps),
        (1, 2),
    )
    tokens = Table(
        ("token", "owner", "last used", "expires", "purpose", "decision"),
        tuple(
            (
                t.label or "(no label)", t.owner, day_and_time(t.last_used), day(t.expires) or "never",
                t.purpose or "none", t.decision,
            )
            for t in found.stopping
        ),
    )  # fmt: skip
    sentence = f"{found.sentence} if tokens are blocked in {found.name} now."
    parts = [
        Part(
            sentences=tuple(filter(None, (sentence, found.blocked_words, _COUNTED))),
            facts=(("policy", f"{found.name} ({found.policy_id})"), ("user API tokens", found.setting),
                   ("users", f"{found.users:,}"), ("snapshot", pulled)),
        ),
        Part("In use", table=windows),
        Part("Before", table=steps) if found.steps else Part("Before", ("Nothing is left to do before.",)),
    ]  # fmt: skip
    if found.stopping:
        parts.append(Part(f"Would stop: used in the last {found.in_use_days} days", table=tokens))
    return Document(f"Readiness of {found.name}", tuple(parts))
