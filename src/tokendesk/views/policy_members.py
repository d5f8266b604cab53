"""Finds the names of policies in the console's export of their members."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tokendesk.errors import UsageError
from tokendesk.views.reader import Reader

_EMAIL = ("email", "e-mail", "email address", "user email")
_POLICY = ("policy name", "policy", "authentication policy", "authentication policy name")


@dataclass(frozen=True, slots=True)
class Naming:
    """A name in the file, and the policies of its members in the last pull: id -> number of members.

    `policy_id`: the policy it names, if certain. `why`: the reason why it is not certain.
    """

    name: str
    counts: Mapping[str, int]
    strangers: int
    """Members unknown to the last pull, or whose policy is unknown."""
    policy_id: str | None
    known: str | None
    """The policy's current name on the desk."""
    why: str = ""


def names_by_members(reader: Reader, rows: Sequence[Mapping[str, str]]) -> list[Naming]:
    """Return the policy of each policy name in `rows`. A name that matches two policies stays open.

    The console's file has the columns Email and Policy name, among others (Atlassian support: "Export members from
    authentication policies"). Members move between pulls, so nine of ten in one policy are enough.
    """
    if not rows:
        raise UsageError("The file has no members. Export the members in the console again.")
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
            why = "its members are in several policies: pull again, or name it yourself"
        elif claimed[best] > 1:
            why = "two names match this policy: name it yourself"
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
        # An address of two accounts in different policies proves nothing.
        found[key] = policy_id if found.get(key, policy_id) == policy_id else ""
    return found
