"""Whether a plan may be carried out here and now, and if not, why and what would help."""

from tokendesk.config import Settings
from tokendesk.model.plan import MOVE, REVOKE, Plan
from tokendesk.running.access import Access

_ADDRESSES = "your own and the break-glass accounts' addresses"


def why_off(settings: Settings, way: Access | None, plan: Plan, *, no_way: str = "") -> str:
    """Return why applying `plan` is off, as one sentence with the next step; empty where it may be applied.

    `no_way`: why there is no way to the organization.
    """
    if way is None:
        return no_way or "There is no connection to the organization: this can be reviewed and written to a file."
    if plan.org_id != way.org_id:
        return "The plan is for another organization than this profile's. Start with the profile it was made for."
    if not settings.allow_writes:
        if settings.in_config:
            return f"Writes are off. Start with --write, or set allow_writes = true in profile {settings.profile}."
        return "Writes are off. Start with --write: the organization is set by the environment and not by a profile."
    if plan.kind == MOVE and not settings.admin_emails and not settings.is_demo:
        where = f"Put {_ADDRESSES} into admin_emails of profile {settings.profile}, or set TOKENDESK_ADMIN_EMAIL."
        if not settings.in_config:
            where = f"Set TOKENDESK_ADMIN_EMAIL to {_ADDRESSES}, with commas."
        return f"Nobody has said who must never be moved. {where}"
    doing = len(plan.doing)
    if plan.kind == REVOKE and doing > settings.most_revocations:
        more = f", or set most_revocations in profile {settings.profile}" if settings.in_config else ""
        most = f"A run revokes at most {settings.most_revocations:,} tokens and this plan has {doing:,}."
        return f"{most} Take it in parts{more}."
    return "" if doing else f"There is nothing to {plan.kind}: no row of the plan would change anything."
