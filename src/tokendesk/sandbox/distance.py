"""How distant the practice organization is: latency and rate limits. Needs no web server."""

from collections.abc import Mapping
from dataclasses import dataclass, field

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "tokens": ("/api-tokens", "/api-tokens/count"),
    "users": ("/users/search", "/users/count", "/users"),
    "policies": ("/auth-policies/bulk-fetch",),
    "moves": ("/add-users",),
    "events": ("/events-stream", "/events", "/event-actions"),
}
"""The endpoints that share a limit, by the end of their path."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` requests in each period of `seconds`; periods start at multiples of `seconds`."""

    most: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Distance:
    """`latency` and `jitter` in seconds: a response takes latency, plus or minus jitter.

    `speed`: how many seconds of the organization pass in one real second. Its dates stay real; at 60, what takes a
    minute there takes a second here.
    """

    latency: float = 0.0
    jitter: float = 0.0
    limits: Mapping[str, Limit] = field(default_factory=dict)
    speed: float = 1.0

    @property
    def is_none(self) -> bool:
        return not (self.latency or self.jitter or self.limits)


NEARBY = Distance()
"""The default: on this machine, without noticeable limits."""


def family(path: str) -> str:
    """Return the family of a path, or an empty text."""
    return next((name for name, ends in FAMILIES.items() if path.endswith(ends)), "")
