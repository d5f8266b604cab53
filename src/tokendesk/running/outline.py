"""The structure of JSON responses: names, types and sizes of members, without their values.

No value leaves this module. Ids and addresses become numbers, in order of appearance: the same number is the same
text in all responses.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from tokendesk.api.decoding import checked_json

_DOCUMENTED = """
accountId accountIds accountStatus accountType action actor added addedToOrg additionalSettings apiToken app appType
atlassianId attributes auth authenticationPolicies authenticationPolicy authenticationPolicyId authPolicies authPolicy
authPolicyId authType claim claimStatus clientId clientName code container content context count counts createdAt
createdBy createdById current cursor data deactivatedOn department description detail details directory directoryId
disabledStatus displayName email emails emailVerified end_index error errors expiresAt expiry failureCount
failureReasons forDeletion format geo groupDisplayName groups icon id inProgressCount ip items jobTitle key label
last_active lastAccess lastActiveAt lastActiveTimestamp limit links location managementSource membershipStatus message
meta mfaEnabled name next nickname onBehalfOf organization orgId page_size picture platformRoles policies policy
policyId policyName prev processedAt productAccess reason resource resources revocationDate revokedBy scopes self
serviceAccountId start_index status successCount systemAccountId targetResources taskId taskLink time timestamp
timeZone title tokenId tokenLabel tokenName total type updatedAt url user userId users userStatus value
"""
KNOWN = frozenset(_DOCUMENTED.split())
"""Member names from Atlassian's documentation: they are not personal."""

