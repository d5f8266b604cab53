"""Formats the cells of a pane, for the screen and for `list --format table`."""

import json

from tokendesk.model.changes import describe_change
from tokendesk.model.findings import row_findings
from tokendesk.model.text import printable
from tokendesk.model.timestamps import NEVER, day, is_unread, parse_timestamp, span
from tokendesk.views.columns_of_panes import PaneColumn
from tokendesk.views.credential_words import SHORT
from tokendesk.views.reader import Row


def cell(row: Row, column: PaneColumn, now: int) -> str:
    """Return one printable line of text."""
    value = row[column.key]
    match column.kind:
        case "change":
            before, after = row["before_policy"] or row["before"], row["after_policy"] or row["after"]
            return printable(describe_change(value, before, after))
        case "findings":
            return ", ".join(finding.short for finding in row_findings(value))
        case "age":
            return _age(value, row.get(f"{column.key}_text"), now, column.name)
        case "left":
            return _left(value, row.get(f"{column.key}_text"), now)
        case "credential-kind":
            return SHORT.get(value, printable(value))
        case "use":  # of a credential
            words = _age(value, row[f"{column.key}_text"], now, column.name)
            return words if words != NEVER or row["tells_use"] else ""
        case "end":
            words = _left(value, row[f"{column.key}_text"], now)
            return words if words != NEVER else "no end" if row["tells_end"] else ""
        case "count":
            return f"{value or 0:,}"
        case "policy":
            return printable(row["policy_moving"] or value or "")
        case "run":
            from tokendesk.model.runs import run_title

            return printable(run_title(row["kind"], row["planned"], row["target"]))
        case "run-id":
            return str(value or "")[:8]
        case "setting":
            return policy_setting(value, row["allowed"], row["blocked"])
        case "changed":
            value = row[f"{column.key}_policy"] or value
        case "told" if value is None:
            return "not told"
    if value is None:
        return ""
    match column.kind:
        case "day":
            return printable(value[:10])
        case "yes-no":
            return "yes" if value else "no"
        case "told" if value == "[]":
            return "none"
        case "list" | "told":
            return ", ".join(printable(str(each)) for each in json.loads(value))
        case "lines":
            return ", ".join(map(printable, value.split("\n")))
    if column.name == "status":
        return str(printable(str(value))).lower().replace("_", " ")
    if column.name == "decision" and value == "undecided":
        return ""
    return printable(str(value))


def _age(moment: int | None, sent: str | None, now: int, name: str) -> str:
    if moment is None:
        if is_unread(moment, sent):
            return "unknown"  # the details show what was sent
        return NEVER if name == "used" else ""
    return span(now - moment) if moment <= now else f"in {span(now - moment)}"


def _left(moment: int | None, sent: str | None, now: int) -> str:
    if moment is None:
        return "unknown" if is_unread(moment, sent) else NEVER
    return span(moment - now) if moment > now else "expired"


def policy_setting(said: str | None, allowed: int, blocked: int) -> str:
    """Return whether a policy allows user API tokens, and the source: a note, or the status of its tokens."""
    if said:
        return {"allowed": "allows (said)", "blocked": "blocks (said)"}.get(said, said)
    if allowed + blocked == 0:
        return "unknown"
    if not blocked:
        return f"allows? ({allowed:,} of {allowed:,})"
    if not allowed:
        return f"blocks? ({blocked:,} of {blocked:,})"
    return f"mixed ({blocked:,} of {allowed + blocked:,} blocked)"


def policy_setting_label(row: Row) -> str:
    """Return the same with its source: `allows (ada said, 3 Nov 2026)`, `blocks? (7 of 7 tokens of members, …)`."""
    setting, said = row["setting"], parse_timestamp(row["setting_said"])
    if setting:
        verb = {"allowed": "allows", "blocked": "blocks"}.get(setting, printable(setting))
        return f"{verb} ({printable(row['setting_author'] or 'somebody')} said, {day(said)})"
    words = policy_setting(None, row["allowed"], row["blocked"])
    return f"{words[:-1]} tokens of members, as Atlassian lists them)" if "?" in words else words
