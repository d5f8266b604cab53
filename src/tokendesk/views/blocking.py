"""Whether the tokens of a policy stopped: what Atlassian lists as their status proves nothing alone, uses since do.

No document says that a policy that blocks tokens shows in their status. So a use after the block counts, whatever the
status, unless the token is one of Bitbucket, which a block may not stop. After: since somebody said that the policy
blocks tokens, or since a pull first saw the token listed as BLOCKED.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokendesk.model.timestamps import parse_timestamp
from tokendesk.views.reach import STOPS, read_reach

if TYPE_CHECKING:
    from tokendesk.views.reader import Reader

_NEVER = 1 << 62
_EPOCH = "CAST(strftime('%s', {}) AS INTEGER)"
_PULLED = _EPOCH.format("(SELECT value FROM main.meta WHERE name = 'pulled_at')")
_CAME_IN = f"""coalesce(
    (SELECT max(at) FROM (
        SELECT c.at FROM history.change AS c JOIN history.completed AS d USING (pull_id)
            WHERE c.kind = 'moved' AND c.record = tk.owner_id
        UNION ALL SELECT {_EPOCH.format("m.at")} FROM desk.moved AS m WHERE m.account_id = tk.owner_id)),
    (SELECT min(p.pulled_at) FROM history.pull AS p JOIN history.completed AS d USING (pull_id)), 0)"""
"""When the owner of the token `tk` came into the policy they are in, or the first pull that saw them there."""
CONTRADICTING = f"""CASE r.setting
WHEN 'blocked' THEN (
    SELECT count(*) FROM temp.token_row AS tk
    WHERE tk.policy = r.id AND tk.last_used > {_EPOCH.format("r.setting_said")} AND tk.status IS NOT 'REVOKED'
        AND tk.last_used > {_CAME_IN} AND NOT reaches_bitbucket(tk.scopes))
WHEN 'allowed' THEN iif(
    r.blocked = r.tokens AND {_EPOCH.format("r.setting_said")} < {_PULLED}, r.blocked, 0)
ELSE 0 END"""
"""How many tokens of the policy `r` contradict what was said of it: used after it was said to block tokens, though
they are none of Bitbucket; or listed as BLOCKED, all of them, in a later pull, though it was said to allow them."""
# Listed as BLOCKED since the latest change to it; without one, since the first pull that listed the token at all. No
# sooner than its owner came into the policy. A block that no pull has looked back at yet tells nothing: not known.
_SINCE = f"""
WITH listed AS MATERIALIZED (
    SELECT c.record, max(iif(c.kind = 'status' AND c.after = 'BLOCKED', c.at, NULL)) AS blocked,
        min(iif(c.kind = 'created', c.at, NULL)) AS created
    FROM history.change AS c JOIN history.completed AS d USING (pull_id)
    WHERE c.kind IN ('status', 'created') GROUP BY c.record
), first AS MATERIALIZED (
    SELECT min(p.pulled_at) AS pulled FROM history.pull AS p JOIN history.completed AS d USING (pull_id)
)
SELECT count(*), coalesce(sum(since < :pulled), 0),
    coalesce(sum(used > since AND since < :pulled AND stops IS NOT 'may-not'), 0)
FROM (
    SELECT stops, used, iif(since = :never, since, max(since, {_CAME_IN})) AS since FROM (
        SELECT {STOPS} AS stops, r.owner_id, max(coalesce(r.last_used, 0), coalesce(r.activity, 0)) AS used,
            min(:said, iif(coalesce(r.status, '') != 'BLOCKED', :never,
                coalesce(listed.blocked, listed.created, (SELECT pulled FROM first), :never))) AS since
        FROM token_row AS r LEFT JOIN listed ON listed.record = r.token_id
        WHERE r.policy = :policy AND coalesce(r.status, '') != 'REVOKED' AND (:listed = 0 OR r.status = 'BLOCKED')
    ) AS tk
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


def used_since_block(reader: "Reader", policy: int, said: str | None, *, listed_only: bool = False) -> UsedSince:
    """Count a policy's tokens by what they did since it blocks them.

    `said`: when somebody said that it does, None where nobody did. `listed_only`: those listed as BLOCKED only.
    """
    moment = parse_timestamp(said)
    parameters = {
        "policy": policy, "said": _NEVER if moment is None else moment, "never": _NEVER, "listed": int(listed_only),
        "pulled": reader.info.pulled_at if reader.info else 0,
    }  # fmt: skip
    read_reach(reader.db)
    return UsedSince(*reader.db.execute(_SINCE, parameters).fetchone())