_PARTS = re.compile(r"[_-]|(?<=[a-z])(?=[A-Z])")
_KNOWN_WORDS = frozenset(part.casefold() for name in _DOCUMENTED.split() for part in (name, *_PARTS.split(name)))
"""Words of those names."""
_WORD = re.compile(r"[A-Za-z](?:[A-Za-z]|[_-](?=[A-Za-z])){0,38}\Z")
_ORDINARY = re.compile(r"[a-z]{1,16}(?:[A-Z][a-z]{1,15}|_[a-z]{1,16}){0,5}[A-Z]{0,3}\Z")
_PART = re.compile(r"[A-Z]?[a-z]+")
_HEXADECIMAL = re.compile(r"[a-f]{6,}\Z")
_ID_NAME = re.compile(r"(?:.*[a-z_-])?(?:Id|Ids|id|ids|ID|IDs)\Z")
_TIME = re.compile(r"[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?\Z")
_FORMS = (
    ("date", re.compile(r"\d{4}-\d\d-\d\d\Z")),
    ("UUID", re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")),
    ("address", re.compile(r"[^@\s]+@[^@\s]+\Z")),
    ("URL", re.compile(r"[a-z][a-z0-9+.-]*://\S+\Z")),
    ("path", re.compile(r"/\S*\Z")),
    ("digits", re.compile(r"\d+\Z")),
    ("hexadecimal", re.compile(r"(?=.*\d)[0-9a-f]{16,}\Z")),
    ("UPPER CASE", re.compile(r"[A-Z][A-Z_-]*\Z")),
    ("lower case", re.compile(r"[a-z][a-z_-]*\Z")),
    ("empty", re.compile(r"\Z")),
)
_PERSONAL = ("name", "nickname", "displayName", "email", "emails")
_NUMBERED = ("UUID", "address")
_DOCUMENTED_LIMITS = """
beta-retry-after ratelimit ratelimit-limit ratelimit-policy ratelimit-reason ratelimit-remaining ratelimit-reset
retry-after x-ratelimit-fillrate x-ratelimit-interval-seconds x-ratelimit-limit x-ratelimit-nearlimit
x-ratelimit-remaining x-ratelimit-reset
"""
_LIMITS = frozenset(_DOCUMENTED_LIMITS.split())
_WELL_KNOWN = """
age allow alt-svc atl-request-id atl-traceid cache-control connection content-encoding content-language
content-length content-security-policy content-type date deprecation etag expect-ct expires keep-alive
last-modified link location nel pragma referrer-policy report-to server server-timing set-cookie
strict-transport-security sunset timing-allow-origin trailer transfer-encoding vary via warning www-authenticate
x-aaccountid x-amz-cf-id x-amz-cf-pop x-arequestid x-b3-traceid x-cache x-content-type-options
x-envoy-upstream-service-time x-frame-options x-powered-by x-request-id x-seraph-loginreason x-trace-id x-xss-protection
"""
_HEADERS = frozenset(_WELL_KNOWN.split())
"""Header names that servers commonly send. No others are shown."""
_MAX_NUMBERS = 10
_MAX_DEPTH = 12
_MAX_HIDDEN = 3
_MAX_NAMES = 60
_MAX_NAME = 40
_CONTAINERS = frozenset({"object", "list"})
_MIN_REVEALING = 4


class Pseudonyms:
    """Numbers for ids and addresses."""

    def __init__(self) -> None:
        self._of: dict[str, int] = {}

    def number_of(self, text: str) -> int:
        return self._of.setdefault(text.casefold(), len(self._of) + 1)


class SeenTexts:
    """The texts that occurred as values: a member with such a name is not shown.

    A word of a personal name or address is not shown as part of a longer name either; nor is a word of any other text
    with four letters or more (shorter ones are in too many names by chance).
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._met = {text.casefold() for text in texts}
        self._personal: set[str] = set()

    def add(self, text: str, *, is_personal: bool = False) -> None:
        text = text.casefold()
        words = re.split(r"[\W_]+", text)
        self._met.update((text, *words))
        if is_personal:
            self._personal.update(filter(None, words))

    def is_safe_name(self, name: str) -> bool:
        """Whether a member or header name reveals nothing."""
        if name in KNOWN:
            return True
        parts = [part.casefold() for part in _PARTS.split(name)]
        return (
            bool(_WORD.match(name))
            and name.casefold() not in self._met
            and not all(part in self._met for part in parts)
            and not any(part in self._personal or self._is_revealing(part) for part in parts)
        )

    def _is_revealing(self, part: str) -> bool:
        return len(part) >= _MIN_REVEALING and part in self._met and part not in _KNOWN_WORDS


class Outline:
    """The structure at one place of a response, or of all items of a list."""

    def __init__(self, numbers: Pseudonyms, words: SeenTexts, name: str = "", depth: int = 0) -> None:
        self._numbers, self._words = numbers, words
        self._name, self._depth = name, depth
        self._seen = 0
        self._types: Counter[str] = Counter()
        self._forms: Counter[str] = Counter()
        self._lengths: list[int] = []
        self._sizes: list[int] = []
        self._ids: list[int] = []
        self._members: dict[str, Outline] = {}
        self._items: Outline | None = None

    def add(self, value: Any) -> None:
        self._seen += 1
        if self._depth > _MAX_DEPTH:
            self._types["too deep"] += 1
        elif value is None:
            self._types["null"] += 1
        elif isinstance(value, bool):
            self._types["boolean"] += 1
        elif isinstance(value, int | float):
            self._types["number"] += 1
            self._forms[f"{len(str(abs(int(value))))} digits" if abs(value) < 1e18 else "huge"] += 1
        elif isinstance(value, str):
            self._text(value)
        elif isinstance(value, list):
            self._types["list"] += 1
            self._sizes.append(len(value))
            for item in value:
                self._items = self._items or self._below(self._name)
                self._items.add(item)
        else:
            self._types["object"] += 1
            for name, member in value.items():
                if name not in self._members:
                    self._members[name] = self._below(name)
                self._members[name].add(member)

    def _below(self, name: str) -> "Outline":
        return Outline(self._numbers, self._words, name, self._depth + 1)

    def _text(self, text: str) -> None:
        self._types["string"] += 1
        self._lengths.append(len(text))
        form = text_form(text)
        self._words.add(text, is_personal=form == "address" or self._name in _PERSONAL)
        self._forms[form] += 1
        if text and (form in _NUMBERED or _ID_NAME.match(self._name)):
            self._ids.append(self._numbers.number_of(text))

    def as_json(self, among: int = 0) -> Any:
        """Return the outline for the file: a line for a scalar, otherwise its members. `among`: how many could have it.

        Call it after all responses: each may contain a text that must not be shown.
        """
        there = f"in {self._seen} of {among}" if self._seen < among else ""
        parts: dict[str, Any] = {}
        if self._items is not None:
            parts[f"(list of {_format_range(self._sizes)}, each)"] = self._items.as_json()
        if self._members:
            parts |= self._named()
        if not parts:
            return ", ".join(filter(None, (self._line(), there)))
        if there:
            parts = {"(there)": there, **parts}
        if len(self._types) > 1:
            parts = {"(types)": _format_counts(self._types), **parts}
        return parts

    def _line(self) -> str:
        words = [_format_counts(self._types)]
        if self._sizes:
            words.append("empty")
        if self._lengths:
            words.append(f"length {_format_range(self._lengths)}")
        if self._forms:
            words.append(_format_counts(self._forms))
        if self._ids:
            shown = " ".join(map(str, self._ids[:_MAX_NUMBERS]))
            more = f" … {len(set(self._ids))} different of {len(self._ids)}" if self._ids[_MAX_NUMBERS:] else ""
            words.append(f"number {shown}{more}")
        return ", ".join(words)

    def _named(self) -> dict[str, Any]:
        is_map, objects = self._is_map(), self._types["object"]
        plain = [name for name in self._members if not is_map and is_ordinary(name) and self._words.is_safe_name(name)]
        shown = set(sorted(plain, key=lambda name: name not in KNOWN)[:_MAX_NAMES])
        hidden = self._members.keys() - set(plain)
        found = {name: told.as_json(objects) for name, told in self._members.items() if name in shown}
        for number, name in enumerate([name for name in self._members if name in hidden][:_MAX_HIDDEN], 1):
            found[f"(name not shown {number})"] = self._members[name].as_json(objects)
        if len(hidden) > _MAX_HIDDEN:
            found["(more names not shown)"] = len(hidden) - _MAX_HIDDEN
        if len(plain) > len(shown):
            found["(more members)"] = len(plain) - len(shown)
        return found

    def _is_map(self) -> bool:
        """Whether the members look like the entries of a map with user-defined keys, not like fields of an object."""
        if len(self._members) < 2 or not KNOWN.isdisjoint(self._members):
            return False
        members = self._members.values()
        types = {kind for member in members for kind in member._types if kind != "null"}
        if len(types) <= 1 and types != {"object"}:
            return True
        shapes = [member._shape() for member in members if member._types["object"]]
        if len(set(shapes)) < len(shapes):
            return True
        return len(members) >= 3 and types <= _CONTAINERS

    def _shape(self) -> frozenset[tuple[str, frozenset[str]]]:
        """Return the members of an object, with all undocumented names replaced by the same one."""
        return frozenset(
            (name if name in KNOWN else "", frozenset(member._types)) for name, member in self._members.items()
        )


def is_ordinary(name: str) -> bool:
    """Whether a member name is Atlassian's, or made of a few short words like an identifier."""
    if name in KNOWN:
        return True
    return (
        len(name) <= _MAX_NAME
        and bool(_ORDINARY.match(name))
        and not any(_HEXADECIMAL.match(part.casefold()) for part in (name, name.replace("_", ""), *_PART.findall(name)))
    )


def decode_body(body: bytes) -> Any:
    """Decode a body. Raises ValueError if it is not JSON."""
    try:
        return json.loads(checked_json(body))
    except RecursionError:
        raise ValueError("too deep") from None


def text_form(text: str) -> str:
    """Classify a text: one of a few words, or the pattern of a time without its digits."""
    if _TIME.match(text):
        return "time " + re.sub(r"\d", "0", text)
    return next((name for name, pattern in _FORMS if pattern.match(text)), "other")


def outline_headers(headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the header names, and for rate-limit headers their form and count."""
    limits: dict[str, Any] = {}
    others: list[str] = []
    hidden = 0
    for name, value in headers.items():
        if name in _LIMITS:
            is_count = value.isascii() and value.isdigit() and len(value) <= 9
            limits[name] = int(value) if is_count else text_form(value.strip())
        elif name in _HEADERS:
            others.append(name)
        else:
            hidden += 1
    found: dict[str, Any] = {"limits": limits, "others": sorted(others)}
    return found | ({"names not shown": hidden} if hidden else {})


def _format_counts(found: Counter[str]) -> str:
    if len(found) == 1:
        return next(iter(found))
    return ", ".join(f"{name} {count}" for name, count in sorted(found.items()))


def _format_range(found: list[int]) -> int | str:
    least, most = min(found), max(found)
    return least if least == most else f"{least} to {most}"
