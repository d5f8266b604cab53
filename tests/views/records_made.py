"""Records of every pane as plain values, and a profile with the same content."""

import asyncio
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.practice import NOW, name_policies, practice, pull_quietly, settings_in
from tests.reach_told import power_told, reach_told, stops_told, words_told
from tests.views.credentials_made import SIZES, credentials_of, state_of
from tests.views.filters_made import Record, Value
from tests.views.renewals_made import states
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.desk.policies import write_policy
from tokendesk.sandbox.organization import SEED, TOKENS, USERS, Organization
from tokendesk.sandbox.people import ORG_ADMIN, Person

Records = dict[str, dict[str, Record]]
_NOTES: tuple[tuple[str, int, dict[str, str | bool | None]], ...] = (
    ("ada", 40, {"purpose": "Nightly Büro export", "contact": "Bo Åkesson", "tag:ci": True, "review_by": "2026-11-20",
                 "renewal": "asked"}),
    ("ada", 12, {"decision": "move", "remarks": "50% done, ask [b]Bo[/b]", "reply_by": "2026-11-22",
                 "asked_on": "2026-11-01", "tag:old": True}),
    ("bo", 3, {"decision": "revoke", "answer": "No longer used", "asked_on": "2026-10-15", "reply_by": "2026-12-24",
               "review_by": "2026-12-31", "renewal": "lapse"}),
    ("bo", 1, {"decision": "keep", "purpose": "Backup", "remarks": "Kept", "replaces": "an-older-one",
               "renewal": "promised"}),
)  # fmt: skip
_OF_CREDENTIALS = {"move": "rotate", "revoke": "retire"}
"""By a decision on tokens and users: that on credentials."""
_GONE = 16
"""How many changes tell of what is no longer listed."""


def seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None


def make(home: Path) -> tuple[Settings, Records]:
    """Pull the practice organization into `home`, write notes, changes and runs, and tell what there is now."""
    made = Organization(SEED, USERS, TOKENS, NOW, now=lambda: NOW, credentials=SIZES)
    settings = settings_in(home)
    with practice(made) as access:
        asyncio.run(pull_quietly(settings, access))
    records = _of_organization(made)
    changes = _write_changes(settings, made, records)
    uses_of_gone = _write_uses_of_gone(settings, changes)
    owners = {str(owner) for token in records["tokens"].values() for owner in token["owner.id"]}
    credentials = sorted(records["credentials"], key=lambda record: record.partition(":")[2])
    subjects = {"token": sorted(records["tokens"]), "user": sorted(owners), "credential": credentials}
    replaced = {about: _last_ending(records[pane], end) for about, pane, end in _ENDING}
    written = _write_notes(settings, subjects, made.policies[1].id, made.policies[1].name, replaced)
    due = states(records, written, changes, uses_of_gone)
    empty = _note({}, None, None, None)
    for about, pane in (("token", "tokens"), ("user", "users"), ("credential", "credentials")):
        for key, record in records[pane].items():
            renewal = {"renewal": (due.get((about, key)),)}
            records[pane][key] = {**record, **renewal, **written[about].get(key, empty)}
    last_at: dict[tuple[str, str], tuple[object, ...]] = {}
    for change in changes.values():
        if change["kind"][0] in ("gone", "expired"):
            place = str(change["_subject"][0]), str(change["id"][0])
            last_at[place] = max(last_at.get(place, change["at"]), change["at"])
    for key, change in changes.items():
        subject, of = str(change["_subject"][0]), str(change["id"][0])
        is_listed = of in records["tokens"] or of in records["credentials"]
        is_last = change["at"] == last_at.get((subject, of))  # it may have been gone before, and back
        went = change["kind"][0] in ("gone", "expired") and is_last and not is_listed
        state = due.get((subject, of)) if went else None
        changes[key] = {**change, "renewal": (state,), **written[subject].get(of, empty)}
    name_policies(settings, made)
    with Desk(settings.paths.desk, author="ada", clock=lambda: NOW) as desk:
        for policy, said in zip(made.policies, ("allowed", "allowed", None, "blocked"), strict=True):
            write_policy(desk, policy.id, {"tokens": said, "remarks": f"Set for {policy.name}" if said else None})
    return settings, {**records, "changes": changes, "journal": _write_runs(settings, made, records)}


_ENDING = (("token", "tokens", "expires"), ("credential", "credentials", "ends"))


