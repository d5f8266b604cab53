"""The kinds of changes between two pulls, and their descriptions."""

import json

from tokendesk.model.timestamps import NEVER, day, is_endless, is_unset, parse_expiry, parse_timestamp, span

CHANGE_KINDS = (
    "created", "reappeared", "gone", "expired", "revoked", "used-again", "used-while-blocked", "relabelled", "scopes",
    "expiry", "status", "moved", "moved-by-us", "deactivated", "reactivated", "user-gone", "user-back",
    "quarantine-due",
)  # fmt: skip


def describe_change(kind: str, before: str | None, after: str | None) -> str:
    """Describe a change. `before` and `after`: the values stored in the history."""
    match kind:
        case "gone":
            return "gone: revoked or expired, unknown which"
        case "revoked":
            return "revoked by us"
        case "reappeared":
            return "there again" + (f", missing since {day(int(before))}" if before else "")
        case "expired":
            return f"gone: expired {day(parse_timestamp(before))}".rstrip()
        case "used-again":
            return f"used again after {span(int(after or 0) - int(before or 0))}"
        case "used-while-blocked":
            return "used after it was listed as BLOCKED"
        case "relabelled":
            return f"relabelled: {before or '(none)'} → {after or '(none)'}"
        case "scopes":
            return f"scopes: {_scopes(before)} → {_scopes(after)}"
        case "expiry":
            return f"expiry: {_expiry(before)} → {_expiry(after)}"
        case "status":
            return f"status: {before or 'unknown'} → {after or 'unknown'}"
        case "moved":
            return f"moved, not by us: {before or 'unknown'} → {after or 'unknown'}"
        case "moved-by-us":
            return f"moved by us: {before or 'unknown'} → {after or 'unknown'}"
        case "quarantine-due":
            return f"quarantine until {day(parse_timestamp(before))} is over: put back, revoke or keep"
        case "user-gone":
            return "user gone from the managed ones"
        case "user-back":
            return "user there again among the managed ones"
    return kind


def _expiry(sent: str | None) -> str:
    """Return the date; a text that is not a date as it was sent."""
    if not sent or is_unset(sent) or is_endless(sent):
        return NEVER
    return day(parse_expiry(sent)) or sent


def _scopes(scopes: str | None) -> str:
    return ", ".join(json.loads(scopes)) if scopes and scopes != "[]" else "none listed"
