"""Progress of the goal "block tokens in this policy": tokens explained and decided, and the effect afterwards."""

from dataclasses import dataclass
from typing import NamedTuple

from tokendesk.filtering.format import matching_condition
from tokendesk.model.findings import NOT_REVOKED
from tokendesk.model.text import printable
from tokendesk.views.blocking import used_since_block
from tokendesk.views.reader import Reader


@dataclass(frozen=True, slots=True)
class Goal:
    """`policy` is the row of `policy_name`; None if neither a pull nor the desk knows the policy any more."""

    policy_id: str
    name: str
    policy: int | None
    setting: str | None
    setting_said: str | None
    author: str
    time: str


def current_goal(reader: Reader) -> Goal | None:
    """Return the current goal, or None."""
    found = reader.db.execute(_GOAL).fetchone()
    return Goal(**{**dict(found), "name": printable(found["name"])}) if found else None


_GOAL = """
SELECT g.policy_id, coalesce(p.name, 'Policy ' || substr(g.policy_id, 1, 4) || '…') AS name, p.id AS policy,
    p.setting, p.setting_said, g.author, g.time
FROM desk.goal AS g LEFT JOIN temp.policy_name AS p ON p.policy_id = g.policy_id WHERE g.policy_id IS NOT NULL
"""


_UNKNOWN = "SELECT count(*) FROM token_row WHERE policy IS NULL AND coalesce(upper(status), '') != 'REVOKED'"
_ASKED = (
    "",
    "is:in-use -is:expired",
    "is:in-use purpose:none -is:expired",
    "is:decided",
    "status:blocked",
    "status:allowed",
    "is:in-use stops:may-not -is:expired",
    "is:in-use stops:not-told -is:expired",
    "status:allowed stops:may-not",
)


def goal_filter(reader: Reader, goal: Goal) -> str:
    """Return the filter that shows the tokens of the goal's policy."""
    field = reader.panes["tokens"].fields.find("policy.id")
    return matching_condition(field, goal.policy_id) if field else ""


class GoalCounts(NamedTuple):
    """Of the tokens in the goal's policy that are not revoked; `unknown_policy`: tokens of which that is not known."""

    total: int
    in_use: int
    unexplained: int
    decided: int
    blocked: int
    allowed: int
    may_not_stop: int
    not_told: int
    allowed_may_not_stop: int
    unknown_policy: int


def goal_counts(reader: Reader, goal: Goal, now: int) -> GoalCounts:
    counts = reader.counts("tokens", _ASKED, now, within=f"{goal_filter(reader, goal)} {NOT_REVOKED}")
    (unknown,) = reader.db.execute(_UNKNOWN).fetchone()
    return GoalCounts._make((*counts, unknown))


def describe_goal(reader: Reader, now: int) -> str | None:
    """Return the text of the header; None if no goal is set. All counts are of the policy's tokens.

    Once the last pull saw one of them blocked, or somebody noted that the policy blocks them, the text shows the
    effect: the status that Atlassian lists, and how many were used since the block.
    """
    goal = current_goal(reader)
    if goal is None:
        return None
    counts = goal_counts(reader, goal, now)
    total, used, unexplained, decided, blocked, allowed, going_on, untold, bitbucket, unknown = counts
    name = goal.name
    apart = f" · {unknown:,} of unknown policy" if unknown else ""
    if not total:
        return f"{name}: no tokens{apart}"
    if not blocked and goal.setting != "blocked":
        others = [f"{going_on:,} may not stop (Bitbucket)"] if going_on else []
        others += [f"{untold:,} cannot be told"] if untold else []
        of_them = f": {', '.join([f'{used - going_on - untold:,} stop', *others])}" if others else ""
        return (
            f"{name}: {used:,} in use{of_them} · {unexplained:,} unexplained · {decided:,} of {total:,} decided{apart}"
        )
    rest = [f"{allowed - bitbucket:,} ALLOWED"] if allowed > bitbucket else []
    rest += [f"{bitbucket:,} of Bitbucket ALLOWED, which a block may leave so"] if bitbucket else []
    rest += [f"{total - blocked - allowed:,} of unknown status"] if total > blocked + allowed else []
    listed = ", ".join([f"{name}: {blocked:,} of {total:,} tokens BLOCKED", *rest, "as Atlassian lists it"])
    said = goal.setting_said if goal.setting == "blocked" else None
    since = used_since_block(reader, goal.policy, said).words if goal.policy is not None else ""
    return f"{listed} · {since}{apart}" if since else f"{listed}{apart}"
