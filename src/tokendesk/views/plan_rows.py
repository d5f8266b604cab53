"""The rows of a plan as a table and as facts: for the review, and for who reads a run afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tokendesk.model.plan import MOVE, Plan, PlanRow, PlanToken, is_use_unread, was_used_lately
from tokendesk.model.text import fold, printable
from tokendesk.model.timestamps import NEVER, ago, day, span
from tokendesk.views.facts import Details, Fact, Section
from tokendesk.views.plan_groups import RowText


@dataclass(frozen=True, slots=True)
class PlanColumn:
    """`text`: its cell of a row; `key`: what it is sorted by. The rest as in `panes.Column`."""

    name: str
    title: str
    width: int
    grow: int
    priority: int
    text: Callable[[PlanRow], str]
    key: Callable[[PlanRow], Any]
    right: bool = False


def plan_columns(plan: Plan, words: RowText) -> tuple[PlanColumn, ...]:
    now = plan.made_at

    def age(row: PlanRow) -> str:
        used = words.last_used(row)
        if used is None:
            unread = any(map(is_use_unread, row.tokens))
            return "not known" if unread else NEVER if row.tokens else ""
        return span(now - used) if used <= now else f"in {span(now - used)}"

    used = PlanColumn("used", "Last use", 8, 0, 3, age, lambda row: words.last_used(row) or 0, right=True)
    outcome = PlanColumn("outcome", "Outcome", 22, 3, 1, words.outcome, words.outcome)
    if plan.kind == MOVE:
        return (
            PlanColumn("name", "User", 14, 2, 0, lambda row: row.name, lambda row: fold(row.name)),
            PlanColumn("change", "Policy", 16, 2, 2, words.change, words.change),
            PlanColumn("in_use", "In use", 7, 0, 4, lambda row: _in_use(row, words), words.in_use, right=True),
            used,
            outcome,
            PlanColumn("email", "E-mail", 20, 2, 6, lambda row: row.email or "", lambda row: row.email or ""),
        )
    return (
        PlanColumn("label", "Token", 14, 3, 0, lambda row: _label(row.tokens[0]), _folded_label),
        PlanColumn("name", "Owner", 12, 2, 2, lambda row: row.name, lambda row: fold(row.name)),
        used,
        PlanColumn("expires", "Expires", 8, 0, 5, lambda row: _left(row.tokens[0], now), _expires, right=True),
        outcome,
        PlanColumn("purpose", "Purpose", 12, 2, 6, _purpose, _purpose),
    )


def _in_use(row: PlanRow, words: RowText) -> str:
    return words.in_use_label(row) if row.tokens else ""


def _folded_label(row: PlanRow) -> str:
    return fold(_label(row.tokens[0]))


def _expires(row: PlanRow) -> int:
    return row.tokens[0].expires or 0


def _purpose(row: PlanRow) -> str:
    return row.tokens[0].purpose or ""


def _label(token: PlanToken) -> str:
    return token.label or "(no label)"


def _left(token: PlanToken, now: int) -> str:
    if token.expires is None:
        return "not known" if "expires" in token.unread else NEVER
    return span(token.expires - now) if token.expires > now else "expired"


def row_details(plan: Plan, row: PlanRow, words: RowText) -> Details:
    """Return what is known of one row: the user, and each token with its last use and purpose."""
    account = printable(row.status or "unknown").lower()
    facts = (
        Fact("policy", printable(words.change(row))),
        Fact(
            "account",
            f"{account}, organization admin" if row.is_admin else account,
            "" if account == "active" else "warn",
        ),
        *((Fact("decided", printable(row.owner_decision)),) if row.owner_decision else ()),
        Fact("outcome", printable(words.outcome(row)), words.tone(row)),
    )
    tokens = tuple(Fact(printable(_label(token)), _about(token, plan), _use_tone(token, plan)) for token in row.tokens)
    many = len(row.tokens)
    title = f"{many} token{'' if many == 1 else 's'}" if plan.kind == MOVE else "Token"
    if not many:
        tokens, title = (Fact("No user API tokens", "", "dim"),), "Tokens"
    name = row.name or "unknown"
    name = f"{name} · {row.email or 'no e-mail'}" if plan.kind == MOVE else f"{_label(row.tokens[0])} · {name}"
    return Details(printable(name), (Section("", facts), Section(title, tokens, stacked=True)))


def _about(token: PlanToken, plan: Plan) -> str:
    used = f"used {ago(token.last_used, plan.made_at)}" if token.last_used is not None else "never used"
    ends = f"expires {day(token.expires)}" if token.expires is not None else "does not expire"
    if is_use_unread(token):
        used = "its last use cannot be read"
    if "expires" in token.unread:
        ends = "when it expires cannot be read"
    parts = [used, ends, printable(token.purpose) if token.purpose else "no purpose known"]
    if token.decision:
        parts.append(f"decided: {printable(token.decision)}")
    if not token.selected:
        parts.append("not selected, moves along")
    return " · ".join(parts)


def _use_tone(token: PlanToken, plan: Plan) -> str:
    return "warn" if was_used_lately(plan, token) or is_use_unread(token) else ""
