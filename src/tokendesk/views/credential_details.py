"""Composes the details of one credential, and the credentials of one user for the user's details."""

import json
from collections.abc import Iterable, Sequence

from tokendesk.model.credential_kinds import SERVICE_ACCOUNT
from tokendesk.model.findings import Thresholds
from tokendesk.model.scope_patterns import ADMIN
from tokendesk.model.text import printable
from tokendesk.model.timestamps import DAY, ago, day, is_unread, span
from tokendesk.model.token_reach import NOT_TOLD
from tokendesk.views import leads
from tokendesk.views.credential_words import ONE
from tokendesk.views.detail_facts import extra_facts, moment
from tokendesk.views.facts import Details, Fact, Section
from tokendesk.views.history_details import history_sections
from tokendesk.views.note_details import note_facts, written_section
from tokendesk.views.reader import Reader, Row
from tokendesk.views.renewal_chain import chain_names, renewal_chain
from tokendesk.views.renewal_details import renewal_facts
from tokendesk.views.unread_lists import incomplete_lists

_MOST_LISTED = 12
_POWER = {"read": "reads only", "write": "may write", "delete": "may delete", "admin": "may administer"}


def credential_details(reader: Reader, row: Row, now: int) -> Details:
    findings = tuple(
        Fact(
            finding.title,
            explain_credential(finding.name, row, reader.thresholds, now),
            "bad" if finding.urgent else "warn",
            leads.finding("credentials", finding.name),
        )
        for finding in row["findings"]
    )
    chain = renewal_chain(reader, "credential", row["record"])
    before = chain_names(reader, "credential", chain)
    return Details(
        printable(row["name"]) or "(no name)",
        (
            Section("", tuple(_whose(reader, row, now))),
            Section("Note", note_facts(reader, row, now)),
            Section("Use", tuple(_use(reader, row, chain, now))),
            Section("Findings", findings, stacked=True),
            _of_account(reader, row, now),
            Section("Not all were read", tuple(_missing(reader, row["kind"])), stacked=True),
            Section("Also sent by Atlassian", extra_facts(row["extra"]), stacked=True),
            *history_sections(reader, row["record"], now, before),
            written_section(reader, "credential", row["record"], before),
        ),
    )


def _whose(reader: Reader, row: Row, now: int) -> Iterable[Fact]:
    yield Fact("kind", ONE[row["kind"]], leads=leads.any_of("credentials", "kind", [row["kind"]]))
    if row["kind"] in ("service-token", "oauth-client"):
        account = reader.row("credentials", row["account"], now) if row["account"] is not None else None
        lead = leads.record("credentials", account["name"], account["record"]) if account else None
        yield Fact("account", printable(row["account_name"] or row["account_id"] or "not told"), leads=lead)
    if row["email"]:
        yield Fact("e-mail", printable(row["email"]), "dim")
    if row["description"]:
        yield Fact("about", printable(row["description"]))
    yield from _maker(row, only_owners=reader.info is not None and reader.info.only_owners)


def _missing(reader: Reader, kind: str) -> Iterable[Fact]:
    return (Fact(each.title, each.why, "warn") for each in incomplete_lists(reader) if each.kind == kind)


def _maker(row: Row, *, only_owners: bool) -> Iterable[Fact]:
    if row["maker_id"] is None and not row["maker_name"]:
        yield Fact("made by", "not told", "dim")
        return
    name = printable(row["maker_name"] or row["maker_id"])
    lead = leads.record("users", row["maker_name"], row["maker_id"]) if row["maker"] is not None else None
    yield Fact("made by", name, leads=lead)
    if row["maker"] is None and only_owners:
        yield Fact("maker is", "not known: not all users were read yet", "dim")
    elif row["maker"] is None:
        yield Fact("maker is", "not among the managed users", "warn")
    elif row["maker_state"] != "active":
        yield Fact(
            "maker is", printable(row["maker_state"] or "of unknown status"), "bad" if row["maker_state"] else "dim"
        )


def _use(reader: Reader, row: Row, chain: list[str], now: int) -> Iterable[Fact]:
    is_account = row["kind"] == SERVICE_ACCOUNT
    never = "never, as far as known" if row["tells_use"] else "not told"
    yield moment("last used", row["last_used"], row["last_used_text"], now, absent=never)
    yield moment("created", row["created"], row["created_text"], now, absent="not told")
    if not is_account:
        absent = "none listed" if row["tells_end"] else "not told"
        yield moment("ends", row["ends"], row["ends_text"], now, absent=absent)
        yield from renewal_facts(reader, "credentials", "credential", row["record"], chain, now)
    yield Fact(
        "status", printable(row["status"] or "not told"), leads=leads.equal("credentials", "status", row["status"])
    )
    if not is_account:
        yield _reach(row)
    yield Fact("id", printable(row["credential_id"]), "dim")
    scopes = json.loads(row["scopes"] or "[]")
    if scopes:
        yield Fact("scopes", printable(", ".join(scopes)), "dim")


