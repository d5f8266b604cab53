"""Computes the readiness of a policy from the rows of the panes."""

from tokendesk.errors import UsageError
from tokendesk.filtering.format import quote
from tokendesk.model.counting import counted
from tokendesk.model.readiness import Readiness, ReadyToken, readiness
from tokendesk.views.blocking import used_since_block
from tokendesk.views.cells import policy_setting
from tokendesk.views.credential_words import COUNTED
from tokendesk.views.reach import STOPS, WORDS, read_reach
from tokendesk.views.reader import Reader, Row

_USABLE = f"""
SELECT token_id, label, owner_id, owner, owner_status, last_used, expires, purpose, decision, target, answer,
    {STOPS} AS stops, {WORDS} AS reach
FROM token_row AS r
WHERE policy = ? AND coalesce(upper(status), '') NOT IN ('BLOCKED', 'REVOKED') AND (expires IS NULL OR expires > ?)
"""


def policy_readiness(reader: Reader, policy_id: str, now: int) -> Readiness:
    """Return what stops if this policy blocks tokens now. Includes moves by runs since the pull."""
    row = reader.db.execute("SELECT * FROM policy_row WHERE policy_id = ?", (policy_id,)).fetchone()
    if row is None:
        raise UsageError(f"There is no policy {policy_id}. See: tokendesk list policies")
    read_reach(reader.db)
    tokens = [
        ReadyToken(
            t["token_id"], t["label"], t["owner_id"], t["owner"] or "unknown", t["owner_status"] == "active",
            t["last_used"], t["expires"], t["purpose"], t["decision"], t["target"], t["answer"], t["stops"],
            t["reach"],
        )
        for t in reader.db.execute(_USABLE, (row["id"], now))
    ]  # fmt: skip
    return readiness(
        tokens,
        policy_id=policy_id,
        name=row["name"],
        setting=policy_setting(row["setting"], row["allowed"], row["blocked"]),
        users=row["users"],
        in_use_days=reader.thresholds.in_use,
        now=now,
        not_counted=_not_counted(reader, row),
        within=f"policy.id:{quote(policy_id)} -status:blocked,revoked -is:expired",
    )


def _not_counted(reader: Reader, row: Row) -> tuple[str, ...]:
    said = (
        _describe_blocked(reader, row), _describe_unknown(reader), _describe_unread(reader), _describe_others(reader),
    )  # fmt: skip
    return tuple(filter(None, said))


def _describe_unread(reader: Reader) -> str:
    if reader.info is None or not reader.info.only_owners:
        return ""
    return "Users without tokens were not read: the number of users counts only owners of tokens."


def _describe_others(reader: Reader) -> str:
    """Say how many credentials there are beside users' tokens. Whether a policy reaches them is not documented."""
    found = reader.db.execute(_OTHERS).fetchall()
    if not found:
        return ""
    words = [counted(number, *COUNTED[kind]) for kind, number in found]
    listed = " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
    return f"Not counted, since no policy of users is known to reach them: {listed}."


_OTHERS = """
SELECT kind, count(*) FROM credential
WHERE kind != 'service-account' AND coalesce(upper(status), '') != 'REVOKED' GROUP BY kind ORDER BY kind
"""


def _describe_unknown(reader: Reader) -> str:
    """Say how many tokens have owners of unknown policy, who may be in this one."""
    tokens, owners = reader.db.execute(_UNKNOWN).fetchone()
    if not tokens:
        return ""
    words = f"{tokens:,} token{'' if tokens == 1 else 's'} of {owners:,} owner{'' if owners == 1 else 's'}"
    return f"Not counted: {words} whose policy is unknown."


_UNKNOWN = """
SELECT count(*), count(DISTINCT r.owner_id) FROM token_row AS r
WHERE r.policy IS NULL AND coalesce(upper(r.status), '') != 'REVOKED'
"""


def _describe_blocked(reader: Reader, row: Row) -> str:
    said = row["setting_said"] if row["setting"] == "blocked" else None
    since = used_since_block(reader, row["id"], said, listed_only=True)
    if not since.tokens:
        return ""
    tokens = f"{since.tokens:,} token{'' if since.tokens == 1 else 's'}"
    words = f"Not counted: {tokens} BLOCKED, as Atlassian lists it"
    if not since.known:
        return f"{words}; whether used since is not known."
    return f"{words}; {since.words}{': a status alone stops nothing' if since.used else ''}."
