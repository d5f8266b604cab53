"""Names of policies out of the console's list of their members: e-mail addresses beside policy names."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tokendesk.errors import UsageError
from tokendesk.views.reader import Reader

_EMAIL = ("email", "e-mail", "email address", "user email")
_POLICY = ("policy name", "policy", "authentication policy", "authentication policy name")


@dataclass(frozen=True, slots=True)
class Naming:
    """A name in the file, and the policies its members are in by the last pull: id -> how many of them.

    `policy_id`: the one it names, where that is beyond doubt. `why`: what speaks against it.
    """

    name: str
    counts: Mapping[str, int]
    strangers: int
    """Members whom no pull has seen, or whose policy is unknown."""
    policy_id: str | None
    known: str | None
    """What the desk calls that policy now."""
    why: str = ""


def names_by_members(reader: Reader, rows: Sequence[Mapping[str, str]]) -> list[Naming]:
    """Return for each policy name in `rows` which policy it is. A name that fits two policies is never guessed.

    The console's file has among others the columns Email and Policy name (Atlassian support: "Export members from
    authentication policies"). Members move between two pulls; nine of ten in one policy name it nevertheless.
    """
    if not rows:
        raise UsageError("The file lists nobody. Export the members in the console again.")
    email, policy = _column(rows[0], _EMAIL), _column(rows[0], _POLICY)
    if email is None or policy is None:
        raise UsageError(
            'The file needs the columns "Email" and "Policy name", as the console\'s Export members has them.'
        )
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    of_email = _policies_by_email(reader)
    for row in rows:
        if name := row.get(policy, "").strip():
            seen[name][of_email.get(row.get(email, "").strip().casefold(), "")] += 1
    known = {row[0]: row[1] for row in reader.db.execute("SELECT policy_id, known FROM policy_name")}
    claimed = Counter(best for counts in seen.values() if (best := _best(counts)))
    found = []
    for name, counts in sorted(seen.items()):
        best = _best(counts)
        inside = {policy_id: count for policy_id, count in counts.most_common() if policy_id}
        why = ""
        if not inside:
            why = "none of its members was seen by the last pull"
        elif best is None:
            why = "its members are in several policies: pull again, or name it by hand"
        elif claimed[best] > 1:
            why = "two names fit this policy: name it by hand"
        found.append(Naming(name, inside, counts[""], None if why else best, known.get(best or ""), why))
    return found


def _best(counts: Counter[str]) -> str | None:
    inside = Counter({policy_id: count for policy_id, count in counts.items() if policy_id})
    if not inside:
        return None
    policy_id, most = inside.most_common(1)[0]
    return policy_id if most * 10 >= inside.total() * 9 else None


def _column(row: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((name for name in names if name in row), None)


def _policies_by_email(reader: Reader) -> dict[str, str]:
    rows = reader.db.execute(
        "SELECT u.email, p.policy_id FROM main.user AS u JOIN main.policy AS p ON p.id = u.policy"
        " WHERE u.email IS NOT NULL"
    )
    found: dict[str, str] = {}
    for email, policy_id in rows:
        key = email.casefold()
        # Two accounts with one address in different policies prove nothing.
        found[key] = policy_id if found.get(key, policy_id) == policy_id else ""
    return found
