"""Whether a plan may be carried out here and now, and if not, why and what would help."""

from tokendesk.config import Settings
from tokendesk.model.plan import MOVE, REVOKE, Plan
from tokendesk.running.access import Access


def why_off(settings: Settings, way: Access | None, plan: Plan, *, no_way: str = "") -> str:
    """Return why applying `plan` is off, as one sentence with the next step; empty where it may be applied.

    `no_way`: why there is no way to the organization.
    """
    if way is None:
        return no_way or "There is no connection to the organization: this can be reviewed and written to a file."
    if plan.org_id != way.org_id:
        return "The plan is for another organization than this profile's. Start with the profile it was made for."
    if not settings.allow_writes:
        return f"Writes are off. Start with --write, or set allow_writes = true in profile {settings.profile}."
    if plan.kind == MOVE and not settings.admin_emails and not settings.is_demo:
        return (
            "Nobody has said who must never be moved. Put your own and the break-glass accounts' addresses into "
            f"admin_emails of profile {settings.profile}, or set TOKENDESK_ADMIN_EMAIL."
        )
    doing = len(plan.doing)
    if plan.kind == REVOKE and doing > settings.most_revocations:
        return (
            f"A run revokes at most {settings.most_revocations:,} tokens and this plan has {doing:,}. "
            "Take it in parts, or set most_revocations in the profile."
        )
    return "" if doing else f"There is nothing to {plan.kind}: no row of the plan would change anything."
