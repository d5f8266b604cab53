"""What rows can be grouped by: the SQL of a value, its text, and the filter for exactly the rows that have it."""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from tokendesk.errors import UsageError
from tokendesk.filtering.compile import Where
from tokendesk.filtering.fields import Field, Kind
from tokendesk.filtering.format import matching_condition, quote
from tokendesk.model.findings import Thresholds
from tokendesk.model.text import printable
from tokendesk.views.access import JOINS
from tokendesk.views.panes import Pane

Condition = Callable[[str], Where]
"""Compiles a filter of the pane to SQL."""
Policies = Mapping[int, tuple[str, str]]
"""The id and name of each policy, by its row id."""


class Value(NamedTuple):
    """A value of a column, as people and as scripts read it.

    `text`: printable; `raw`: as sent, None for no value; `condition`: the filter for exactly the rows with it;
    `order`: sorts the values of a column, those without a value last.
    """

    text: str
    raw: str | int | None
    condition: str
    order: tuple[int, Any]


class Dimension(NamedTuple):
    """`key`: the SQL of the value in a row, `shown` that of its text, `join` what both need, with `?` for `params`.

    The parameters are those of `key`, then those of `join`. `repeats`: a row may have several values, and
    `is_distinct`: none of them twice. `value` makes the value of a key and its text. `is_time`: its values have an
    order in which people read them.
    """

    name: str
    title: str
    key: Where
    shown: str
    join: Where
    repeats: bool
    value: Callable[[Any, Any], Value]
    is_distinct: bool = True
    is_time: bool = False


_FIELD_OF = {
    "findings": "finding", "scopes": "scope", "tags": "tag", "owner_id": "owner.id", "owner_status": "owner.status",
    "policy_id": "policy.id", "noted_by": "noted.by", "token_used": "used", "when": "at", "what": "kind",
    "author": "by", "title": "kind", "roles": "role", "account_id": "account.id", "maker_id": "maker.id",
    "maker_status": "maker.status", "maker_email": "maker.email",
}  # fmt: skip
"""The fields of the filter that columns of another name show, where the pane has no field of the column's name."""
_AGES = ("used", "idle", "active", "owner.active", "activity")
"""Times of which the age matters: grouped by the limits of the findings. Others are grouped by month."""
_NOTED = {
    "tokens": ("'token'", "token_id"),
    "users": ("'user'", "account_id"),
    "changes": ("r.subject", "record"),
    "credentials": ("'credential'", "record"),
}
"""By pane: the SQL that names the note of a row."""
_TAG = """LEFT JOIN (SELECT about AS tag_about, subject AS tag_subject, folded AS tag_folded, tag AS tag_text
    FROM desk.note_tag) AS g ON g.tag_about = {0} AND g.tag_subject = r.{1}"""
_REACH = """LEFT JOIN (SELECT tr.id AS reach_of, k.value AS reach_name FROM temp.token_reach AS tr
    JOIN temp.reach_value AS k USING (kind)) AS rn ON rn.reach_of = r.id"""
_POWER = """LEFT JOIN (SELECT tr.id AS power_of, k.power AS power_name FROM temp.token_reach AS tr
    JOIN temp.scope_set AS k USING (kind)) AS pn ON pn.power_of = r.id"""
