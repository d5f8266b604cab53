"""Composes the details of one token, user or policy."""

import json

from tokendesk.model.changes import describe_change
from tokendesk.model.findings import CONTRADICTED, explain_finding
from tokendesk.model.text import printable
from tokendesk.model.timestamps import (
    AHEAD,
    DAY,
    NEVER,
    ago,
    day_and_time,
    is_endless,
    is_recent,
    is_unread,
    is_unset,
    parse_timestamp,
    span,
)  # fmt: skip
from tokendesk.model.token_reach import EVERYTHING, MAY_NOT_STOP, NOT_TOLD, STOPS
from tokendesk.views.activity_details import activity_sections
from tokendesk.views.cells import policy_setting_label
from tokendesk.views.contradictions import contradictions
from tokendesk.views.facts import Details, Fact, Section
from tokendesk.views.history_details import history_sections
from tokendesk.views.note_details import note_facts, offered_facts, written_section
from tokendesk.views.reader import Reader, Row
from tokendesk.views.rhythms import rhythm_of

_MOST_LISTED = 12
POLICY_PROBLEM = "policyProblem"
"""The key under which a pull stores why a user's policy is unknown (snapshot/finish.sql)."""


def details(reader: Reader, pane_name: str, row_id: int, now: int) -> Details | None:
    row = reader.row(pane_name, row_id, now)
    if row is None:
        return None
    if pane_name == "tokens":
        return _of_token(reader, row, now)
    if pane_name == "users":
        return _of_user(reader, row, now)
    if pane_name == "changes":
        return _of_change(reader, row, now)
    if pane_name == "journal":
        from tokendesk.views.journal import run_details, run_page

        page = run_page(reader, row["run_id"])
        return run_details(page, now) if page else None
    return _of_policy(reader, row, now)


def _of_change(reader: Reader, row: Row, now: int) -> Details:
    before, after = row["before_policy"] or row["before"], row["after_policy"] or row["after"]
    facts = (
        Fact("what", printable(describe_change(row["kind"], before, after))),
        _moment("seen", row["at"], None, now),
        Fact(row["subject"], printable(row["label"] or "(no label)")),
        Fact("owner", printable(row["owner"] or "unknown")),
        Fact("e-mail", printable(row["email"] or "none")),
        Fact("id", printable(row["record"]), "dim"),
    )
    note = note_facts(reader, row, now) if row["note_folded"] is not None else ()
    return Details(
        printable(row["label"] or "(no label)"),
        (Section("", facts), Section("Note", note), written_section(reader, row["subject"], row["record"])),
    )


def _moment(name: str, moment: int | None, raw: str | None, now: int, *, absent: str = "unknown") -> Fact:
    if moment is None or is_unset(moment * 1000):
        told = bool(raw) and not (absent.startswith(NEVER) and (is_unset(raw) or is_endless(raw)))
        return Fact(name, printable(raw or "") if told else absent, "" if told else "dim")
    return Fact(name, f"{day_and_time(moment)} · {ago(moment, now)}")


def _of_token(reader: Reader, row: Row, now: int) -> Details:
    owner = printable(row["owner"] or "unknown")
    status = printable(row["status"] or "unknown")
    rhythm = rhythm_of(reader, row)
    unknown = row["policy_id"] is None and row["user"] is not None
    whose = (
        Fact("owner", f"{owner} (organization admin)" if row["org_admin"] else owner),
        _account(row["owner_status"] if row["user"] else None),
        Fact("policy", _policy(row, reader.row("users", row["user"], now) if unknown else None)),
    )
    use = (
        _moment("last used", row["last_used"], row["last_used_text"], now, absent="never, as far as known"),
        *rhythm.facts(now),
        _moment("created", row["created"], row["created_text"], now),
        _moment("expires", row["expires"], row["expires_text"], now, absent="never"),
        Fact("status", *(("BLOCKED, as Atlassian lists it", "bad") if status == "BLOCKED" else (status, ""))),
        _reach(row),
        _if_it_stops(reader, row, now),
        *_if_blocked(row),
        Fact("token id", printable(row["token_id"]), "dim"),
        *_scopes(row),
    )
    findings = tuple(
        Fact(
            finding.title,
            explain_finding(
                finding.name,
                reader.thresholds,
                used=row["last_used"],
                created=row["created"],
                expires=row["expires"],
                now=now,
                rhythm=rhythm.rhythm,
                power=row["power"],
            ),
            "bad" if finding.urgent else "warn",
        )
        for finding in row["findings"]
    )
    return Details(
        printable(row["label"]) or "(no label)",
        (
            Section("", whose),
            Section("Note", note_facts(reader, row, now)),
            Section("May take over the note of", offered_facts(reader, row, now), stacked=True),
            Section("Use", use),
            Section("Findings", findings, stacked=True),
            Section("Also sent by Atlassian", _extra(row["extra"]), stacked=True),
            *_owner_page(reader, row, now),
            *history_sections(reader, row["token_id"], now),
            *activity_sections(reader, row, now),
            written_section(reader, "token", row["token_id"]),
        ),
    )


