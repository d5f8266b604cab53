"""Sizes of requests that were found to work, kept from one pull to the next. Losing them costs a few requests."""

import json
import os
from contextlib import suppress

from tokendesk.api.policy_lookup import BATCH
from tokendesk.input_files import read_bytes
from tokendesk.model.bounds import STATE_BYTES
from tokendesk.model.moments import DAY
from tokendesk.paths import Places, make_private

_BELIEVED = 30 * DAY
"""What a server refused on a bad day must not slow down pulls for ever."""


def kept_batch(places: Places, now: int) -> int:
    """Return about how many users one question for policies may ask, as far as it was found out lately."""
    try:
        found = json.loads(read_bytes(places.sizes, STATE_BYTES))["policies"]
        size, at = int(found["batch"]), int(found["found"])
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return BATCH
    return size if 1 <= size < BATCH and 0 <= now - at < _BELIEVED else BATCH


def keep_batch(places: Places, before: int, found: int, now: int) -> None:
    """Keep the size found, and when; one that was known `before` keeps its day."""
    if found == before:
        return
    draft = places.sizes.with_suffix(".new")
    with suppress(OSError):
        make_private(places.state)
        draft.unlink(missing_ok=True)  # what a crash left, or is no file at all
        try:
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
                json.dump({"policies": {"batch": found, "found": now}}, file)
            os.replace(draft, places.sizes)  # noqa: PTH105 - replace, whole or not at all
        except OSError:
            draft.unlink(missing_ok=True)