def _reach(row: Row) -> Fact:
    reach = json.loads(row["reach"] or "[]")
    if NOT_TOLD in reach:
        return Fact("reach", "not told: no scopes are listed", "warn")
    power = _POWER.get(row["power"], "power not told")
    alike = leads.all_of("credentials", "reach", reach) if 0 < len(reach) <= _MOST_LISTED else None
    return Fact("reach", f"{printable(row['reach_words'])} · {power}", "warn" if row["power"] == ADMIN else "", alike)


def _of_account(reader: Reader, row: Row, now: int) -> Section:
    """Return the tokens and clients of a service account."""
    if row["kind"] != SERVICE_ACCOUNT:
        return Section("", ())
    lead = leads.credentials_of(row["name"], "account.id", row["credential_id"])
    found = reader.db.execute(f"{_LISTED} WHERE account = ? {_ORDER}", (row["id"],)).fetchall()
    return Section("Its tokens and clients", _listed(found, now), stacked=True, leads=lead if found else None)


def credentials_made_by(reader: Reader, user: int | None, account_id: str, now: int) -> Section:
    """Return what a user made, for the user's details. `user`: the row, None for a stranger."""
    found = reader.db.execute(f"{_LISTED} WHERE maker = ? {_ORDER}", (user,)).fetchall()
    lead = leads.credentials_of(None, "maker.id", account_id) if found else None
    return Section("Made by this user", _listed(found, now), stacked=True, leads=lead)


_LISTED = "SELECT record, kind, name, last_used, tells_use, ends FROM credential"
_ORDER = "ORDER BY last_used DESC NULLS LAST, id"


def _listed(found: Sequence[Row], now: int) -> tuple[Fact, ...]:
    facts = [
        Fact(
            printable(each["name"]) or "(no name)",
            f"{ONE[each['kind']]}, {_used(each, now)}",
            "dim",
            leads.record("credentials", each["name"], each["record"]),
        )
        for each in found[:_MOST_LISTED]
    ]
    if len(found) > _MOST_LISTED:
        facts.append(Fact("…", f"{len(found) - _MOST_LISTED:,} more", "dim"))
    return tuple(facts)


def _used(row: Row, now: int) -> str:
    if row["last_used"] is not None:
        return f"used {ago(row['last_used'], now)}"
    return "never used" if row["tells_use"] else "use not told"


def explain_credential(name: str, row: Row, thresholds: Thresholds, now: int) -> str:
    """Explain why a credential has the finding `name`, with its figures and the threshold."""
    used = f"last used {ago(row['last_used'], now)}" if row["last_used"] is not None else "never used"
    if is_unread(row["last_used"], row["last_used_text"]) or not row["tells_use"]:
        used = "last use not known"
    ends = row["ends"]
    left = "" if ends is None else f"ends in {span(ends - now)}" if ends > now else f"ended {day(ends)}"
    match name:
        case "expiring-in-use":
            return f"{left} and {used}: something will stop"
        case "maker-inactive" if row["maker_state"] in (None, "active"):
            return "whoever made its service account is inactive: find out who looks after it now"
        case "maker-inactive":
            return f"its maker is {printable(row['maker_state'] or '')}: find out who looks after it now"
        case "maker-unknown":
            return "its maker is not among the managed users: they may have left, or were never managed"
        case "expiring":
            return f"{left}, your limit is {thresholds.expiring} days"
        case "idle":
            return f"{used}, your limit is {thresholds.idle} days"
        case "never-used":
            age = (now - row["created"]) // DAY if row["created"] is not None else 0
            return f"never used, created {age} days ago, your limit is {thresholds.never_used}"
        case "expired":
            return f"{left}, and it is still listed"
        case "no-expiry":
            return "no end is listed, though others of its kind have one: API keys and tokens end after a year at most"
        case "may-administer" if json.loads(row["scopes"] or "[]"):
            return "its scopes let it administer the organization or a product"
        case "may-administer":
            return "it has no scopes, and an API key without scopes may do all there is"
        case "no-purpose":
            return "nobody has noted what it is for"
        case "review-due":
            return "its review date has passed"
        case "answer-overdue":
            return "the date for an answer has passed"
    return name
