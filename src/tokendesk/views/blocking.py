"""Whether the tokens of a policy stopped: what Atlassian lists as their status proves nothing alone, uses since do.

No document says that a policy that blocks tokens shows in their status. So a use after the block counts, whatever the
status, unless the token is one of Bitbucket, which a block may not stop. After: since somebody said that the policy
blocks tokens, or since a pull first saw the token listed as BLOCKED.
"""

from dataclasses import dataclass

from tokendesk.model.moments import parse_moment
from tokendesk.views.reach import STOPS, read_reach
from tokendesk.views.reader import Reader

_NEVER = 1 << 62
# Listed as BLOCKED since the latest change to it; without one, since the first pull that listed the token at all.
# A block that no pull has looked back at yet tells nothing: its tokens count as not known.
_SINCE = f"""
SELECT count(*), coalesce(sum(since < :pulled), 0),
    coalesce(sum(used > since AND since < :pulled AND stops IS NOT 'may-not'), 0)
FROM (
    SELECT {STOPS} AS stops, max(coalesce(r.last_used, 0), coalesce(r.activity, 0)) AS used,
        min(:said, iif(coalesce(r.status, '') != 'BLOCKED', :never, coalesce(
            (SELECT max(c.at) FROM history.change AS c JOIN history.completed AS d USING (pull_id)
                WHERE c.record = r.token_id AND c.kind = 'status' AND c.after = 'BLOCKED'),
            (SELECT min(c.at) FROM history.change AS c JOIN history.completed AS d USING (pull_id)
                WHERE c.record = r.token_id AND c.kind = 'created'),
            (SELECT min(p.pulled_at) FROM history.pull AS p JOIN history.completed AS d USING (pull_id)),
            :never
        ))) AS since
    FROM token_row AS r
    WHERE r.policy = :policy AND coalesce(r.status, '') != 'REVOKED' AND (:listed = 0 OR r.status = 'BLOCKED')
)
"""


@dataclass(frozen=True, slots=True)
class UsedSince:
    """How many tokens there are; of how many it is known since when they are blocked; how many were used since."""

    tokens: int
    known: int
    used: int

    @property
    def words(self) -> str:
        """Return `2 used since`, `none used since`; empty where nobody knows since when."""
        if not self.known:
            return ""
        return f"{self.used:,} used since" if self.used else "none used since"


def used_since_block(reader: Reader, policy: int, said: str | None, *, listed_only: bool = False) -> UsedSince:
    """Count a policy's tokens by what they did since it blocks them.

    `said`: when somebody said that it does, None where nobody did. `listed_only`: those listed as BLOCKED only.
    """
    moment = parse_moment(said)
    parameters = {
        "policy": policy, "said": _NEVER if moment is None else moment, "never": _NEVER, "listed": int(listed_only),
        "pulled": reader.info.pulled_at if reader.info else 0,
    }  # fmt: skip
    read_reach(reader.db)
    return UsedSince(*reader.db.execute(_SINCE, parameters).fetchone())
