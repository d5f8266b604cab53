"""Which product a scope of a user API token belongs to, and what it lets the token do there.

The first pattern that fits a scope counts; `*` stands for anything. A scope that fits none is shown as itself.
To add one, name the page that tells it. Nothing that is derived from this table is stored, so a better table tells
more of old snapshots, too.
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
"""The products by the name that a filter uses, each with the name that people read."""

READ, WRITE, DELETE, ADMIN = "read", "write", "delete", "admin"
POWERS = (READ, WRITE, DELETE, ADMIN)
"""From the least to the most."""

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
"""What Bitbucket's own scopes begin with: `repository:write`, and `repository` alone to read."""


class ScopePattern(NamedTuple):
    """`source` tells the scopes that the pattern stands for."""

    pattern: str
    products: tuple[str, ...]
    source: str


PATTERNS = (
    # An assistant that may use Bitbucket reaches Bitbucket, whatever it goes through.
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
"""What the first word of a scope lets a token do; of `repository:write` and the like it is the last."""
