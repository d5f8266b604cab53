"""Formats the review of a plan, and the outcome of its run, as lines for a terminal."""

from collections.abc import Iterable, Sequence

from tokendesk.model.plan import DO, MOVE, THERE, Plan, PlanRow, is_use_unread, summary
from tokendesk.model.text import printable
from tokendesk.model.timestamps import NEVER, day_and_time
from tokendesk.reporting.text_table import text_line, widths_of
from tokendesk.views.journal import RunPage
from tokendesk.views.plan_groups import RowText

_WIDEST = 40


def review_lines(plan: Plan, *, whole: bool = True) -> list[str]:
    """Return the header, rows, warnings and the fixed notice.

    `whole`: no cell is cut, since the output is not for a screen.
    """
    lines = [_head(plan), ""]
    words = RowText(plan)
    titles = ("", "user", "e-mail", "from → to", "in use", "why") if plan.kind == MOVE else _REVOKE_TITLES
    email = titles.index("e-mail") if plan.kind == MOVE else None
    lines += _table(titles, [_cells(plan, row, words) for row in plan.rows], whole, email)
    lines += ["", *(f"! {printable(warning.text)}" for warning in plan.warnings)]
    if plan.quarantine_until:
        lines.append(f"! Quarantine until {plan.quarantine_until}. {QUARANTINE}")
    lines += [plan.notice, ""]
    return lines


QUARANTINE = (
    "A quarantine covers all tokens of these users; those that reach Bitbucket may not stop. "
    "Atlassian may not report refused calls: no activity does not mean nobody needed it."
)
_REVOKE_TITLES = ("", "token", "owner", "last used", "why")


def _head(plan: Plan) -> str:
    where = f"to {', '.join(printable(policy.name) for policy in plan.targets)}: " if plan.kind == MOVE else ""
    back = f" (takes run {plan.undoes[:8]} back)" if plan.undoes else ""
    return f"{where}{summary(plan)}{back} · snapshot of {day_and_time(plan.pulled_at)}"


def _cells(plan: Plan, row: PlanRow, words: RowText) -> list[str]:
    what = plan.kind if row.outcome == DO else "there" if row.outcome == THERE else "refused"
    why = row.reason or words.against(row)
    if plan.kind == MOVE:
        way = f"{plan.policy_name(row.from_id)} → {plan.policy_name(row.to_id)}"
        return [what, row.name, row.email or "none", way, words.in_use_label(row), why]
    token = row.tokens[0]
    used = "not known" if is_use_unread(token) else day_and_time(token.last_used) or NEVER
    return ["gone" if what == "there" else what, token.label or "(no label)", row.name, used, why]


def outcome_lines(page: RunPage, *, whole: bool = True) -> list[str]:
    """Return the outcome of each row of a run, and of the run. `whole`: as for `review_lines`."""
    rows = [
        [row.label or "(no label)", row.name, row.outcome_text] if row.target is None
        else [row.name, row.email or "none", f"{row.before or 'unknown'} → {row.target}", row.outcome_text]
        for row in page.rows
    ]  # fmt: skip
    facts = page.facts
    ended = "ended" if facts["state"] == "done" else facts["state"]
    state = f"{ended}: {facts['words']}" if facts["words"] else ended
    verified = f" · verified {facts['verified']:,}" if facts["kind"] != "revoke" else ""
    ended_rows = facts["good"] + facts["bad"] + facts["unsure"]
    unsure = f" · {facts['unsure']:,} unknown" if facts["unsure"] else ""
    differs = f" · differs {facts['differs']:,}" if facts["differs"] else ""
    return [
        *_table((), rows, whole, None if facts["kind"] == "revoke" else 1),
        "",
        f"Run {page.run_id[:8]}, {printable(state)} · {facts['good']:,} of {ended_rows:,} as planned"
        f"{unsure}{verified}{differs}",
    ]


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]], whole: bool, email: int | None) -> list[str]:
    """Return the rows as lines. `email`: the column that identifies the user: a cut address identifies nobody."""
    lines = [[printable(text) for text in row] for row in rows]
    if titles:
        lines.insert(0, list(titles))
    widths = widths_of(lines)
    if not whole:  # the last column has the reason, and is never cut
        widths = [w if i in (email, len(widths) - 1) else min(_WIDEST, w) for i, w in enumerate(widths)]
    return [text_line(line, widths) for line in lines]
