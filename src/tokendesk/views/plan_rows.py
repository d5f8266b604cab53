"""Shows the rows of a plan as a table and as facts, for its review and for the run view."""

from collections.abc import Sequence

from tokendesk.model.plan import MOVE, Plan, PlanRow, PlanToken, is_use_unread, was_used_lately
from tokendesk.model.text import fold, printable
from tokendesk.model.timestamps import NEVER, ago, day, span
from tokendesk.views.columns import Column
from tokendesk.views.facts import Details, Fact, Section
from tokendesk.views.plan_groups import RowText


def plan_columns(plan: Plan, words: RowText) -> tuple[Column[PlanRow], ...]:
    now = plan.made_at

    def age(row: PlanRow) -> str:
        used = words.last_used(row)
        if used is None:
            unread = any(map(is_use_unread, row.tokens))
            return "not known" if unread else NEVER if row.tokens else ""
        return span(now - used) if used <= now else f"in {span(now - used)}"

    used = Column("used", "Last use", 8, age, 0, 3, True, lambda row: words.last_used(row) or 0, _tone)
    outcome = Column("outcome", "Outcome", 22, words.outcome, 3, 1, tone=lambda row, _: words.tone(row))
    if plan.kind == MOVE:
        return (
            Column("name", "User", 14, _name, 2, 0, False, lambda row: fold(row.name), _tone),
            Column("change", "Policy", 16, words.change, 2, 2, tone=_tone),
            Column("in_use", "In use", 7, lambda row: _in_use(row, words), 0, 4, True, words.in_use, _tone),
            used,
            outcome,
            Column("email", "E-mail", 20, lambda row: row.email or "", 2, 6, tone=lambda *_: "dim"),
        )
    return (
        Column("label", "Token", 14, lambda row: _label(row.tokens[0]), 3, 0, False, _folded_label, _tone),
        Column("name", "Owner", 12, _name, 2, 2, False, lambda row: fold(row.name), _tone),
        used,
        Column("expires", "Expires", 8, lambda row: _left(row.tokens[0], now), 0, 5, True, _expires, _tone),
        outcome,
        Column("purpose", "Purpose", 12, lambda row: row.tokens[0].purpose or "", 2, 6, tone=_tone),
    )


def _name(row: PlanRow) -> str:
    return row.name


def _tone(_: PlanRow, text: str) -> str:
    return "dim" if text in (NEVER, "not known", "") or text.startswith("0 of") else ""


def _in_use(row: PlanRow, words: RowText) -> str:
    return words.in_use_label(row) if row.tokens else ""


def _folded_label(row: PlanRow) -> str:
    return fold(_label(row.tokens[0]))


def _expires(row: PlanRow) -> int:
    return row.tokens[0].expires or 0


def _label(token: PlanToken) -> str:
    return token.label or "(no label)"


def _left(token: PlanToken, now: int) -> str:
    if token.expires is None:
        return "not known" if "expires" in token.unread else NEVER
    return span(token.expires - now) if token.expires > now else "expired"


def row_details(plan: Plan, row: PlanRow, words: RowText, access: Sequence[Fact] = ()) -> Details:
    """Return the facts of one row: the user, and each token with its last use and purpose.

    `access`: what the snapshot tells of the user's roles and products; plans do not contain it.
    """
    account = printable(row.status or "unknown").lower()
    facts = (
        Fact("policy", printable(words.change(row))),
        Fact(
            "account",
            f"{account}, organization admin" if row.is_admin and not access else account,
            "" if account == "active" else "warn",
        ),
        *access,
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
