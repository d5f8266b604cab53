"""Composes the details of one token, user or policy."""

import json

from tokendesk.model.changes import describe_change
from tokendesk.model.findings import CONTRADICTED, explain_finding
from tokendesk.model.text import printable
from tokendesk.model.timestamps import (
    AHEAD,
    DAY,
    ago,
    is_recent,
    is_unread,
    parse_timestamp,
    span,
)  # fmt: skip
from tokendesk.model.token_reach import EVERYTHING, MAY_NOT_STOP, NOT_TOLD, STOPS
from tokendesk.views import leads
from tokendesk.views.access_details import access_facts, admin_words
from tokendesk.views.activity_details import activity_sections
from tokendesk.views.cells import policy_setting_label
from tokendesk.views.contradictions import contradictions
from tokendesk.views.credential_details import credentials_made_by
from tokendesk.views.detail_facts import POLICY_PROBLEM
from tokendesk.views.detail_facts import extra_facts as _extra
from tokendesk.views.detail_facts import moment as _moment
from tokendesk.views.facts import Details, Fact, Section
from tokendesk.views.history_details import history_sections
from tokendesk.views.note_details import note_facts, offered_facts, written_section
from tokendesk.views.query import PANE_OF, Query
from tokendesk.views.reader import Reader, Row
from tokendesk.views.renewal_chain import chain_names, renewal_chain
from tokendesk.views.renewal_details import renewal_facts
from tokendesk.views.rhythms import rhythm_of

_MOST_LISTED = 12


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
    if pane_name == "credentials":
        from tokendesk.views.credential_details import credential_details

        return credential_details(reader, row, now)
    return _of_policy(reader, row, now)


def _of_change(reader: Reader, row: Row, now: int) -> Details:
    before, after = row["before_policy"] or row["before"], row["after_policy"] or row["after"]
    pane = PANE_OF[row["subject"]]
    is_there = reader.find(pane, row["record"]) is not None
    subject = leads.record(pane, row["label"] or "(no label)", row["record"]) if is_there else None
    facts = (
        Fact("what", printable(describe_change(row["kind"], before, after))),
        _moment("seen", row["at"], None, now),
        Fact(row["subject"], printable(row["label"] or "(no label)"), leads=subject),
        Fact("owner", printable(row["owner"] or "unknown")),
        Fact("e-mail", printable(row["email"] or "none")),
        Fact("id", printable(row["record"]), "dim"),
    )
    note = note_facts(reader, row, now) if row["note_folded"] is not None else ()
    renewed: tuple[Fact, ...] = ()
    if row["subject"] in ("token", "credential") and row["kind"] in ("gone", "expired") and not is_there:
        renewed = renewal_facts(reader, "changes", row["subject"], row["record"], [], now)
    return Details(
        printable(row["label"] or "(no label)"),
        (
            Section("", facts),
            Section("Renewal", renewed),
            Section("Note", note),
            written_section(reader, row["subject"], row["record"]),
        ),
    )


def _of_token(reader: Reader, row: Row, now: int) -> Details:
    owner = printable(row["owner"] or "unknown")
    status = printable(row["status"] or "unknown")
    admin = admin_words(row["owner_roles"], row["org_admin"])
    rhythm = rhythm_of(reader, row)
    chain = renewal_chain(reader, "token", row["token_id"])
    before = chain_names(reader, "token", chain)
    unknown = row["policy_id"] is None and row["user"] is not None
    whose = (
        Fact("owner", f"{owner} ({admin})" if admin else owner, leads=_owner(row)),
        _account(row["owner_status"] if row["user"] else None, "tokens", "owner.status"),
        _policy(row, reader.row("users", row["user"], now) if unknown else None),
    )
    use = (
        _moment("last used", row["last_used"], row["last_used_text"], now, absent="never, as far as known"),
        *rhythm.facts(now),
        _moment("created", row["created"], row["created_text"], now),
        _moment("expires", row["expires"], row["expires_text"], now, absent="never"),
        *renewal_facts(reader, "tokens", "token", row["token_id"], chain, now),
        Fact(
            "status",
            *(("BLOCKED, as Atlassian lists it", "bad") if status == "BLOCKED" else (status, "")),
            leads.equal("tokens", "status", row["status"]),
        ),
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
            leads.finding("tokens", finding.name),
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
            *history_sections(reader, row["token_id"], now, before),
            *activity_sections(reader, row, now),
            written_section(reader, "token", row["token_id"], before),
        ),
    )


