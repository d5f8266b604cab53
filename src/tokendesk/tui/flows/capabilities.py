"""Shows what the key can do."""

from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Outcome, Ui
from tokendesk.tui.selection import Selection


async def check_key(ctx: AppContext, ui: Ui, _: Selection) -> Outcome:
    from tokendesk.tui.screens.capabilities import CapabilitiesScreen

    await ui.ask(CapabilitiesScreen(ctx.settings, ctx.connection.access, ctx.connection.offline_reason))
    return NOTHING
