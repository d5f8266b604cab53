"""Saves the view on screen by name, lists the saved ones, and drops a chosen condition."""

from dataclasses import replace

from textual.content import Content

from tokendesk.model.text import printable
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Notice, Outcome, Refresh, Ui, refused
from tokendesk.tui.navigation import Place
from tokendesk.tui.query_edit import drop_chip
from tokendesk.tui.saved_views import SavedView, describe_view
from tokendesk.tui.selection import Selection
from tokendesk.tui.ui_state import UiState
from tokendesk.views.query import Query


async def save_view(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Ask for a name, and save the view with it: pane, filter, sort and columns."""
    query = selection.query._replace(columns=selection.query.columns or ctx.ui_state.columns(selection.pane))
    if query == Query(selection.pane):
        return refused("There is nothing to save yet: filter, sort or choose columns first.")
    notice = await ask_to_save(ctx.ui_state, ui, query)
    return Outcome(Refresh.DESK, notice=notice) if notice else NOTHING


async def ask_to_save(ui_state: UiState, ui: Ui, query: Query) -> Notice | None:
    """Ask what to call the view that shows `query`, and save it; return what came of it, None if nothing was saved."""
    from tokendesk.tui.screens.confirm import Confirm
    from tokendesk.tui.screens.prompt import PromptDialog

    name = await ui.ask(PromptDialog("Save view", f"What to call this view ({describe_view(query)}):"))
    if not name:
        return None
    ui_state.read_again()
    same = [view for view in ui_state.views() if (view.name, view.query.pane) == (name, query.pane)]
    if same and same[0].query != query:
        words = f"{printable(name)} is a view already. It shows {describe_view(same[0].query)}."
        if not await ui.ask(Confirm("Replace the view?", words, "Replace")):
            return None
    if ui_state.save_view(SavedView(name, query)):
        return Notice(f"Saved the view {printable(name)}. V lists all views.")
    return Notice(f"The view {printable(name)} is kept until you quit: {ui_state.path} cannot be written.", "warning")


async def open_view(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """List the saved views, and show the chosen one."""
    from tokendesk.tui.screens.views import ViewsDialog

    ctx.ui_state.read_again()
    views = ctx.ui_state.views()
    if not views:
        return refused("There are no saved views yet. w saves what you see with a name.")
    found = await ui.ask(ViewsDialog(views, ctx.ui_state.delete_view))
    refresh = Refresh.NONE if ctx.ui_state.views() == views else Refresh.DESK
    if found is None:
        return Outcome(refresh)
    if found.query.by:
        from tokendesk.tui.flows.groups import group

        outcome = await group(ctx, ui, Selection(found.query, record=selection.record))
        return outcome if refresh is Refresh.NONE else replace(outcome, refresh=refresh)
    if found.query.pane == selection.pane:
        return Outcome(refresh, query=found.query)
    return Outcome(refresh, step=Place(found.query, selection.record))


async def choose_condition(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Ask which condition to drop."""
    from tokendesk.filtering.format import conditions
    from tokendesk.tui.screens.choose import ChooseDialog

    query, fields = selection.query, ctx.store.ui_reader.panes[selection.pane].fields
    chips = [printable(scope.title) for scope in query.scopes]
    chips += [printable(chip.text) for chip in conditions(query.filter, fields)]
    if not chips:
        return refused("There is no condition to drop. / types one.")
    if len(chips) == 1:
        return Outcome(query=drop_chip(query, 0, fields), notice=Notice(f"Dropped {chips[0]}. - brings it back."))
    options = [Content(f"{number}  {chip}") for number, chip in enumerate(chips, 1)]
    keys = "enter or its number drops one   esc keeps all"
    dialog = ChooseDialog("Drop a condition", options, keys, len(chips) - 1)
    number = await ui.ask(dialog)
    return NOTHING if number is None else Outcome(query=drop_chip(query, number, fields))
