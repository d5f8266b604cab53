"""Triages tokens one by one."""

from collections.abc import Sequence

from tokendesk.model.text import printable
from tokendesk.tui.context import AppContext
from tokendesk.tui.data_source import data_source_label
from tokendesk.tui.flows.base import Outcome, Refresh, Ui, refused
from tokendesk.tui.flows.subjects import shown_records
from tokendesk.tui.selection import Selection
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

_REVOKED = Query("tokens", filter="is:revoked")


async def triage(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Triage the marked tokens, else those shown; then review the plans of the decisions."""
    from tokendesk.tui.screens.triage import TriageScreen

    query, marked, now = selection.query, selection.marked, ctx.now()
    records = await _in_order(ctx, selection)
    living = await ctx.store.query(lambda reader: len(records) - _count_revoked(reader, records, now))
    if records and not living:
        them = "This token is" if len(records) == 1 else f"All {len(records):,} tokens here are"
        return refused(f"{them} revoked: there is nothing left to decide. esc widens the view.")
    info = ctx.store.ui_reader.info
    path = [printable(info.org_name or info.org_id) if info else "no snapshot"]
    path.append(f"{len(records):,} marked" if marked else "Tokens")
    path += [] if marked else [printable(scope.title) for scope in query.scopes]
    path += [printable(query.filter)] if query.filter and not marked else []
    source = data_source_label(ctx.settings, ctx.connection.access, info.tokens_at if info else None, now)
    screen = TriageScreen(ctx, ui, records, path=path, source=source)
    left_at = await ui.ask(screen)
    if screen.plans:
        from tokendesk.tui.flows.plans import review_decided

        await ui.refresh(Refresh.DESK)
        reviewed = await review_decided(ctx, ui, screen.queue.ids)
        return Outcome(Refresh.DESK, cursor=left_at, notice=reviewed.notice)
    return Outcome(Refresh.DESK, cursor=left_at)


async def _in_order(ctx: AppContext, selection: Selection) -> list[str]:
    """Return the marked tokens, else those shown, in the order of the list; hidden ones come last."""
    shown = await shown_records(ctx, selection)
    if not selection.marked:
        return shown
    there = await ctx.store.query(
        lambda reader: reader.records("tokens", sorted(reader.rows_of("tokens", selection.marked))).values()
    )
    places = {record: place for place, record in enumerate(shown)}
    return sorted(there, key=lambda record: places.get(record, len(places)))


def _count_revoked(reader: Reader, records: Sequence[str], now: int) -> int:
    return len(set(reader.ids(_REVOKED, now)) & reader.rows_of("tokens", records)) if reader.revoked() else 0