def _owner_page(reader: Reader, row: Row, now: int) -> tuple[Section, ...]:
    """Return the owner of the token, and the owner's other tokens."""
    owner = reader.row("users", row["user"], now) if row["user"] is not None else None
    if owner is None:
        facts: tuple[Fact, ...] = (
            Fact("name", printable(row["owner"] or "unknown")),
            Fact("e-mail", printable(row["email"] or "none"), "" if row["email"] else "dim"),
            _account(None),
        )
    else:
        facts = (Fact("name", printable(owner["name"]) or "(no name)"), *_person(owner, now))
    return (
        Section("", facts, tab="Owner"),
        Section("Note on the owner", _note_of_user(reader, owner, now) if owner else (), tab="Owner"),
        Section("Other tokens", _tokens_of(reader, row["user"], now, but=row["id"]), stacked=True, tab="Owner"),
    )


_ADMIN = {None: "unknown", 0: "no", 1: "organization admin"}


def _person(row: Row, now: int) -> tuple[Fact, ...]:
    facts = [
        Fact("e-mail", printable(row["email"] or "none"), "" if row["email"] else "dim"),
        _account(row["status"]),
        Fact("policy", _policy(row, row)),
        Fact("job title", printable(row["job_title"] or "unknown"), "" if row["job_title"] else "dim"),
        Fact("department", printable(row["department"] or "unknown"), "" if row["department"] else "dim"),
        Fact("admin", _ADMIN[row["org_admin"]], "warn" if row["org_admin"] else "dim"),
        _moment("active", row["last_active"], row["last_active_text"], now),
        _moment("added", parse_timestamp(row["added_text"]), row["added_text"], now),
    ]
    if row["deactivated_text"]:
        facts.append(_moment("deactivated", parse_timestamp(row["deactivated_text"]), row["deactivated_text"], now))
    facts.append(Fact("account id", printable(row["account_id"]), "dim"))
    return tuple(facts)


def _if_it_stops(reader: Reader, row: Row, now: int) -> Fact:
    """Say what to expect if the token stops working."""
    used, name = row["last_used"], "if stopped"
    if row["status"] == "REVOKED":
        return Fact("stopped", "it is revoked: what used it fails", "bad" if used else "")
    if is_unread(used, row["last_used_text"]):
        return Fact(name, "not known: its last use cannot be read", "warn")
    if used is None:
        return Fact(name, "nothing is known to have used it", "good")
    if used > now + AHEAD:
        return Fact(name, "not known: its last use is said to be in the future", "warn")
    if is_recent(used, reader.thresholds.in_use, now):
        return Fact(name, f"what used it {ago(used, now)} fails", "bad")
    if now - used < reader.thresholds.idle * DAY:
        return Fact(name, f"what used it {ago(used, now)} may fail", "warn")
    return Fact(name, f"unused for {span(now - used)}: only what runs less often can fail", "good")


def _of_user(reader: Reader, row: Row, now: int) -> Details:
    findings = tuple(Fact(f.title, "", "bad" if f.urgent else "warn") for f in row["findings"])
    return Details(
        printable(row["name"]) or "(no name)",
        (
            Section("", _person(row, now)),
            Section("Note", _note_of_user(reader, row, now)),
            Section("Findings", findings, stacked=True),
            Section(f"Tokens: {row['tokens']:,}", _tokens_of(reader, row["id"], now), stacked=True),
            Section("Also sent by Atlassian", _extra(row["extra"]), stacked=True),
            *history_sections(reader, row["account_id"], now),
            written_section(reader, "user", row["account_id"]),
        ),
    )


