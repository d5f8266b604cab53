"""Makes the document on the readiness of a policy."""

from collections.abc import Sequence

from tokendesk.model.readiness import Readiness, ReadyToken
from tokendesk.model.timestamps import HOUR, day, day_and_time, span
from tokendesk.reporting.document import Document, Section, Table
from tokendesk.snapshot.file import SnapshotInfo

_COUNTED = (
    "This counts tokens of managed users in this policy that can be used now. Not listed by Atlassian: tokens of "
    "external users. Separate: tokens of service accounts, OAuth apps."
)


def readiness_document(found: Readiness, info: SnapshotInfo | None, now: int) -> Document:
    pulled = _age(info, now) if info else "none"
    windows = Table(
        ("used in the last", "tokens", "stop", "may not stop", "cannot be told", "owners", "with purpose", "without",
         "decided", "undecided"),
        tuple(
            (
                f"{w.days} days" if w.days else "any time, or never", f"{w.tokens:,}", f"{w.stop:,}",
                f"{w.may_not_stop:,}", f"{w.not_told:,}", f"{w.owners:,}", f"{w.with_purpose:,}",
                f"{w.without_purpose:,}", f"{w.decided:,}", f"{w.undecided:,}",
            )
            for w in found.windows
        ),
        (1, 2, 3, 4, 5, 6, 7, 8, 9),
    )  # fmt: skip
    steps = Table(
        ("what must happen before", "tokens", "owners", "filter"),
        tuple((step.title, f"{step.tokens:,}", f"{step.owners:,}", step.filter) for step in found.steps),
        (1, 2),
    )
    parts = [
        Section(
            sentences=(*found.sentences(f"in {found.name}"), *found.not_counted, _COUNTED),
            facts=(("policy", f"{found.name} ({found.policy_id})"), ("user API tokens", found.setting),
                   ("users", f"{found.users:,}"), ("snapshot", pulled)),
        ),
        Section("In use", table=windows),
        Section("Before", table=steps) if found.steps else Section("Before", ("Nothing is left to do before.",)),
    ]  # fmt: skip
    recent = f"used in the last {found.in_use_days} days"
    for title, tokens, words in (
        ("Would stop", found.stopping, ()),
        ("May not stop, since they reach Bitbucket", found.may_not_stop, (found.advice,)),
        ("Cannot be told", found.not_told, ()),
    ):
        if tokens:
            parts.append(Section(f"{title}: {recent}", words, table=_tokens(tokens)))
    return Document(f"Readiness of {found.name}", tuple(parts))


def _age(info: SnapshotInfo, now: int) -> str:
    """Return when the snapshot was pulled; after a quick pull, when the users without tokens were, too."""
    tokens = f"{day_and_time(info.tokens_at)} ({span(now - info.tokens_at)} old)"
    if info.tokens_at - info.oldest_at < HOUR:
        return tokens
    return f"{tokens}; users without tokens {day_and_time(info.oldest_at)}"


def _tokens(tokens: Sequence[ReadyToken]) -> Table:
    return Table(
        ("token", "owner", "reaches", "last used", "expires", "purpose", "decision"),
        tuple(
            (
                t.label or "(no label)", t.owner, t.reach, day_and_time(t.last_used), day(t.expires) or "never",
                t.purpose or "none", t.decision,
            )
            for t in tokens
        ),
    )  # fmt: skip