def _last_ending(records: Mapping[str, Record], end: str) -> str:
    """Return the last one, by its id, of those that end within a month: no note of _NOTES is on it."""
    soon = int((NOW + timedelta(days=30)).timestamp())
    return max(key for key, record in records.items() if record[end][0] is not None and int(record[end][0] or 0) < soon)


def _of_organization(made: Organization) -> Records:
    names = {policy.id: policy.name for policy in made.policies}
    said = dict(zip(names, ("allowed", "allowed", None, "blocked"), strict=True))
    people = [made.person(index) for index in range(made.users)]
    owned: dict[int, list[Record]] = {}
    tokens: dict[str, Record] = {}
    living = [(made.token(life), life) for _, life in made.living()]
    for token, _ in living:
        person, policy = people[token.owner], made.policy_of(token.owner)
        used = seconds(made.last_use(token.number))
        tokens[token.id] = {
            "label": (token.label,), "owner": (person.name,), "email": (person.email,),
            "status": ("BLOCKED" if made.blocks(policy) else "ALLOWED",), "used": (used,), "idle": (used,),
            "created": (token.created,), "expires": (token.expires,), "scope": token.scopes or (),
            "reach": reach_told(token.scopes), "power": (power_told(token.scopes),),
            "stops": (stops_told(token.scopes),), "_reach": (words_told(token.scopes),),
            **_owner(person, policy, names[policy], said[policy]), "owner.status": (state_of(person),),
            **_access(person, "owner."), "owner.active": (seconds(person.last_active),),
            "owner.tokens": (sum(other.owner == token.owner for other, _ in living),),
            "owner.id": (person.account_id,), "quarantine": (None,), "id": (token.id,), "rhythm": ("unknown",),
            "activity": (None,), "ip": (), "product": (),
        }  # fmt: skip
        owned.setdefault(token.owner, []).append(tokens[token.id])
    users: dict[str, Record] = {}
    for index, person in enumerate(people):
        own, policy = owned.get(index, []), made.policy_of(index)
        uses = _all(own, "used")
        users[person.account_id] = {
            "name": (person.name,), "email": (person.email,), "status": (state_of(person),), "tokens": (len(own),),
            "active": (seconds(person.last_active),), "used": (_latest(uses),),
            **_owner(person, policy, names[policy], said[policy]), "token.label": _all(own, "label"),
            "token.idle": uses, "token.used": uses, "token.created": _all(own, "created"),
            "token.expires": _all(own, "expires"), "token.status": _all(own, "status"),
            "reach": _all(own, "reach"), "power": _all(own, "power"), "id": (person.account_id,),
            **_access(person), "_access": (json.dumps(sorted(p.key for p in person.products), separators=(",", ":")),),
            "_admin": (ORG_ADMIN in person.roles,),
        }  # fmt: skip
    policies: dict[str, Record] = {}
    for key, name in names.items():
        own = [token for token in tokens.values() if token["policy.id"] == (key,)]
        states = _all(own, "status")
        policies[key] = {
            "name": (name,), "id": (key,), "users": (sum(user["policy.id"] == (key,) for user in users.values()),),
            "tokens": (len(own),), "allowed": (states.count("ALLOWED"),), "blocked": (states.count("BLOCKED"),),
            "used": (_latest(_all(own, "used")),), "setting": (said[key],),
            "contradicting": (0,),  # all was said when it was pulled: no use and no status is newer
            "reach": _all(own, "reach"), "power": _all(own, "power"),
            "remarks": (f"Set for {name}" if said[key] else None,),
        }  # fmt: skip
    return {"tokens": tokens, "users": users, "policies": policies, "credentials": credentials_of(made)}


def _access(person: Person, prefix: str = "") -> Record:
    return {
        f"{prefix}role": tuple(role.removeprefix("atlassian/") for role in person.roles),
        f"{prefix}access": tuple(product.key for product in person.products),
    }


def _owner(person: Person, policy: str, name: str, said: str | None) -> Record:
    return {
        "policy": (name,), "policy.id": (policy,), "policy.tokens": (said,), "title": (person.job_title or None,),
        "department": (person.department,),
    }  # fmt: skip


def _all(records: Iterable[Record], name: str) -> tuple[Value, ...]:
    return tuple(value for record in records for value in record[name])


def _latest(moments: Iterable[Value]) -> int | None:
    return max((int(moment) for moment in moments if moment is not None), default=None)


