"""Sizes of requests that were found to work, kept from one pull to the next. Losing them costs a few requests."""

import json
import os
from contextlib import suppress
from typing import Any, NamedTuple

from tokendesk.api.policy_lookup import LARGER
from tokendesk.api.token_list import LARGEST_PAGE
from tokendesk.input_files import read_bytes
from tokendesk.model.bounds import STATE_BYTES
from tokendesk.model.moments import DAY
from tokendesk.paths import Places, make_private

_BELIEVED = 30 * DAY
"""What a server refused on a bad day must not slow down pulls for ever."""


class Sizes(NamedTuple):
    """How many a request asks for; None where it was not found out lately."""

    policies: int | None = None
    tokens: int | None = None


_MOST = Sizes(LARGER[-1], LARGEST_PAGE)


def kept_sizes(places: Places, now: int) -> Sizes:
    kept = _read(places)
    return Sizes(*(_believed(kept.get(family), most, now) for family, most in _MOST._asdict().items()))


def _read(places: Places) -> dict[str, Any]:
    try:
        found = json.loads(read_bytes(places.sizes, STATE_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _believed(kept: Any, most: int, now: int) -> int | None:
    try:
        size, at = int(kept["batch"]), int(kept["found"])
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
    return size if 1 <= size <= most and 0 <= now - at < _BELIEVED else None


def keep_sizes(places: Places, before: Sizes, found: Sizes, now: int) -> None:
    """Keep the sizes found, and when; those that were known `before` keep their day."""
    new = {
        family: {"batch": size, "found": now}
        for family, size in found._asdict().items()
        if size is not None and size != getattr(before, family)
    }
    if not new:
        return
    kept = _read(places)
    content = {family: kept[family] for family in _MOST._fields if family in kept} | new
    draft = places.sizes.with_suffix(".new")
    with suppress(OSError):
        make_private(places.state)
        draft.unlink(missing_ok=True)  # what a crash left, or is no file at all
        try:
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
                json.dump(content, file)
            os.replace(draft, places.sizes)  # noqa: PTH105 - replace, whole or not at all
        except OSError:
            draft.unlink(missing_ok=True)
