"""Whether a plan may be applied now, and if not, why and what to do."""

from tokendesk.config import Settings
from tokendesk.model.counting import counted
from tokendesk.model.plan import MOVE, REVOKE, Plan
from tokendesk.running.access import ApiAccess

_ADDRESSES = "your own and the break-glass accounts' addresses"


def apply_blocked_by(settings: Settings, access: ApiAccess | None, plan: Plan, *, offline_reason: str = "") -> str:
    """Return why `plan` cannot be applied, as one sentence with the next step; empty if it can.

    `offline_reason`: why there is no connection to the organization.
    """
    if access is None:
        return offline_reason or "No connection to the organization: the plan can only be reviewed and saved to a file."
    if plan.org_id != access.org_id:
        return "The plan is for another organization than this profile's. Start with the profile it was created for."
    if not settings.allow_writes:
        if settings.in_config:
            return f"Writes are off. Start with --write, or set allow_writes = true in profile {settings.profile}."
        return "Writes are off. Start with --write: the organization is set by the environment, not by a profile."
    if plan.kind == MOVE and not settings.admin_emails and not settings.is_demo:
        where = f"Put {_ADDRESSES} into admin_emails of profile {settings.profile}, or set TOKENDESK_ADMIN_EMAIL."
        if not settings.in_config:
            where = f"Set TOKENDESK_ADMIN_EMAIL to {_ADDRESSES}, with commas."
        return f"admin_emails is empty: it lists the accounts that must never be moved. {where}"
    doing = len(plan.rows_to_do)
    if plan.kind == REVOKE and doing > settings.most_revocations:
        more = f", or set most_revocations in profile {settings.profile}" if settings.in_config else ""
        most = f"A run revokes at most {counted(settings.most_revocations, 'token')} and this plan has {doing:,}."
        return f"{most} Apply it in parts{more}."
    return "" if doing else f"There is nothing to {plan.kind}: no row of the plan would change anything."
