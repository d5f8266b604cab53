"""The roles of users and the products they can use, as filters and people name them."""

from collections.abc import Mapping

from tokendesk.model.scope_patterns import PRODUCTS

NOT_TOLD = "not-told"
"""The value for users of whom Atlassian did not say it, which is not the same as none."""
ORG_ADMIN, SITE_ADMIN = "org-admin", "site-admin"
KNOWN_ROLES: Mapping[str, str] = {ORG_ADMIN: "organization admin", SITE_ADMIN: "site admin"}
"""The roles in the whole organization (api handbook, second look 6), each with its words."""
KNOWN_PRODUCTS = ("jira", "confluence", "bitbucket", "loom")
_PREFIX = "atlassian/"
_TITLES = {**PRODUCTS, "loom": "Loom"}


def role_name(sent: str) -> str:
    """Return how filters name a role: `org-admin` for `atlassian/org-admin`. An unknown role is kept as sent."""
    for name in KNOWN_ROLES:
        if sent.lower().endswith(name):
            return name
    own = sent.removeprefix(_PREFIX) or sent
    return f"role:{own}" if own.lower() == NOT_TOLD else own


def role_words(sent: str) -> str:
    """Return how people name a role; an unknown one as sent."""
    return KNOWN_ROLES.get(role_name(sent), sent)


def product_words(key: str) -> str:
    return _TITLES.get(key.lower(), key)


def product_name(key: str) -> str:
    """Return how filters name a product: its key."""
    return f"product:{key}" if key.lower() == NOT_TOLD else key
