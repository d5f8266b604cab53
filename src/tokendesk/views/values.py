"""Lists the values of a field for completion, most frequent first."""

from tokendesk.filtering.fields import Field, Kind
from tokendesk.model.text import printable
from tokendesk.views.access import VALUES
from tokendesk.views.panes import Pane
from tokendesk.views.reach import ready_for
from tokendesk.views.reader import Reader

_MOST = 500

_POLICIES = "SELECT name AS v, {pane} AS n FROM policy_row WHERE known IS NOT NULL"
_TARGETS = (
    "SELECT pn.name AS v, count(DISTINCT rr.run_id) AS n FROM desk.run_row AS rr"
    " JOIN temp.policy_name AS pn ON pn.policy_id = rr.to_id WHERE rr.planned = 'do' GROUP BY v"
)
_TAGS = "SELECT tag AS v, count(*) AS n FROM desk.note_tag WHERE about = '{one}' GROUP BY tag"
_VALUES = "SELECT {sql} AS v, count(*) AS n FROM {view} AS r GROUP BY v"


def has_values(field: Field) -> bool:
    """Whether the rows tell what values occur; those of a renewal, which take long to find, are all known."""
    if field.name == "renewal":
        return False
    return field.kind in (Kind.TEXT, Kind.CHOICE) and (field.many is None or field.name in ("policy", "tag", *VALUES))


def occurring_values(reader: Reader, pane: Pane, field: Field) -> tuple[tuple[str, int], ...]:
    """Return values of `field` with the number of rows of `pane` that have them. Empty for fields with many values."""
    if not has_values(field):
        return ()
    if field.name == "policy" and field.many:
        select = _TARGETS if pane.name == "journal" else _POLICIES.format(pane=pane.name)
    elif field.name in VALUES:
        select = VALUES[field.name]
    elif field.name == "tag":
        select = _TAGS.format(one=pane.one)
    else:
        select = _VALUES.format(sql=field.sql, view=pane.view)
    ready_for(reader.db, select, 0)
    found = reader.db.execute(f"SELECT v, n FROM ({select}) WHERE v <> '' ORDER BY n DESC, v LIMIT {_MOST}")
    return tuple((value, count) for value, count in found if isinstance(value, str) and printable(value) == value)
