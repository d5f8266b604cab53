"""What a token can reach, how much it may do there, and whether a policy that blocks tokens stops it.

Derived from the scopes whenever it is asked for, and never stored.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from tokendesk.model.scope_patterns import (
    ADMIN,
    BITBUCKET,
    BITBUCKET_NOUNS,
    ORGANIZATION,
    PATTERNS,
    POWERS,
    PRODUCTS,
    VERBS,
)

EVERYTHING, NOT_TOLD = "everything", "not-told"
STOPS, MAY_NOT_STOP = "yes", "may-not"
STOPPING = (STOPS, MAY_NOT_STOP, NOT_TOLD)
"""Whether a policy that blocks tokens stops one: it does, it may not (Bitbucket), it cannot be told."""
REACHES = (*PRODUCTS, EVERYTHING, NOT_TOLD)
"""What a token may reach as far as it is known; an unknown scope stands for itself."""

FOR_BITBUCKET = "a policy's token setting does not extend to Bitbucket"
ADVICE_FOR_GIT = (
    "No service account can take over Git today: its tokens have no Bitbucket scopes (BCLOUD-23832). "
    "An access token of the repository, project or workspace can."
)


class Reach(NamedTuple):
    """`products`: names of PRODUCTS and scopes nobody here knows, or EVERYTHING or NOT_TOLD alone.

    `power`: the most that it may do as far as its owner may, one of POWERS, or NOT_TOLD.
    """

    products: tuple[str, ...]
    power: str

    @property
    def values(self) -> tuple[str, ...]:
        """All that a filter finds it by: who reaches everything reaches each product, too."""
        if self.products != (EVERYTHING,):
            return self.products
        return (EVERYTHING, *(name for name in PRODUCTS if name not in (BITBUCKET, ORGANIZATION)))

    @property
    def words(self) -> str:
        return ", ".join(_WORDS.get(name) or PRODUCTS.get(name, name) for name in self.products)

    @property
    def stops(self) -> str:
        """Whether a block stops it, one of STOPPING: the setting of a policy does not extend to Bitbucket.

        https://support.atlassian.com/bitbucket-cloud/docs/api-tokens
        """
        if BITBUCKET in self.products:
            return MAY_NOT_STOP
        known = all(name in PRODUCTS or name == EVERYTHING for name in self.products)
        return STOPS if known else NOT_TOLD


_WORDS = {EVERYTHING: "everything of its owner", NOT_TOLD: "not told"}


def reach_of(scopes: Sequence[str] | None, *, scopes_told: bool) -> Reach:
    """Return what the scopes of a token tell. `scopes_told`: whether any token of the same answer has scopes.

    Bitbucket's tokens must have scopes. So where others have some, a token without is a classic one and may do all
    that its owner may, but in Bitbucket. Where no token has any, the API may not tell them.
    """
    if not scopes:
        return Reach((EVERYTHING,), ADMIN) if scopes_told else Reach((NOT_TOLD,), NOT_TOLD)
    found = [_products(scope) for scope in scopes]
    known = [name for name in PRODUCTS if any(name in products for products in found)]
    strange = [_own_name(scope) for scope, products in zip(scopes, found, strict=True) if not products]
    return Reach((*known, *dict.fromkeys(strange)), _power(scopes))


def reaches_bitbucket(scopes: Sequence[str]) -> bool:
    return any(BITBUCKET in _products(scope) for scope in scopes)


def _own_name(scope: str) -> str:
    """Return what an unknown scope is called: itself, and never what a product is called."""
    return f"scope:{scope}" if scope.lower() in REACHES else scope


@lru_cache(maxsize=4096)
def _products(scope: str) -> tuple[str, ...]:
    """Return what the scope reaches; nothing where nobody knows it."""
    return next((known.products for known in PATTERNS if fnmatchcase(scope.lower(), known.pattern)), ())


def _power(scopes: Sequence[str]) -> str:
    """Return the most that they allow; a scope of unknown power may allow more."""
    found = {_verb(scope) for scope in scopes}
    most = max((POWERS.index(verb) for verb in found if verb), default=-1)
    return NOT_TOLD if None in found and most < POWERS.index(ADMIN) else POWERS[most]


def _verb(scope: str) -> str | None:
    first, _, rest = scope.lower().partition(":")
    last = rest.rpartition(":")[2]
    return VERBS.get(last) if first in BITBUCKET_NOUNS and rest else VERBS.get(first)
