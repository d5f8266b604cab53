"""Groups the rows of a plan for its review: changes, refusals with reasons, and warnings."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from tokendesk.model.counting import counted
from tokendesk.model.plan import (
    DO,
    KEEP,
    MOVE,
    REFUSED,
    THERE,
    Plan,
    PlanRow,
    is_use_unread,
    refusals,
    rows_against_keep,
    was_used_lately,
)
from tokendesk.model.plan_rules import BITBUCKET_IN_USE, REACH_UNKNOWN, TOKENS_IN_USE


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Some rows of a plan. `indexes`: their indexes in the plan's rows; None if it is about no particular row.

    `name` stays the same while rows are dropped. `tone`: empty, dim, good, warn or bad. `level`: 1 for a subgroup of
    the group above.
    """

    name: str
    title: str
    indexes: tuple[int, ...] | None
    tone: str = ""
    level: int = 0


EVERYTHING = "all"
HIDDEN = "hidden"


def plan_groups(plan: Plan, hidden: Collection[str] = ()) -> list[RowGroup]:
    """Return the groups of a plan, all rows first. `hidden`: records that a filter hid when it was made."""
    rows = plan.rows
    parts = [RowGroup(EVERYTHING, "All rows", tuple(range(len(rows))))]
    parts += _outcome(rows, DO, f"will {plan.kind}", "good")
    parts += _against_decision(plan)
    parts += _outcome(rows, THERE, "already there" if plan.kind == MOVE else "already gone", "dim")
    refused = _outcome(rows, REFUSED, "refused", "bad")
    parts += refused
    if refused:
        by_reason: dict[str, list[int]] = {}
        for place, row in enumerate(rows):
            if row.outcome == REFUSED:
                by_reason.setdefault(row.reason, []).append(place)
        parts += [RowGroup(f"refused: {why}", why, tuple(by_reason[why]), "dim", 1) for why, _ in refusals(plan)]
    if hidden:
        indexes = tuple(place for place, row in enumerate(rows) if row.record in hidden)
        if indexes:
            parts.append(RowGroup(HIDDEN, "hidden by your filter", indexes, "warn"))
    return parts


def warning_groups(plan: Plan) -> list[RowGroup]:
    """Return the warnings, each with its rows."""
    indexes = {row.record: place for place, row in enumerate(plan.rows)}
    parts = []
    for warning in plan.warnings:
        about = tuple(sorted(indexes[record] for record in warning.records if record in indexes))
        parts.append(RowGroup(f"warning: {warning.code}", warning.text, about or None, "warn"))
    return parts


def _outcome(rows: Iterable[PlanRow], outcome: str, title: str, tone: str) -> list[RowGroup]:
    indexes = tuple(place for place, row in enumerate(rows) if row.outcome == outcome)
    return [RowGroup(outcome, title, indexes, tone)] if indexes else []


def _against_decision(plan: Plan) -> list[RowGroup]:
    kept = {row.record for row, _ in rows_against_keep(plan)}
    indexes = tuple(place for place, row in enumerate(plan.rows) if row.record in kept)
    return [RowGroup("kept", "decided: keep", indexes, "bad", 1)] if indexes else []


_SHORT = {
    "decided-elsewhere": "decided: another policy",
    "org-admins": "organization admin",
    "other-tokens": "brings other tokens",
    "revoked-too": "also to revoke",
    "use-unread": "last use not known",
}

_AT_STAKE = {BITBUCKET_IN_USE: "may not stop", REACH_UNKNOWN: "of unknown reach"}


class RowText:
    """Describes the rows of one plan, beyond their names."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._at_stake = {w.code: frozenset(w.tokens) for w in plan.warnings if w.code in (TOKENS_IN_USE, *_AT_STAKE)}
        self._blocking = {policy.policy_id for policy in plan.targets if policy.surely == "blocked"}
        self._kept = Counter(row.record for row, _ in rows_against_keep(plan))
        self._short: dict[str, list[str]] = {}
        for warning in plan.warnings:
            for record in warning.records if warning.code in _SHORT else ():
                self._short.setdefault(record, []).append(_SHORT[warning.code])

    def in_use(self, row: PlanRow) -> int:
        """Return how many of its tokens were used recently."""
        return sum(was_used_lately(self._plan, token) for token in row.tokens)

    def in_use_label(self, row: PlanRow) -> str:
        """Return `1 of 3`, with a question mark if the last use of another cannot be read."""
        return f"{self.in_use(row)} of {len(row.tokens)}{'?' if any(map(is_use_unread, row.tokens)) else ''}"

    def against(self, row: PlanRow) -> str:
        """Return `decided: keep` if the row contradicts that decision."""
        kept = self._kept[row.record]
        if not kept:
            return ""
        if row.owner_decision == KEEP and (kept == 1 or row.to_id is None):
            return "owner decided: keep"
        return "decided: keep" if row.to_id is None else f"{kept} decided: keep"

    def last_used(self, row: PlanRow) -> int | None:
        return max((token.last_used for token in row.tokens if token.last_used is not None), default=None)

    def change(self, row: PlanRow) -> str:
        """Return `Default → Integrations`, or only the current policy if it does not change."""
        here = self._plan.policy_name(row.from_id)
        return here if row.to_id in (None, row.from_id) else f"{here} → {self._plan.policy_name(row.to_id)}"

    def outcome(self, row: PlanRow) -> str:
        """Return `will move`, with the main warning, or why nothing happens."""
        if row.outcome == REFUSED:
            return row.reason
        if row.outcome == THERE:
            return "already there" if self._plan.kind == MOVE else "already gone"
        counts = {code: sum(token.token_id in ids for token in row.tokens) for code, ids in self._at_stake.items()}
        stop = "would stop" if row.to_id in self._blocking else "may stop"
        words = [f"{n} in use {_AT_STAKE.get(code, stop)}" for code, n in counts.items() if n]
        if row.to_id is None and words:
            words = ["will revoke, in use"]
        words += self._short.get(row.record, [])
        if against := self.against(row):
            words = [against, *words]  # first: a narrow cell is cut at its end
        return ", ".join(words) or f"will {self._plan.kind}"

    def tone(self, row: PlanRow) -> str:
        if row.outcome != DO:
            return "bad" if row.outcome == REFUSED else "dim"
        at_stake = frozenset[str]().union(*self._at_stake.values())
        minded = any(token.token_id in at_stake for token in row.tokens) or row.record in self._short
        return "bad" if self._kept[row.record] else "warn" if minded else "good"


def headline(plan: Plan) -> str:
    """Return `Move 31 users to Integrations`, `Revoke 4 tokens`."""
    many = plan.count(DO)
    if plan.kind != MOVE:
        return f"Revoke {counted(many, 'token')}"
    users = counted(many, "user")
    targets = plan.targets
    where = f"to {targets[0].name if len(targets) == 1 else f'{len(targets)} policies'}" if targets else ""
    if plan.quarantine_until:
        return f"Move {users} {where} until {_day(plan.quarantine_until)}"
    return f"Move {users} {'back ' if plan.undoes else ''}{where}".rstrip()


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%b} {day.year}"
