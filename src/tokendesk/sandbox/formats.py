"""The formats of times and records in responses."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def format_time(moment: datetime | int | None, style: int = 0) -> str | None:
    """Return a time in one of the formats that occur: seconds, milliseconds, or with an offset."""
    if moment is None:
        return None
    when = moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)
    text = when.strftime("%Y-%m-%dT%H:%M:%S")
    return text + ("Z", ".000Z", "+00:00", ".000000Z")[style]


def without_nulls(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value is not None}