def _of_policy(reader: Reader, row: Row, now: int) -> Details:
    facts = (
        Fact("users", f"{row['users']:,}"),
        Fact("tokens", f"{row['tokens']:,}"),
        Fact("allowed", f"{row['allowed']:,}"),
        Fact("blocked", f"{row['blocked']:,}", "bad" if row["blocked"] else ""),
        _moment("last use", row["last_used"], None, now, absent="never"),
        Fact("API tokens", policy_setting_label(row)),
        Fact("remarks", printable(row["remarks"] or "none"), "" if row["remarks"] else "dim"),
        Fact("policy id", printable(row["policy_id"]), "dim"),
    )
    findings = tuple(
        Fact(f.title, " ".join(contradictions(reader, (row["policy_id"],))), "bad")
        if f.name == CONTRADICTED
        else Fact(f.title, "", "warn")
        for f in row["findings"]
    )
    return Details(printable(row["name"]), (Section("", facts), Section("Findings", findings, stacked=True)))


def _account(status: str | None) -> Fact:
    if status is None:
        return Fact("account", "not among the managed users", "bad")
    return Fact("account", printable(status).lower(), "" if status == "active" else "bad")


def _note_of_user(reader: Reader, row: Row, now: int) -> tuple[Fact, ...]:
    return note_facts(reader, row, now) if row["note_folded"] is not None else ()


def _policy(row: Row, of: Row | None = None) -> str:
    """Return the policy in words; if unknown, with the reason stored with the user (`of`)."""
    if row["policy_id"] is None:
        extra = of["extra"] if of is not None else None
        why = json.loads(extra).get(POLICY_PROBLEM) if extra else None
        return f"unknown: {printable(str(why))}" if why else "unknown"
    setting = {"allowed": " (allows tokens)", "blocked": " (blocks tokens)"}.get(row["policy_setting"] or "", "")
    return printable(row["policy_moving"] or row["policy_name"]) + setting


_POWER = {"read": "reads only", "write": "may write", "delete": "may delete", "admin": "may administer"}


def _reach(row: Row) -> Fact:
    reach = json.loads(row["reach"])
    if NOT_TOLD in reach:
        return Fact("reach", "not told: no token has scopes", "warn")
    if EVERYTHING in reach:
        return Fact("reach", "everything of its owner but Bitbucket (classic)", "warn")
    return Fact("reach", f"{printable(row['reach_words'])} · {_POWER.get(row['power'], 'power not told')}")


def _scopes(row: Row) -> tuple[Fact, ...]:
    scopes = json.loads(row["scopes"] or "[]")
    return (Fact("scopes", printable(", ".join(scopes)), "dim"),) if scopes else ()


def _if_blocked(row: Row) -> tuple[Fact, ...]:
    """Say whether a policy that blocks tokens stops it; empty for a revoked token."""
    name, stops = "if blocked", row["stops"]
    if stops is None:
        return ()
    if stops == STOPS:
        return (Fact(name, "stops"),)
    if stops == MAY_NOT_STOP:
        return (Fact(name, "may not stop (Bitbucket); no service account for Git (BCLOUD-23832)", "warn"),)
    if (row["status"] or "").upper() not in ("ALLOWED", "BLOCKED"):
        return (Fact(name, "cannot be told: nobody knows its status", "warn"),)
    told = NOT_TOLD not in json.loads(row["reach"])
    return (Fact(name, f"cannot be told: its {'scopes are unknown here' if told else 'scopes are not told'}", "warn"),)


def _tokens_of(reader: Reader, user: int | None, now: int, but: int | None = None) -> tuple[Fact, ...]:
    if user is None:
        return ()
    found = reader.db.execute(
        "SELECT label, last_used, id IN (SELECT token FROM temp.revoked_now) AS gone FROM main.token"
        " WHERE user = ? AND id IS NOT ? ORDER BY gone, last_used DESC NULLS LAST",
        (user, but),
    ).fetchall()
    facts = [
        Fact(
            printable(label) or "(no label)",
            "revoked" if gone else f"{span(now - used)} ago" if used is not None else "never used",
            "dim",
        )
        for label, used, gone in found[:_MOST_LISTED]
    ]
    if len(found) > _MOST_LISTED:
        facts.append(Fact("…", f"{len(found) - _MOST_LISTED:,} more", "dim"))
    return tuple(facts)


def _extra(extra: str | None) -> tuple[Fact, ...]:
    if not extra:
        return ()
    return tuple(
        Fact(
            printable(name),
            printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))[:200],
            "dim",
        )
        for name, value in json.loads(extra).items()
        if name != POLICY_PROBLEM
    )
