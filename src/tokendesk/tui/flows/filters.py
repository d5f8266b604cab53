"""Saves a filter by name, and drops a chosen condition."""

from textual.content import Content

from tokendesk.model.text import printable
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Notice, Outcome, Refresh, Ui, refused
from tokendesk.tui.query_edit import drop_chip
from tokendesk.tui.selection import Selection


async def save_filter(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    from tokendesk.tui.screens.prompt import PromptDialog

    text = selection.query.filter.strip()
    if not text:
        return refused("There is no filter to save. / types one.")
    name = await ui.ask(PromptDialog("Save filter", f"A name for: {printable(text)}"))
    if not name:
        return NOTHING
    ctx.ui_state.save(selection.pane, name, text)
    return Outcome(Refresh.DESK)


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