def _note(fields: Mapping[str, str | bool | None], target: str | None, at: int | None, by: str | None) -> Record:
    def text(name: str) -> str | None:
        value = fields.get(name)
        return None if value is None else str(value)

    tags = tuple(name.removeprefix("tag:") for name in fields if name.startswith("tag:"))
    words = [text(name) for name in ("purpose", "contact", "remarks", "answer")] + sorted(tags)
    asked = text("asked_on")
    return {
        **{name: (text(name),) for name in ("purpose", "contact", "remarks", "answer", "replaces")},
        "note": ("\n".join(word for word in words if word),), "decision": (text("decision") or "undecided",),
        "target": (target,), "review": (text("review_by"),), "reply": (text("reply_by"),),
        "asked": (seconds(datetime.fromisoformat(asked).replace(tzinfo=UTC)) if asked else None,),
        "noted": (at,), "noted.by": (by,), "tag": tags, "_note": (bool(fields),),
        "_renewal": (text("renewal"),),
    }  # fmt: skip


def _desk_at(moment: datetime, settings: Settings, author: str) -> Desk:
    return Desk(settings.paths.desk, author=author, clock=lambda: moment)


def _write_notes(
    settings: Settings, subjects: Mapping[str, list[str]], target: str, name: str, replaced: Mapping[str, str]
) -> dict[str, dict[str, Record]]:
    """Write the oldest notes first: the clock of a desk never goes back."""
    notes: dict[str, dict[str, Record]] = {about: {} for about in subjects}
    fields: dict[str, dict[str, str | bool | None]] = {}
    for place, (author, days, said) in enumerate(_NOTES):
        at = NOW - timedelta(days=days)
        for about, ids in subjects.items():
            written = {**said, "target": target} if said.get("decision") == "move" else said
            if about == "credential" and "decision" in said:
                written = {**said, "decision": _OF_CREDENTIALS.get(str(said["decision"]), said["decision"])}
            noted = ids[place * 6 : place * 6 + 14]
            with _desk_at(at, settings, author) as desk:
                write_note(desk, about, noted, written)
            for key in noted:
                fields[key] = {**fields.get(key, {}), **written}
                moves = fields[key].get("decision") == "move"
                notes[about][key] = _note(fields[key], name if moves else None, seconds(at), author)
    for about, old in replaced.items():
        with _desk_at(NOW, settings, "ada") as desk:
            write_note(desk, about, [subjects[about][-1]], {"replaces": old})
        notes[about][subjects[about][-1]] = _note({"replaces": old}, None, seconds(NOW), "ada")
    return notes


def _write_changes(settings: Settings, made: Organization, records: Records) -> dict[str, Record]:
    first, second = made.policies[0], made.policies[1]
    db = sqlite3.connect(settings.paths.history)
    (pull,) = db.execute("SELECT pull_id FROM completed").fetchone()
    changes: dict[str, Record] = {}
    db.execute("DELETE FROM change")
    for place, (key, token) in enumerate(sorted(records["tokens"].items())[:40]):
        kind = ("created", "status", "moved", "relabelled", "gone")[place % 5]
        subject, record = ("user", token["owner.id"][0]) if kind == "moved" else ("token", key)
        label, owner = (token["owner"][0], None) if kind == "moved" else (token["label"][0], token["owner"][0])
        before, after, shown = {
            "status": ("ALLOWED", "BLOCKED", ("ALLOWED", "BLOCKED")),
            "moved": (first.id, second.id, (first.name, second.name)),
            "relabelled": ("old Jöb", label, ("old Jöb", label)),
        }.get(kind, (None, None, (None, None)))
        at = int(NOW.timestamp()) - place * 200_000
        row = (place + 1, pull, at, kind, subject, record, label, owner, token["email"][0], before, after)
        db.execute(f"INSERT INTO change VALUES ({', '.join('?' * len(row))})", row)
        changes[str(place + 1)] = {
            "kind": (kind,), "at": (at,), "label": (label,), "owner": (owner,), "email": (token["email"][0],),
            "before": (shown[0],), "after": (shown[1],), "id": (record,), "_subject": (subject,),
        }  # fmt: skip
    for place, change in enumerate((*_of_credentials(records["credentials"]), *_of_gone()), len(changes) + 1):
        at = int(NOW.timestamp()) - place * 70_000
        db.execute(f"INSERT INTO change VALUES ({', '.join('?' * 11)})", (place, pull, at, *change))
        names = ("kind", "_subject", "id", "label", "owner", "email", "before", "after")
        changes[str(place)] = {"at": (at,), **{name: (value,) for name, value in zip(names, change, strict=True)}}
    db.commit()
    db.close()
    return changes


