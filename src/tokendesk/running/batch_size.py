"""Remembers the batch size that works from one pull to the next. Losing it costs a few requests."""

import json
import os
from contextlib import suppress

from tokendesk.api.policy_lookup import BATCH
from tokendesk.input_files import read_bytes
from tokendesk.model.bounds import STATE_BYTES
from tokendesk.model.moments import DAY
from tokendesk.paths import ProfilePaths, make_private

_MAX_AGE = 30 * DAY
"""A refusal on a bad day must not slow down pulls forever."""


def load_batch_size(places: ProfilePaths, now: int) -> int:
    """Return the batch size for policy lookups that worked recently."""
    try:
        found = json.loads(read_bytes(places.sizes, STATE_BYTES))["policies"]
        size, at = int(found["batch"]), int(found["found"])
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return BATCH
    return size if 1 <= size < BATCH and 0 <= now - at < _MAX_AGE else BATCH


def save_batch_size(places: ProfilePaths, before: int, found: int, now: int) -> None:
    """Store the batch size and the time; a size known `before` keeps its time."""
    if found == before:
        return
    draft = places.sizes.with_suffix(".new")
    with suppress(OSError):
        make_private(places.state)
        draft.unlink(missing_ok=True)  # a leftover of a crash
        try:
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
                json.dump({"policies": {"batch": found, "found": now}}, file)
            os.replace(draft, places.sizes)  # noqa: PTH105 - replace, whole or not at all
        except OSError:
            draft.unlink(missing_ok=True)
