"""Deciding on one token after the other."""

from collections.abc import Callable, Sequence

from tokendesk.model.text import clean
from tokendesk.tui.context import AppContext
from tokendesk.tui.data_source import data_source_label
from tokendesk.tui.flows.base import Outcome, Refresh, Ui, refused
from tokendesk.tui.selection import Selection
from tokendesk.views.query import Query

_REVOKED = Query("tokens", filter="is:revoked")


async def triage(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Go through the marked tokens, else those shown; then review the plans that the decisions make."""
    from tokendesk.tui.screens.triage import TriageScreen

    query, marked, reader = selection.query, sorted(selection.marked), ctx.store.ui_reader
    ids = selection.shown
    if marked:
        ids = sorted(reader.rows_of("tokens", marked), key=_places(selection.shown))
    revoked = await ctx.store.query(lambda reader: set(reader.ids(_REVOKED, ctx.now())) if reader.revoked() else set())
    if ids and not set(ids) - revoked:
        them = "This token is" if len(ids) == 1 else f"All {len(ids):,} tokens here are"
        return refused(f"{them} revoked: there is nothing left to decide. esc widens the view.")
    info = reader.info
    path = [clean(info.org_name or info.org_id) if info else "no snapshot"]
    path.append(f"{len(ids):,} marked" if marked else "Tokens")
    path += [] if marked else [clean(scope.title) for scope in query.scopes]
    path += [clean(query.filter)] if query.filter and not marked else []
    source = data_source_label(ctx.settings, ctx.connection.access, info.pulled_at if info else None, ctx.now())
    screen = TriageScreen(ctx, ui, ids, path=path, source=source)
    left_at = await ui.ask(screen)
    if screen.plans:
        from tokendesk.tui.flows.plans import review_decided

        await ui.refresh(Refresh.DESK)
        reviewed = await review_decided(ctx, ui, screen.row_ids())
        return Outcome(Refresh.DESK, cursor=left_at, notice=reviewed.notice)
    return Outcome(Refresh.DESK, cursor=left_at)


def _places(ids: Sequence[int]) -> Callable[[int], int]:
    """Return a key that sorts as the list does; what it does not show comes last."""
    places = {row_id: place for place, row_id in enumerate(ids)}
    return lambda row_id: places.get(row_id, len(places))