_CREDENTIAL_REACH = (
    "LEFT JOIN (SELECT id AS reach_of, value FROM temp.credential_reach_value) AS cn ON cn.reach_of = r.id"
)
_CREDENTIAL_POWER = "LEFT JOIN (SELECT id AS power_of, power FROM temp.credential_reach) AS cn ON cn.power_of = r.id"
_JOINS: Mapping[tuple[str, str], tuple[str, str, str]] = {
    **{(pane, "tag"): ("g.tag_folded", "g.tag_text", _TAG.format(*about)) for pane, about in _NOTED.items()},
    ("tokens", "scope"): ("nullif(fold(sc.value), '')", "sc.value", "LEFT JOIN json_each(r.scopes) AS sc"),
    ("tokens", "reach"): ("lower(rn.reach_name)", "rn.reach_name", _REACH),
    ("tokens", "power"): ("pn.power_name", "pn.power_name", _POWER),
    ("credentials", "scope"): ("nullif(fold(sc.value), '')", "sc.value", "LEFT JOIN json_each(r.scopes) AS sc"),
    ("credentials", "reach"): ("lower(cn.value)", "cn.value", _CREDENTIAL_REACH),
    ("credentials", "power"): ("cn.power", "cn.power", _CREDENTIAL_POWER),
    **JOINS,
}
"""Key, text and join of fields whose values are in other tables."""


def dimension(pane: Pane, name: str, thresholds: Thresholds, where: Condition, policies: Policies) -> Dimension:
    """Return how to group the rows of `pane` by a column or field. Raises UsageError where that is not possible."""
    if name not in groupable(pane):
        known = ", ".join(groupable(pane))
        raise UsageError(f"{pane.title} cannot be grouped by {name!r}. Use one of: {known}.")
    column = pane.column(name)
    title = column.title if column is not None else name
    field_name = _field_name(pane, name)
    if field_name == "finding":
        return _of_findings(pane, name, title, where)
    if field_name == "policy" and pane.name in ("tokens", "users"):
        return _of_policies(name, title, policies)
    field = next(field for field in pane.fields.fields if field_name in (field.name, *field.aliases))
    if (pane.name, field_name) in _JOINS:
        key, shown, join = _JOINS[pane.name, field_name]
        is_distinct = field_name not in ("tag", "scope", "reach")
        value = _text_value(field)
        return Dimension(name, title, Where(key, []), shown, Where(join, []), field_name != "power", value, is_distinct)
    if field.kind is Kind.NUMBER:
        return _plain(name, title, field.sql, field.sql, _number_value(field))
    if field_name in _AGES:
        return _of_ages(name, title, field, thresholds, where)
    if field.kind in (Kind.PAST, Kind.FUTURE, Kind.DAY):
        return _of_months(name, title, field)
    key = f"CASE WHEN coalesce({field.sql}, '') <> '' THEN {field.folded} END"
    return _plain(name, title, key, field.sql, _text_value(field))


def groupable(pane: Pane) -> tuple[str, ...]:
    """Return the names of columns and fields that rows can be grouped by."""
    columns = [column.name for column in pane.columns if _is_groupable(pane, column.name)]
    shown = {_field_name(pane, name) for name in columns}
    fields = [field.name for field in pane.fields.fields if field.name not in shown]
    return (*columns, *(name for name in fields if _is_groupable(pane, name)))


