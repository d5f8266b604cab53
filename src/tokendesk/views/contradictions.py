"""What was said of a policy against what its members' tokens show."""

from collections.abc import Collection, Iterator

from tokendesk.model.findings import CONTRADICTED
from tokendesk.model.text import clean
from tokendesk.views.reader import Reader, Row


def contradictions(reader: Reader, policy_ids: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each of these policies of which the facts say another thing than somebody said."""
    if not policy_ids or reader.info is None:
        return
    pane = reader.panes["policies"]
    rule = next(finding for finding in pane.findings if finding.name == CONTRADICTED)
    where = reader.where(pane, (rule.filter,), reader.info.pulled_at)
    if where is None:
        return
    sql = f"SELECT policy_id, name, setting, allowed, blocked FROM policy_row AS r WHERE {where.sql} ORDER BY name"
    for row in reader.db.execute(sql, where.params):
        if row["policy_id"] in policy_ids:
            yield contradiction(row)


def contradiction(row: Row) -> str:
    """Return what was said of the policy of this row, and what speaks against it."""
    name, allowed, blocked = row["name"], row["allowed"], row["blocked"]
    if row["setting"] == "blocked":
        many = "1 token of its members is" if allowed == 1 else f"{allowed:,} tokens of its members are"
        stoppable = "at least one that a block would stop is in use"
        return f"{clean(name)} is said to block tokens, but {many} listed as allowed, and {stoppable}."
    many = "the only token of its members is" if blocked == 1 else f"all {blocked:,} tokens of its members are"
    return f"{clean(name)} is said to allow tokens, but {many} listed as blocked."