def _owner_page(reader: Reader, row: Row, now: int) -> tuple[Section, ...]:
    """Return the owner of the token, and the owner's other tokens."""
    owner = reader.row("users", row["user"], now) if row["user"] is not None else None
    if owner is None:
        facts: tuple[Fact, ...] = (
            Fact("name", printable(row["owner"] or "unknown")),
            Fact("e-mail", printable(row["email"] or "none"), "" if row["email"] else "dim"),
            _account(None, "tokens", "owner.status"),
        )
    else:
        facts = (Fact("name", printable(owner["name"]) or "(no name)", leads=_owner(row)), *_person(owner, now))
    others = leads.tokens_of_user(row["owner"], row["owner_id"], but=row["token_id"]) if owner else None
    return (
        Section("", facts, tab="Owner"),
        Section("Note on the owner", _note_of_user(reader, owner, now) if owner else (), tab="Owner"),
        Section(
            "Other tokens",
            _tokens_of(reader, row["user"], now, others, but=row["id"]),
            stacked=True,
            tab="Owner",
            leads=others,
        ),
        credentials_made_by(reader, row["user"], row["owner_id"], now)._replace(tab="Owner"),
    )


def _owner(row: Row) -> Query | None:
    """Return the owner of the token among the users."""
    return leads.record("users", row["owner"], row["owner_id"]) if row["user"] is not None else None


def _person(row: Row, now: int) -> tuple[Fact, ...]:
    facts = [
        Fact("e-mail", printable(row["email"] or "none"), "" if row["email"] else "dim"),
        _account(row["status"], "users", "status"),
        _policy(row, row),
        _like("job title", "title", row["job_title"]),
        _like("department", "department", row["department"]),
        *access_facts(row, now),
        _moment("active", row["last_active"], row["last_active_text"], now),
        _moment("added", parse_timestamp(row["added_text"]), row["added_text"], now),
    ]
    if row["deactivated_text"]:
        facts.append(_moment("deactivated", parse_timestamp(row["deactivated_text"]), row["deactivated_text"], now))
    facts.append(Fact("account id", printable(row["account_id"]), "dim"))
    return tuple(facts)


def _like(name: str, field: str, value: str | None) -> Fact:
    """Return a fact that leads to the users with the same value."""
    return Fact(name, printable(value or "unknown"), "" if value else "dim", leads.equal("users", field, value))


def _if_it_stops(reader: Reader, row: Row, now: int) -> Fact:
    """Say what to expect if the token stops working."""
    used, name = row["last_used"], "if stopped"
    if row["status"] == "REVOKED":
        return Fact("stopped", "it is revoked: whatever used it fails", "bad" if used else "")
    if is_unread(used, row["last_used_text"]):
        return Fact(name, "not known: its last use cannot be read", "warn")
    if used is None:
        return Fact(name, "nothing is known to have used it", "good")
    if used > now + AHEAD:
        return Fact(name, "not known: its last use is said to be in the future", "warn")
    if is_recent(used, reader.thresholds.in_use, now):
        return Fact(name, f"whatever used it {ago(used, now)} will fail", "bad")
    if now - used < reader.thresholds.idle * DAY:
        return Fact(name, f"whatever used it {ago(used, now)} may fail", "warn")
    return Fact(name, f"unused for {span(now - used)}: only a job that runs less often can fail", "good")


def _of_user(reader: Reader, row: Row, now: int) -> Details:
    findings = tuple(
        Fact(f.title, "", "bad" if f.urgent else "warn", leads.finding("users", f.name)) for f in row["findings"]
    )
    tokens = leads.tokens_of_user(row["name"], row["account_id"])
    return Details(
        printable(row["name"]) or "(no name)",
        (
            Section("", _person(row, now)),
            Section("Note", _note_of_user(reader, row, now)),
            Section("Findings", findings, stacked=True),
            Section(
                f"Tokens: {row['tokens']:,}", _tokens_of(reader, row["id"], now, tokens), stacked=True, leads=tokens
            ),
            credentials_made_by(reader, row["id"], row["account_id"], now),
            Section("Also sent by Atlassian", _extra(row["extra"]), stacked=True),
            *history_sections(reader, row["account_id"], now),
            written_section(reader, "user", row["account_id"]),
        ),
    )


