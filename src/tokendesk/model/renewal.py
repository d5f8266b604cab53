"""Which token or credential renews which: the pairs that are sure, and those that somebody has to confirm.

What lives a year at most gets a successor with a new id. Labels prove little: tokens of one owner often share them. So
a pair is sure only if the use moved, too: the old one fell silent, against its rhythm, when the new one began.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from tokendesk.model.labels import alike
from tokendesk.model.text import fold
from tokendesk.model.timestamps import DAY

LONGEST_SILENCE = 105 * DAY
"""No rhythm that is recognized has a longer one."""
_BOTH_IN_USE = DAY
"""How long both may be in use while it moves."""
_MOST_OFFERS = 8
_RARE = 8
"""A label that more of what was made lately has tells nothing about tokens of other owners."""
_NEWER = ("copy", "of", "new", "old", "renewed", "rotated")
_VERSION = re.compile(r"[-_ ]*\bv\d+\b")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


class Life(NamedTuple):
    """A token or credential. `record`: as notes name it; `kind`: token, or a kind of credential; `owner`: an id.

    Times are epoch seconds. `seen_at`: when it was looked for last; `gone_at`: when it was missed first, or was seen to
    be revoked; None while it can be used.
    """

    record: str
    kind: str
    label: str
    owner: str | None
    created: int | None = None
    ends: int | None = None
    last_used: int | None = None
    scopes: str | None = None
    """A list in JSON."""
    gone_at: int | None = None
    seen_at: int | None = None
    is_owner_known: bool = True
    """Whether the owner is known by an id, not only by a name that somebody else may have, too."""

    @property
    def end(self) -> int | None:
        """When it ended or will end: it may be revoked before."""
        return min(filter(None, (self.ends, self.gone_at)), default=None)


class Pair(NamedTuple):
    """`new` renews `old`. `since`: from when on that was sure."""

    old: Life
    new: Life
    since: int


class Renewals(NamedTuple):
    """`sure`: nothing has two successors or two predecessors; the oldest come first.

    `offers`: what may renew an old one, by its record, the likeliest first.
    """

    sure: tuple[Pair, ...]
    offers: Mapping[str, tuple[Life, ...]]


SilenceOf = Callable[[Life], int | None]
"""Returns how many seconds of silence were within the rhythm of something while it was in use; None if it had none."""


@lru_cache(8192)
def core(label: str) -> str:
    """Return a label without case and years: equal for a token and its yearly renewal."""
    return " ".join(_YEAR.sub(" ", fold(label)).split())


@lru_cache(8192)
def _plain(label: str) -> str:
    """Return a label also without versions such as `v2` and words such as `new`; other numbers may tell two apart."""
    words = _VERSION.sub(" ", core(label)).replace("(", " ").replace(")", " ").split()
    return " ".join(word for word in words if word not in _NEWER) or core(label)


def find_renewals(old: Sequence[Life], new: Sequence[Life], window: int, silence_of: SilenceOf) -> Renewals:
    """Pair what ends with what may renew it. `window`: seconds around an end in which it may be renewed.

    `new`: all that was made lately and is not known to renew something. `silence_of` is asked about few.
    """
    by_owner = _grouped(new, lambda life: (life.kind, life.owner))
    by_label = _grouped(new, lambda life: (life.kind, core(life.label)))
    candidates: dict[str, list[Life]] = {}
    sure: list[Pair] = []
    for each in old:
        own = by_owner.get((each.kind, each.owner), []) if each.owner else []
        others = by_label.get((each.kind, core(each.label)), []) if each.label else []
        if len(others) > _RARE:
            others = []
        in_time = _made_in_time(each, dict.fromkeys((*own, *others)), window)
        candidates[each.record] = [one for one in in_time if _may_renew(each, one)]
        sure += _sure_pair(each, own, silence_of)
    times = Counter(pair.new.record for pair in sure)
    sure = sorted((pair for pair in sure if times[pair.new.record] == 1), key=lambda pair: pair.old.end or 0)
    renewed, renewing = {pair.old.record for pair in sure}, {pair.new.record for pair in sure}
    offers = {}
    for each in old:
        open_ones = [one for one in candidates[each.record] if one.record not in renewing]
        if each.record not in renewed and open_ones:
            offers[each.record] = tuple(sorted(open_ones, key=lambda one: _distance(each, one))[:_MOST_OFFERS])
    return Renewals(tuple(sure), offers)


def _grouped(lives: Iterable[Life], key: Callable[[Life], Hashable]) -> dict[Hashable, list[Life]]:
    found: dict[Hashable, list[Life]] = {}
    for life in lives:
        found.setdefault(key(life), []).append(life)
    return found


def _made_in_time(old: Life, lives: Iterable[Life], window: int) -> list[Life]:
    """Return those that were made about when the old one ended, or will end, and after it was made."""
    end, first = old.end, old.created or 0
    if end is None:
        return []
    return [
        life
        for life in lives
        if life.created is not None
        and first < life.created
        and abs(life.created - end) <= window
        and life.record != old.record
    ]


def _sure_pair(old: Life, own: Sequence[Life], silence_of: SilenceOf) -> list[Pair]:
    """Return the pair, if there is one; `own`: what its owner made lately.

    It must be the only one that began when the old one fell silent: the use may have moved to one of another label.
    """
    end, last = old.end, old.last_used
    if end is None or last is None or old.seen_at is None or not old.is_owner_known:
        return []
    if not any(_may_be_sure(old, each) for each in own):
        return []
    silence = silence_of(old)
    if silence is None:
        return []
    begun = [
        each
        for each in own
        if each.record != old.record
        and each.created is not None
        and last - _BOTH_IN_USE <= each.created <= last + silence
    ]
    if len(begun) != 1 or not _may_be_sure(old, begun[0]):
        return []
    # Silence tells nothing once it cannot be used any more; that somebody revoked it before its end tells much.
    was_revoked = old.gone_at is not None and old.ends is not None and old.gone_at < old.ends
    is_silent = min(old.seen_at, end) - last > silence
    is_used_on = was_revoked and (begun[0].last_used or 0) > end
    return [Pair(old, begun[0], min(last + silence, end))] if is_silent or is_used_on else []


def _may_be_sure(old: Life, new: Life) -> bool:
    """Whether label, scopes and times fit; the use is looked at later."""
    if new.record == old.record or not _plain(old.label) or _plain(old.label) != _plain(new.label):
        return False
    if new.created is None or new.last_used is None or old.end is None or new.last_used <= new.created:
        return False
    is_younger = old.created is None or old.created < new.created
    return is_younger and new.created <= old.end and _are_equal(old.scopes, new.scopes)


def _are_equal(ours: str | None, theirs: str | None) -> bool:
    """Whether two lists of scopes (JSON) are equal, as far as both are told."""
    return not ours or not theirs or set(json.loads(ours)) == set(json.loads(theirs))


def _may_renew(old: Life, new: Life) -> bool:
    """Whether it is worth asking: with another label and other scopes it is another thing."""
    return _are_equal(old.scopes, new.scopes) or core(old.label) == core(new.label) or alike(old.label, new.label)


def _distance(old: Life, new: Life) -> tuple[bool, bool, bool, int]:
    """Return what sorts the likelier ones first."""
    apart = abs((new.created or 0) - (old.last_used or old.end or 0))
    is_other = core(old.label) != core(new.label)
    return is_other, old.owner != new.owner, is_other and not alike(old.label, new.label), apart
