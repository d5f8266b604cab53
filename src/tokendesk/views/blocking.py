"""Checks whether a policy's tokens stopped working, by their uses: the status that Atlassian lists is no proof.

It is not documented that a policy that blocks tokens changes their status. So a use after the block counts, whatever
the status, unless the token reaches Bitbucket, which a block may not stop. The block starts when somebody noted that
the policy blocks tokens, or when a pull first saw the token listed as BLOCKED.
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
_JOINED_AT = f"""coalesce(
    (SELECT max(at) FROM (
        SELECT c.at FROM history.change AS c JOIN history.completed AS d USING (pull_id)
            WHERE c.kind = 'moved' AND c.record = tk.owner_id
        UNION ALL SELECT {_EPOCH.format("m.at")} FROM desk.moved AS m WHERE m.account_id = tk.owner_id)),
    (SELECT min(p.pulled_at) FROM history.pull AS p JOIN history.completed AS d USING (pull_id)), 0)"""
"""When the owner of the token `tk` was added to their current policy, or the first pull that saw them there."""
CONTRADICTING = f"""CASE r.setting
WHEN 'blocked' THEN (
    SELECT count(*) FROM temp.token_row AS tk
    WHERE tk.policy = r.id AND tk.last_used > {_EPOCH.format("r.setting_said")} AND tk.status IS NOT 'REVOKED'
        AND tk.last_used > {_JOINED_AT} AND NOT reaches_bitbucket(tk.scopes))
WHEN 'allowed' THEN iif(
    r.blocked = r.tokens AND {_EPOCH.format("r.setting_said")} < {_PULLED}, r.blocked, 0)
ELSE 0 END"""
"""How many tokens of the policy `r` contradict its noted setting: used after it was noted as blocking, though they do
not reach Bitbucket; or all listed as BLOCKED by a later pull, though it was noted as allowing them."""
# Listed as BLOCKED since the latest change to that status, or else since the first pull that listed the token, but
# not before its owner was added to the policy. Until a later pull has checked, uses after the block are unknown.
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
    SELECT stops, used, iif(since = :never, since, max(since, {_JOINED_AT})) AS since FROM (
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
    """The number of tokens; of those whose start of the block is known; of those used since."""

    tokens: int
    known: int
    used: int

    @property
    def words(self) -> str:
        """Return `2 used since` or `none used since`; empty if the start of the block is unknown."""
        if not self.known:
            return ""
        return f"{self.used:,} used since" if self.used else "none used since"


def used_since_block(reader: "Reader", policy: int, said: str | None, *, listed_only: bool = False) -> UsedSince:
    """Count a policy's tokens by their use since the policy started to block them.

    `said`: when somebody noted that it blocks, or None. `listed_only`: only tokens listed as BLOCKED.
    """
    moment = parse_timestamp(said)
    parameters = {
        "policy": policy, "said": _NEVER if moment is None else moment, "never": _NEVER, "listed": int(listed_only),
        "pulled": reader.info.pulled_at if reader.info else 0,
    }  # fmt: skip
    read_reach(reader.db)
    return UsedSince(*reader.db.execute(_SINCE, parameters).fetchone())
