"""What people read for the kinds of credentials."""

from tokendesk.model.credential_kinds import KEY, OAUTH_CLIENT, SERVICE_ACCOUNT, SERVICE_TOKEN

ONE = {
    KEY: "API key of the organization",
    SERVICE_ACCOUNT: "service account",
    SERVICE_TOKEN: "token of a service account",
    OAUTH_CLIENT: "OAuth client",
}
SHORT = {KEY: "API key", SERVICE_ACCOUNT: "account", SERVICE_TOKEN: "token", OAUTH_CLIENT: "client"}
"""Among other credentials."""
HEADINGS = {
    KEY: "API keys",
    SERVICE_ACCOUNT: "Service accounts",
    SERVICE_TOKEN: "Service tokens",
    OAUTH_CLIENT: "OAuth clients",
}
COUNTED = {
    KEY: ("API key",),
    SERVICE_ACCOUNT: ("service account",),
    SERVICE_TOKEN: ("token of service accounts", "tokens of service accounts"),
    OAUTH_CLIENT: ("OAuth client",),
}
"""As `counted` takes them."""
