"""What scripts rely on beside commands: exit codes and environment variables."""

EXIT_CODES = {
    0: "done",
    1: "done, but some rows failed or differ",
    2: "wrong usage, filter, setting or file",
    3: "the key was refused",
    4: "the API could not be reached or kept failing",
    5: "refused by a safety rule; nothing was done",
    130: "interrupted",
}
ENVIRONMENT = {
    "TOKENDESK_ORG_ID": "the organization's id",
    "TOKENDESK_API_KEY": "the API key; sent to the API only, never written",
    "TOKENDESK_API_URL": "the address of the API",
    "TOKENDESK_REVOKE_KEY": "the key without scopes that revoking needs",
    "TOKENDESK_ADMIN_EMAIL": "your own address and the break-glass accounts, separated by commas",
    "TOKENDESK_PROFILE": "the profile to use without --profile",
    "TOKENDESK_HOME": "the folder for everything except locks",
    "TOKENDESK_CLOCK": "the current time, on the practice organization only",
    "NO_COLOR": "no colours on the screens",
}
