"""The kinds of credentials other than users' tokens."""

KEY, SERVICE_ACCOUNT, SERVICE_TOKEN, OAUTH_CLIENT = "key", "service-account", "service-token", "oauth-client"
CREDENTIAL_KINDS = (KEY, SERVICE_ACCOUNT, SERVICE_TOKEN, OAUTH_CLIENT)
