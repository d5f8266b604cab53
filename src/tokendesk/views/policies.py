"""Lists the policies to choose from, largest first, and finds one by name or id."""

from dataclasses import dataclass

from tokendesk.errors import UsageError
from tokendesk.filtering.fields import nearest
from tokendesk.model.counting import counted
from tokendesk.model.text import fold, printable
from tokendesk.views.cells import policy_setting
from tokendesk.views.reader import Reader


@dataclass(frozen=True, slots=True)
class PolicyChoice:
    policy_id: str
    name: str
    users: int
    tokens: int
    setting: str
    """Whether it allows user API tokens, and the source, in words."""
    remarks: str


def policy_choices(reader: Reader) -> list[PolicyChoice]:
    sql = (
        "SELECT policy_id, name, users, tokens, allowed, blocked, setting, remarks FROM policy_row"
        " ORDER BY users DESC, name, policy_id"
    )
    return [
        PolicyChoice(
            row["policy_id"], printable(row["name"]), row["users"], row["tokens"],
            policy_setting(row["setting"], row["allowed"], row["blocked"]), printable(row["remarks"] or ""),
        )
        for row in reader.db.execute(sql)
    ]  # fmt: skip


def policy_named(reader: Reader, text: str) -> str:
    """Return the id of the policy with this id, this name, or a unique prefix of either.

    A name that matches two ids is refused.
    """
    rows = reader.db.execute("SELECT policy_id, name, known, users FROM policy_name").fetchall()
    if any(row["policy_id"] == text for row in rows):
        return text
    found = [row for row in rows if row["known"] and fold(row["known"]) == fold(text)]
    if not found and text:
        begins = fold(text)
        found = [row for row in rows if fold(row["name"]).startswith(begins) or row["policy_id"].startswith(text)]
    if len(found) == 1:
        return str(found[0]["policy_id"])
    if found:
        ids = " and ".join(
            f"{printable(row['name'])}, {row['policy_id']} ({counted(row['users'], 'user')})" for row in found
        )
        raise UsageError(f"{printable(text)!r} fits {len(found)} policies: {ids}. Use an id.")
    names = [printable(row["name"]) for row in rows]
    near = nearest(text, [fold(name) for name in names])
    meant = next((f" Did you mean {name!r}?" for name in names if fold(name) == near), "")
    raise UsageError(f"There is no policy {printable(text)!r}.{meant} Known: {', '.join(names) or 'none yet'}.")
