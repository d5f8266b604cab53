"""The policies to choose from: what is known of each, the largest first."""

from dataclasses import dataclass

from tokendesk.model.text import clean
from tokendesk.views.cells import policy_setting
from tokendesk.views.reader import Reader


@dataclass(frozen=True, slots=True)
class PolicyChoice:
    policy_id: str
    name: str
    users: int
    tokens: int
    setting: str
    """Whether it lets user API tokens be used and how that is known, in words."""
    remarks: str


def policy_choices(reader: Reader) -> list[PolicyChoice]:
    sql = (
        "SELECT policy_id, name, users, tokens, allowed, blocked, setting, remarks FROM policy_row"
        " ORDER BY users DESC, name, policy_id"
    )
    return [
        PolicyChoice(
            row["policy_id"], clean(row["name"]), row["users"], row["tokens"],
            policy_setting(row["setting"], row["allowed"], row["blocked"]), clean(row["remarks"] or ""),
        )
        for row in reader.db.execute(sql)
    ]  # fmt: skip
