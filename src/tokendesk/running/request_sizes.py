"""Remembers the request sizes that work from one pull to the next. Losing them costs a few requests."""

import json
import os
from contextlib import suppress
from typing import Any, NamedTuple

from tokendesk.api.policy_lookup import LARGER
from tokendesk.api.token_list import LARGEST_PAGE
from tokendesk.input_files import read_bytes
from tokendesk.model.bounds import STATE_BYTES
from tokendesk.model.timestamps import DAY
from tokendesk.paths import ProfilePaths, make_private

_MAX_AGE = 30 * DAY
"""A refusal on a bad day must not slow down pulls forever."""


class RequestSizes(NamedTuple):
    """Items per request; None if it was not determined recently."""

    policies: int | None = None
    tokens: int | None = None


_MAXIMUM = RequestSizes(LARGER[-1], LARGEST_PAGE)


def load_request_sizes(paths: ProfilePaths, now: int) -> RequestSizes:
    kept = _read(paths)
    return RequestSizes(*(_valid_size(kept.get(family), most, now) for family, most in _MAXIMUM._asdict().items()))


def _read(paths: ProfilePaths) -> dict[str, Any]:
    try:
        found = json.loads(read_bytes(paths.sizes, STATE_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _valid_size(kept: Any, most: int, now: int) -> int | None:
    try:
        size, at = int(kept["batch"]), int(kept["found"])
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
    return size if 1 <= size <= most and 0 <= now - at < _MAX_AGE else None


def save_request_sizes(paths: ProfilePaths, before: RequestSizes, found: RequestSizes, now: int) -> None:
    """Store the sizes and the time; sizes known `before` keep their time."""
    new = {
        family: {"batch": size, "found": now}
        for family, size in found._asdict().items()
        if size is not None and size != getattr(before, family)
    }
    if not new:
        return
    kept = _read(paths)
    content = {family: kept[family] for family in _MAXIMUM._fields if family in kept} | new
    draft = paths.sizes.with_suffix(".new")
    with suppress(OSError):
        make_private(paths.state)
        draft.unlink(missing_ok=True)  # a leftover of a crash
        try:
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
                json.dump(content, file)
            draft.replace(paths.sizes)
        except OSError:
            draft.unlink(missing_ok=True)