def _of_policy(reader: Reader, row: Row, now: int) -> Details:
    name, policy_id = row["name"], row["policy_id"]

    def tokens(column: str, text: str = "") -> Query | None:
        return leads.tokens_of_policy(name, policy_id, text) if row[column] else None

    facts = (
        Fact("users", f"{row['users']:,}", leads=leads.users_of_policy(name, policy_id) if row["users"] else None),
        Fact("tokens", f"{row['tokens']:,}", leads=tokens("tokens")),
        Fact("allowed", f"{row['allowed']:,}", leads=tokens("allowed", "status:allowed")),
        Fact("blocked", f"{row['blocked']:,}", "bad" if row["blocked"] else "", tokens("blocked", "status:blocked")),
        _moment("last use", row["last_used"], None, now, absent="never"),
        Fact("API tokens", policy_setting_label(row), leads=leads.equal("policies", "setting", row["setting"])),
        Fact("remarks", printable(row["remarks"] or "none"), "" if row["remarks"] else "dim"),
        Fact("policy id", printable(row["policy_id"]), "dim"),
    )
    findings = tuple(
        Fact(f.title, " ".join(contradictions(reader, (row["policy_id"],))), "bad", leads.finding("policies", f.name))
        if f.name == CONTRADICTED
        else Fact(f.title, "", "warn", leads.finding("policies", f.name))
        for f in row["findings"]
    )
    return Details(printable(row["name"]), (Section("", facts), Section("Findings", findings, stacked=True)))


def _account(status: str | None, pane: str, field: str) -> Fact:
    """`field`: the one of `pane` that has the status."""
    if status is None:
        return Fact("account", "not among the managed users", "bad")
    return Fact(
        "account", printable(status).lower(), "" if status == "active" else "bad", leads.equal(pane, field, status)
    )


def _note_of_user(reader: Reader, row: Row, now: int) -> tuple[Fact, ...]:
    return note_facts(reader, row, now) if row["note_folded"] is not None else ()


def _policy(row: Row, of: Row | None = None) -> Fact:
    """Return the policy, which leads to its users; if unknown, with the reason stored with the user (`of`)."""
    if row["policy_id"] is None:
        extra = of["extra"] if of is not None else None
        why = json.loads(extra).get(POLICY_PROBLEM) if extra else None
        return Fact("policy", f"unknown: {printable(str(why))}" if why else "unknown")
    setting = {"allowed": " (allows tokens)", "blocked": " (blocks tokens)"}.get(row["policy_setting"] or "", "")
    words = printable(row["policy_moving"] or row["policy_name"]) + setting
    return Fact("policy", words, leads=leads.users_of_policy(row["policy_name"], row["policy_id"]))


_POWER = {"read": "reads only", "write": "may write", "delete": "may delete", "admin": "may administer"}


def _reach(row: Row) -> Fact:
    reach = json.loads(row["reach"])
    if NOT_TOLD in reach:
        words, tone = "not told: no token has scopes", "warn"
    elif EVERYTHING in reach:
        words, tone = "all that its owner may, except Bitbucket (classic)", "warn"
    else:
        words, tone = f"{printable(row['reach_words'])} · {_POWER.get(row['power'], 'power not told')}", ""
    alike = leads.all_of("tokens", "reach", reach) if 0 < len(reach) <= _MOST_LISTED else None
    return Fact("reach", words, tone, alike)


def _scopes(row: Row) -> tuple[Fact, ...]:
    scopes = json.loads(row["scopes"] or "[]")
    return (Fact("scopes", printable(", ".join(scopes)), "dim"),) if scopes else ()


def _if_blocked(row: Row) -> tuple[Fact, ...]:
    """Say whether a policy that blocks tokens stops it; empty for a revoked token."""
    stops, tone = row["stops"], "warn"
    if stops is None:
        return ()
    if stops == STOPS:
        words, tone = "stops", ""
    elif stops == MAY_NOT_STOP:
        words = "may not stop (Bitbucket); no service account for Git (BCLOUD-23832)"
    elif (row["status"] or "").upper() not in ("ALLOWED", "BLOCKED"):
        words = "cannot be told: nobody knows its status"
    else:
        told = NOT_TOLD not in json.loads(row["reach"])
        words = f"cannot be told: its {'scopes are unknown here' if told else 'scopes are not told'}"
    return (Fact("if blocked", words, tone, leads.any_of("tokens", "stops", [stops])),)


def _tokens_of(
    reader: Reader, user: int | None, now: int, leading: Query | None, but: int | None = None
) -> tuple[Fact, ...]:
    """`leading`: to all of them."""
    if user is None:
        return ()
    found = reader.db.execute(
        "SELECT label, last_used, token_id, id IN (SELECT token FROM temp.revoked_now) AS gone FROM main.token"
        " WHERE user = ? AND id IS NOT ? ORDER BY gone, last_used DESC NULLS LAST",
        (user, but),
    ).fetchall()
    facts = [
        Fact(
            printable(label) or "(no label)",
            "revoked" if gone else f"{span(now - used)} ago" if used is not None else "never used",
            "dim",
            leads.record("tokens", label or "(no label)", token_id),
        )
        for label, used, token_id, gone in found[:_MOST_LISTED]
    ]
    if len(found) > _MOST_LISTED:
        facts.append(Fact("…", f"{len(found) - _MOST_LISTED:,} more", "dim", leading))
    return tuple(facts)
