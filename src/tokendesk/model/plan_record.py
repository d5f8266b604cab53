"""Reads a plan from its JSON objects, from a plan file or the desk."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from types import GenericAlias, UnionType
from typing import Any

from tokendesk.model.plan import DO, MOVE, REFUSED, REVOKE, THERE, Plan, PlanPolicy, PlanRow, PlanToken, PlanWarning

_EARLIEST, _LATEST = -62_135_596_800, 253_402_300_799
"""The first and last second of the calendar: numbers outside are invalid."""


def plan_from_record(record: Any) -> Plan:
    """Return the plan from `plan_to_record`. Raises ValueError, KeyError or TypeError."""
    parts = dict(record)
    for key, kind in (("policies", PlanPolicy), ("warnings", PlanWarning)):
        parts[key] = tuple(_make(kind, part) for part in parts.get(key, ()))
    parts["rows"] = tuple(_row(part) for part in parts["rows"])
    parts["beside"] = tuple(_row(part) for part in parts.get("beside", ()))
    plan: Plan = _make(Plan, parts)
    if plan.kind not in (MOVE, REVOKE):
        raise ValueError(f"a plan of kind {plan.kind!r}")
    if any(row.outcome not in (DO, THERE, REFUSED) for row in plan.rows):
        raise ValueError("an unknown outcome")
    if any((row.to_id is None) != (plan.kind == REVOKE) for row in plan.rows):
        raise ValueError("rows of another kind")
    if plan.kind == REVOKE and any(len(row.tokens) != 1 for row in plan.rows):
        raise ValueError("a row without its token")
    if len({row.record for row in plan.rows}) < len(plan.rows):
        raise ValueError("two rows of one user or token")
    if plan.quarantine_until is not None:
        date.fromisoformat(plan.quarantine_until)
    return plan


def _row(part: Any) -> PlanRow:
    if not isinstance(part, Mapping):
        raise TypeError("a row that is not an object")
    row: PlanRow = _make(PlanRow, {**part, "tokens": tuple(_make(PlanToken, token) for token in part["tokens"])})
    return row


def _make(kind: Any, part: Mapping[str, Any]) -> Any:
    """Create a `kind` from a mapping of exactly its fields; check their types."""
    values = dict(part)
    for known in fields(kind):
        if known.name not in values:
            if known.default is MISSING:
                raise ValueError(f"{known.name} is missing")
            continue
        value = values[known.name]
        if isinstance(value, list):
            value = values[known.name] = tuple(value)
            if _holds_texts(known.type) and not all(isinstance(part, str) for part in value):
                raise ValueError(f"{known.name} must hold texts only")
        may_be = _types(known.type)
        if not isinstance(value, may_be) or (isinstance(value, bool) and bool not in may_be):
            raise ValueError(f"{known.name} cannot be {value!r:.40}")
        if isinstance(value, int) and not _EARLIEST <= value <= _LATEST:
            raise ValueError(f"{known.name} cannot be {value!r:.40}")
    unknown = set(values) - {known.name for known in fields(kind)}
    if unknown:
        raise ValueError(f"{min(unknown)} is unknown")
    return kind(**values)


def _holds_texts(annotation: object) -> bool:
    return isinstance(annotation, GenericAlias) and annotation.__args__[:1] == (str,)


def _types(annotation: object) -> tuple[type, ...]:
    """Return the classes that a field's values may have."""
    if isinstance(annotation, UnionType):
        return tuple(kind for part in annotation.__args__ for kind in _types(part))
    if isinstance(annotation, GenericAlias):
        return _types(annotation.__origin__)
    return (annotation,) if isinstance(annotation, type) else ()
