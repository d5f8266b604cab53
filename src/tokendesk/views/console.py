"""Addresses of Atlassian's console (api handbook section 8: only the part up to the organization's id is certain)."""

from urllib.parse import quote

from tokendesk.views.reader import Row


def console_address(base: str, org_id: str, pane_name: str, row: Row | None) -> str:
    """Return the address of the best page for a row: the account, the policies, or the organization."""
    home = f"{base.rstrip('/')}/o/{quote(org_id, safe='')}"
    account = None
    if row is not None and pane_name == "tokens":
        account = row["owner_id"]
    elif row is not None and (pane_name == "users" or (pane_name == "changes" and row["subject"] == "user")):
        account = row["account_id"] if pane_name == "users" else row["record"]
    if account:
        return f"{home}/members/{quote(str(account), safe='')}"
    if pane_name == "policies":
        return f"{home}/security/authentication-policies"
    return f"{home}/overview"
