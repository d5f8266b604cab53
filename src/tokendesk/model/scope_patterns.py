"""Patterns that map scopes of user API tokens to products and permissions.

The first matching pattern counts; `*` matches anything. A scope without a match is shown as it is. A new pattern needs
the page that documents it. Nothing derived from this table is stored, so a better table also helps with old snapshots.
"""

from typing import NamedTuple

JIRA, CONFLUENCE, BITBUCKET, COMPASS = "jira", "confluence", "bitbucket", "compass"
OPSGENIE, GOALS, ROVO, ACCOUNT, ORGANIZATION = "opsgenie", "goals", "rovo", "account", "organization"

PRODUCTS = {
    JIRA: "Jira",
    CONFLUENCE: "Confluence",
    BITBUCKET: "Bitbucket",
    COMPASS: "Compass",
    OPSGENIE: "Opsgenie",
    GOALS: "Goals",
    ROVO: "Rovo MCP",
    ACCOUNT: "account",
    ORGANIZATION: "organization",
}
"""Product names in filters, each with its display name."""

READ, WRITE, DELETE, ADMIN = "read", "write", "delete", "admin"
POWERS = (READ, WRITE, DELETE, ADMIN)
"""In ascending order."""

_JIRA = "https://developer.atlassian.com/cloud/jira/platform/scopes-for-oauth-2-3LO-and-forge-apps/"
_SERVICE_DESK = "https://developer.atlassian.com/cloud/jira/service-desk/scopes-for-oauth-2-3LO-and-forge-apps/"
_CONFLUENCE = "https://developer.atlassian.com/cloud/confluence/scopes-for-oauth-2-3LO-and-forge-apps/"
_BITBUCKET = "https://support.atlassian.com/bitbucket-cloud/docs/api-token-permissions"
_BITBUCKET_OLD = "https://developer.atlassian.com/cloud/bitbucket/bitbucket-cloud-rest-api-scopes"
_COMPASS = "https://developer.atlassian.com/platform/forge/manifest-reference/scopes-product-compass/"
_MCP = "https://mcp.atlassian.com/.well-known/oauth-protected-resource/v2/mcp"
_ADMIN = "https://developer.atlassian.com/cloud/admin/organization/rest/intro"
_OPENID = "https://auth.atlassian.com/.well-known/openid-configuration"
_GOALS = "answers of Atlassian's GraphQL API that name read:goal:townsquare"
_BY_NAME = "the name of the product, by the form of the granular scopes; on no page of Atlassian's that was found"


BITBUCKET_NOUNS = (
    "repository", "pullrequest", "pipeline", "project", "issue", "wiki", "snippet", "webhook", "runner", "test",
    "account", "team",
)  # fmt: skip
"""Prefixes of Bitbucket's own scopes: `repository:write`, and `repository` alone for reading."""


class ScopePattern(NamedTuple):
    """`source`: the documentation of the scopes."""

    pattern: str
    products: tuple[str, ...]
    source: str


PATTERNS = (
    # An assistant with Bitbucket permissions reaches Bitbucket.
    ScopePattern("*:bitbucket:agent-interface", (ROVO, BITBUCKET), _MCP),
    ScopePattern("*:code:agent-interface", (ROVO, BITBUCKET), _MCP),
    ScopePattern("*:jira:agent-interface", (ROVO, JIRA), _MCP),
    ScopePattern("*:confluence:agent-interface", (ROVO, CONFLUENCE), _MCP),
    ScopePattern("*:goals:agent-interface", (ROVO, GOALS), _MCP),
    ScopePattern("*:projects:agent-interface", (ROVO, GOALS), _MCP),
    ScopePattern("*:agent-interface", (ROVO,), _MCP),
    ScopePattern("*:twg", (ROVO,), _MCP),
    ScopePattern("*:mcp", (ROVO,), _BY_NAME),
    ScopePattern("*:rovo", (ROVO,), _BY_NAME),
    ScopePattern("*:bitbucket", (BITBUCKET,), _BITBUCKET),
    *(
        ScopePattern(pattern, (BITBUCKET,), _BITBUCKET_OLD)
        for noun in BITBUCKET_NOUNS
        for pattern in (noun, f"{noun}:*")
    ),
    ScopePattern("*:jira", (JIRA,), _JIRA),
    ScopePattern("*:jira-*", (JIRA,), _JIRA),
    ScopePattern("*:servicedesk-*", (JIRA,), _SERVICE_DESK),
    ScopePattern("*:cmdb", (JIRA,), _SERVICE_DESK),
    ScopePattern("*:confluence", (CONFLUENCE,), _CONFLUENCE),
    ScopePattern("*:confluence-*", (CONFLUENCE,), _CONFLUENCE),
    ScopePattern("*:compass", (COMPASS,), _COMPASS),
    ScopePattern("*:opsgenie", (OPSGENIE,), _BY_NAME),
    ScopePattern("*:townsquare", (GOALS,), _GOALS),
    ScopePattern("read:me", (ACCOUNT,), _MCP),
    ScopePattern("read:account", (ACCOUNT,), _MCP),
    ScopePattern("report:personal-data", (ACCOUNT,), _JIRA),
    ScopePattern("email", (ACCOUNT,), _MCP),
    ScopePattern("openid", (ACCOUNT,), _OPENID),
    ScopePattern("profile", (ACCOUNT,), _OPENID),
    ScopePattern("offline_access", (ACCOUNT,), _MCP),
    *(ScopePattern(f"{verb}:*:admin", (ORGANIZATION,), _ADMIN) for verb in ("read", "write", "delete", "manage")),
)

VERBS = {
    **dict.fromkeys(("read", "readonly", "search", "validate", "report"), READ),
    **dict.fromkeys((*BITBUCKET_NOUNS, "email", "openid", "profile", "offline_access"), READ),
    **dict.fromkeys(("write", "send", "import", "moderate"), WRITE),
    "delete": DELETE,
    **dict.fromkeys(("admin", "manage"), ADMIN),
}
"""What the first word of a scope allows; for scopes like `repository:write` it is the last."""
