"""Finds policies whose noted setting contradicts the tokens of their members."""

from collections.abc import Collection, Iterator

from tokendesk.model.findings import CONTRADICTED
from tokendesk.model.text import printable
from tokendesk.views.blocking import CONTRADICTING
from tokendesk.views.reader import Reader, Row


def contradictions(reader: Reader, policy_ids: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each of these policies whose noted setting contradicts the facts."""
    if not policy_ids or reader.info is None:
        return
    pane = reader.panes["policies"]
    rule = next(finding for finding in pane.findings if finding.name == CONTRADICTED)
    where = reader.where(pane, (rule.filter,), reader.info.pulled_at)
    if where is None:
        return
    sql = f"SELECT policy_id, name, setting, {CONTRADICTING} AS n FROM policy_row AS r WHERE {where.sql} ORDER BY name"
    for row in reader.db.execute(sql, where.params):
        if row["policy_id"] in policy_ids:
            yield _sentence(row)


def _sentence(row: Row) -> str:
    name, many = printable(row["name"]), f"{row['n']:,} token{'' if row['n'] == 1 else 's'}"
    if row["setting"] == "blocked":
        was = "was" if row["n"] == 1 else "were"
        return f"{name} is said to block tokens, but {many} of its members {was} used since."
    return f"{name} is said to allow tokens, but Atlassian lists all {many} of its members as BLOCKED."