def column_names(pane: Pane, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names as `groupable` has them, each once; the field that a column shows may stand for the column."""
    columns = {_field_name(pane, column.name): column.name for column in pane.columns}
    known = groupable(pane)
    return tuple(dict.fromkeys(name if name in known else columns.get(name, name) for name in names))


def _field_name(pane: Pane, name: str) -> str:
    return name if pane.fields.find(name) is not None else _FIELD_OF.get(name, name)


def _is_groupable(pane: Pane, name: str) -> bool:
    name = _field_name(pane, name)
    if name == "finding":
        return bool(pane.findings)
    field = pane.fields.find(name)
    if field is None or field.kind is Kind.FLAG:
        return False
    is_known = (pane.name, name) in _JOINS or (name == "policy" and pane.name in ("tokens", "users"))
    return is_known or field.many is None


def _plain(name: str, title: str, key: str, shown: str, value: Callable[[Any, Any], Value]) -> Dimension:
    return Dimension(name, title, Where(key, []), shown, Where("", []), False, value)


def _text_value(field: Field) -> Callable[[Any, Any], Value]:
    def value(key: Any, shown: Any) -> Value:
        if key is None:
            return Value("(none)", None, f"{field.name}:none", (1, ""))
        return Value(printable(str(shown)), str(shown), matching_condition(field, str(shown)), (0, str(key)))

    return value


def _number_value(field: Field) -> Callable[[Any, Any], Value]:
    def value(key: Any, _: Any) -> Value:
        if key is None:
            return Value("(none)", None, f"{field.name}:none", (1, 0))
        return Value(f"{key:,}", key, f"{field.name}:{key}", (0, key))

    return value


def _of_policies(name: str, title: str, policies: Policies) -> Dimension:
    def value(key: Any, _: Any) -> Value:
        if key not in policies:
            return Value("(not known)", None, "policy.id:none", (1, ""))
        policy_id, text = policies[key]
        return Value(printable(text), text, f"policy.id:{quote(policy_id)}", (0, text))

    return _plain(name, title, "r.policy", "NULL", value)


def _of_findings(pane: Pane, name: str, title: str, where: Condition) -> Dimension:
    """A row counts under each of its findings."""
    compiled = [where(finding.filter) for finding in pane.findings]
    names = " UNION ALL ".join(f"SELECT {number} AS number" for number in range(len(compiled)))
    cases = " ".join(f"WHEN {number} THEN ({each.sql})" for number, each in enumerate(compiled))
    join = f"LEFT JOIN ({names}) AS f ON CASE f.number {cases} END"
    none = " ".join(f"-is:{finding.name}" for finding in pane.findings)

    def value(key: Any, _: Any) -> Value:
        if key is None:
            return Value("(none)", None, none, (1, 0))
        finding = pane.findings[key]
        return Value(finding.title, finding.name, f"is:{finding.name}", (0, key))

    params = [param for each in compiled for param in each.params]
    return Dimension(name, title, Where("f.number", []), "f.number", Where(join, params), True, value)


def _of_ages(name: str, title: str, field: Field, thresholds: Thresholds, where: Condition) -> Dimension:
    limits = sorted({thresholds.in_use, thresholds.idle, thresholds.stale})
    ages = [(f"less than {limits[0]} d", f"{field.name}:<{limits[0]}d")]
    ages += [(f"{low} to {high} d", f"{field.name}:>={low}d {field.name}:<{high}d") for low, high in pairwise(limits)]
    ages.append((f"{limits[-1]} d and more", f"{field.name}:>={limits[-1]}d"))
    ages.append(("never", f"{field.name}:never"))
    others = f"-{field.name}:never -{field.name}:<{limits[0]}d -{field.name}:>={limits[0]}d"
    compiled = [where(condition) for _, condition in ages]
    cases = " ".join(f"WHEN {each.sql} THEN {number}" for number, each in enumerate(compiled))

    def value(key: Any, _: Any) -> Value:
        text, condition = ("unknown", others) if key is None else ages[key]
        return Value(text, text, condition, (int(key is None), key or 0))

    params = [param for each in compiled for param in each.params]
    return Dimension(name, title, Where(f"CASE {cases} END", params), "NULL", Where("", []), False, value, is_time=True)


def _of_months(name: str, title: str, field: Field) -> Dimension:
    is_day = field.kind is Kind.DAY
    month = f"substr({field.sql}, 1, 7)" if is_day else f"strftime('%Y-%m', {field.sql}, 'unixepoch')"
    key = f"CASE WHEN {month} GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]' AND {month} >= '0001' THEN {month} END"
    if field.unread:
        key = f"coalesce({key}, CASE WHEN {field.unread} THEN '' END)"

    def value(key: Any, _: Any) -> Value:
        if key is None:
            return Value("never", None, f"{field.name}:never", (1, ""))
        if not key:
            return Value("unknown", "unknown", f"{field.name}:any -{field.name}:0001-01..9999-12", (2, ""))
        return Value(key, key, f"{field.name}:{key}", (0, key))

    return _plain(name, title, key, "NULL", value)._replace(is_time=True)
