"""The note in the details: the note itself, the note it may take over, and its changes."""

from collections.abc import Mapping
from types import MappingProxyType

from tokendesk.desk.note_fields import TAG
from tokendesk.model.renewal_states import LAPSE
from tokendesk.model.text import printable
from tokendesk.model.timestamps import ago, day_and_time, iso, iso_day, parse_timestamp
from tokendesk.views import leads
from tokendesk.views.facts import Fact, Section
from tokendesk.views.notes import contact_of, names_of, note_history
from tokendesk.views.reader import Reader, Row
from tokendesk.views.successors import offers

_MOST_WRITTEN = 30
_LONGEST = 160
"""Characters of a note's text that leave room for the other facts."""
_LONGEST_WRITTEN = 120
_NAMES = {"review_by": "review by", "asked_on": "asked on", "reply_by": "reply by"}


def note_facts(reader: Reader, row: Row, now: int) -> tuple[Fact, ...]:
    """Return the note on a token, user, credential or change."""
    is_token, is_credential = "token_id" in row, "credential_id" in row
    is_user = "account_id" in row and not is_credential
    pane = "tokens" if is_token else "credentials" if is_credential else "users" if is_user else "changes"
    facts = []
    if is_token or is_credential or row["purpose"]:
        alike = leads.equal(pane, "purpose", row["purpose"]) if len(row["purpose"] or "") <= _LONGEST else None
        facts.append(
            Fact("purpose", _in_short(row["purpose"] or "none (e writes one)"), "" if row["purpose"] else "warn", alike)
        )
    decided = leads.any_of(pane, "decision", [row["decision"]])
    tone = "dim" if row["decision"] == "undecided" else ""
    facts.append(Fact("decision", decision_label(reader, row), tone, decided))
    if is_token:
        facts.append(_contact(reader, row))
    elif row["contact"]:
        facts.append(Fact("contact", _in_short(row["contact"])))
    if row["tags"]:
        tagged = leads.any_of(pane, "tag", row["tags"].split("\n"))
        facts.append(Fact("tags", _in_short(row["tags"].replace("\n", ", ")), leads=tagged))
    if row["remarks"]:
        facts.append(Fact("remarks", _in_short(row["remarks"].replace("\n", ", "))))
    today = (iso(now) or "")[:10]
    if row["review_by"]:
        facts.append(
            Fact("review by", printable(iso_day(row["review_by"])), "bad" if row["review_by"] <= today else "")
        )
    if row["renewal_noted"]:
        words = {LAPSE: "may lapse"}.get(row["renewal_noted"], row["renewal_noted"])
        facts.append(Fact("renewal", f"{words}, as noted"))
    facts += _asking(row, today)
    if row["replaces"]:
        about, of_pane = ("credential", "credentials") if is_credential else ("token", "tokens")
        old = names_of(reader, about, [row["replaces"]]).get(row["replaces"])
        there = old is not None and reader.find(of_pane, row["replaces"]) is not None
        lead = leads.record(of_pane, old, row["replaces"]) if there else None
        facts.append(Fact("replaces", printable(old or row["replaces"]), leads=lead))
    if row["note_changed"]:
        written = f"{ago(parse_timestamp(row['note_changed']), now)} by {printable(row['note_author'])}"
        facts.append(Fact("written", written, "dim"))
    return tuple(facts)


def decision_label(reader: Reader, row: Row) -> str:
    """Return `move → Integrations`, or only the decision."""
    if row["decision"] != "move":
        return printable(row["decision"])
    target = row["target"]
    return (
        f"move → {printable(names_of(reader, 'policy').get(target) or target)}" if target else "move, where to is open"
    )


def _contact(reader: Reader, row: Row) -> Fact:
    contact = contact_of(reader, row)
    if not contact.text:
        return Fact("contact", f"none: {printable(contact.why)}", "warn")
    shown = _in_short(contact.text)
    return Fact("contact", shown) if contact.why == "noted" else Fact("contact", f"{shown} ({contact.why})", "dim")


def _asking(row: Row, today: str) -> list[Fact]:
    facts = []
    if row["asked_on"]:
        facts.append(Fact("asked on", iso_day(row["asked_on"])))
    if row["reply_by"] and not row["answer"]:
        overdue = row["reply_by"] < today
        facts.append(
            Fact("reply by", iso_day(row["reply_by"]) + (" (overdue)" if overdue else ""), "bad" if overdue else "")
        )
    if row["answer"]:
        facts.append(Fact("answer", _in_short(row["answer"].replace("\n", ", "))))
    return facts


def offered_facts(reader: Reader, row: Row, now: int) -> tuple[Fact, ...]:
    """Return the note that a token without a purpose may take over."""
    if row["purpose"] or row["replaces"]:
        return ()
    return tuple(
        Fact(
            f"{printable(offer.old_label) or '(no label)'} ({offer.why})",
            printable(offer.purpose or "no purpose"),
            "warn",
        )
        for offer in offers(reader, now, row["token_id"])
    )


def written_section(
    reader: Reader, about: str, subject: str, before: Mapping[str, str] = MappingProxyType({})
) -> Section:
    """Return the changes of the note, latest first. `before`: as for `history_sections`; their notes come along."""
    policies = names_of(reader, "policy")
    facts = []
    found = [(each, "") for each in note_history(reader, about, subject)]
    for record, name in before.items():
        found += [(each, f", on {printable(name)}") for each in note_history(reader, about, record)]
    found.sort(key=lambda pair: pair[0].time, reverse=True)
    for written, whose in found[:_MOST_WRITTEN]:
        if written.field == "target" and written.before is None and written.after is None:
            continue
        moment = parse_timestamp(written.time)
        facts.append(
            Fact(
                f"{day_and_time(moment)} · {printable(written.author)}",
                _change(written.field, written.before, written.after, policies)
                + " (undone)" * written.undone
                + (f" ({written.clock})" if written.clock else "")
                + whose,
                "dim" if written.undone else "",
            )
        )
    return Section("Written by people", tuple(facts), stacked=True, tab="History")


def _change(field: str, before: str | None, after: str | None, policies: dict[str, str]) -> str:
    if field.startswith(TAG):
        return f"{'tag' if after else 'no tag'} {printable(field.removeprefix(TAG))}"
    if field == "target":
        before, after = (policies.get(text or "", text) for text in (before, after))
    if before is None:
        return f"{_NAMES.get(field, field)}: {_begin(after or 'none')}"
    return f"{_NAMES.get(field, field)}: {_begin(before)} → {_begin(after or 'none')}"


def _in_short(text: str) -> str:
    """Return `text`, or its start and how to see the rest."""
    more = len(text) - _LONGEST
    return printable(text) if more <= 0 else f"{printable(text[:_LONGEST])}… {more:,} more characters: e opens the note"


def _begin(text: str) -> str:
    return printable(text) if len(text) <= _LONGEST_WRITTEN else f"{printable(text[:_LONGEST_WRITTEN])}…"