def _of_credentials(records: Mapping[str, Record]) -> Iterator[tuple[Value, ...]]:
    """Yield changes of credentials that are listed."""
    for place, (key, record) in enumerate(sorted(records.items())[::3]):
        kind = ("created", "relabelled", "gone")[place % 3]
        before, after = {"relabelled": ("before", record["name"][0])}.get(kind, (None, None))
        yield kind, "credential", key, record["name"][0], record["whose"][0], record["maker.email"][0], before, after


def _of_gone() -> Iterator[tuple[Value, ...]]:
    """Yield ends of what is no longer listed."""
    for place in range(_GONE):
        about, record = (("token", f"gone-{place}"), ("credential", f"key:gone-{place}"))[place % 2]
        ends = (NOW + timedelta(days=place * 11 - 60)).isoformat().replace("+00:00", "Z") if place % 5 else None
        kind = "expired" if ends and place * 11 < 60 else "gone"
        yield kind, about, record, f"Weekly {place}", "Bo Åkesson", "bo@example.com", ends, None


def _write_uses_of_gone(settings: Settings, changes: Mapping[str, Record]) -> dict[str, int]:
    """Write when what is no longer listed was last used: some lately, some long before, some never."""
    db = sqlite3.connect(settings.paths.history)
    (pull,) = db.execute("SELECT pull_id FROM completed").fetchone()
    gone = [str(change["id"][0]) for change in changes.values() if "gone-" in str(change["id"][0])]
    uses = {record: int(NOW.timestamp()) - place * 1_000_000 for place, record in enumerate(gone) if place % 4 != 3}
    db.executemany("INSERT INTO observation VALUES (?, ?, ?)", ((record, used, pull) for record, used in uses.items()))
    db.commit()
    db.close()
    return uses


def _write_runs(settings: Settings, made: Organization, records: Records) -> dict[str, Record]:
    db = sqlite3.connect(settings.paths.desk)
    (desk,) = db.execute("SELECT desk_id FROM desk").fetchone()
    tokens = [token for _, token in sorted(records["tokens"].items())]
    runs: dict[str, Record] = {}
    for number in range(12):
        run, kind = f"run-{number:02}", ("move", "revoke")[number % 3 == 1]
        began, by = NOW - timedelta(days=number * 9, hours=5), ("ada", "bo", "Åsa")[number % 3]
        state = ("done", "done", "cancelled", None)[number % 4]
        undoes = f"run-{number + 1:02}" if number in (3, 8) else None
        until = (NOW + timedelta(days=25 - number * 5)).date().isoformat() if kind == "move" and number % 2 else None
        where = desk if number % 4 else "another"
        target = made.policies[number % 2] if kind == "move" else None
        db.execute(
            "INSERT INTO run (run_id, desk_id, kind, author, began, undoes, quarantine_until, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (run, where, kind, by, began.isoformat().replace("+00:00", "Z"), undoes, until, state),
        )
        part = tokens[number * 5 : number * 5 + 2 + number % 4]
        counts = {"good": 0, "bad": 0, "unsure": 0, "differs": 0}
        outcomes: list[str] = []
        for place, token in enumerate(part):
            right = "moved" if kind == "move" else "revoked"
            outcome = right if (number + place) % 3 else "unknown" if place % 2 else "failed"
            found = target and made.policies[place % 2].id
            counts["good" if outcome == right else "unsure" if outcome == "unknown" else "bad"] += 1
            counts["differs"] += bool(target and outcome == "moved" and found != target.id)
            outcomes.append(outcome)
            db.execute(
                "INSERT INTO run_row"
                " (run_id, record, account_id, name, email, label, to_id, planned, outcome, found_id)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, 'do', ?, ?)",
                (run, token["id"][0], token["owner.id"][0], token["owner"][0], token["email"][0],
                 token["label"][0] if kind == "revoke" else None, target and target.id, outcome, found),
            )  # fmt: skip
        runs[run] = {
            "kind": ("undo" if undoes else kind,), "when": (seconds(began),), "by": (by,),
            "state": (state or "unfinished",), "policy": (target.name if target else None,),
            **{name: (count,) for name, count in counts.items()}, "user": _all(part, "owner"),
            "email": _all(part, "email"), "label": _all(part, "label") if kind == "revoke" else (),
            "outcome": tuple(outcomes), "record": _all(part, "id"), "quarantine": (until,), "id": (run,),
            "undoes": (undoes,), "_ours": (where == desk,), "_undone": (run in ("run-04", "run-09"),),
        }  # fmt: skip
    db.commit()
    db.close()
    return runs
