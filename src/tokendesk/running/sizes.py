"""Sizes of requests that were found to work, kept from one pull to the next. Losing them costs a few requests."""

import json
import os
import stat
from contextlib import suppress
from pathlib import Path

from tokendesk.api.policy_lookup import BATCH
from tokendesk.model.moments import DAY
from tokendesk.paths import Places, make_private

_BELIEVED = 30 * DAY
"""What a server refused on a bad day must not slow down pulls for ever."""
_MOST_BYTES = 64 * 1024


def kept_batch(places: Places, now: int) -> int:
    """Return about how many users one question for policies may ask, as far as it was found out lately."""
    try:
        found = json.loads(_read(places.sizes))["policies"]
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


def _read(path: Path) -> bytes:
    """Return what a small file holds. Raises OSError, or ValueError where it is none."""
    # A pipe would make us wait for somebody who writes to it.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("no file")
        content = os.read(descriptor, _MOST_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(content) > _MOST_BYTES:
        raise ValueError("too large")
    return content
