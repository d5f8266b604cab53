"""The table of actions: bindings, key bar, palette, help, `[keys]` and the reference are made from it."""

from enum import Flag, auto
from typing import NamedTuple

from textual.binding import Binding, BindingType


class Needs(Flag):
    """What an action requires."""

    NOTHING = 0
    ROWS = auto()
    """A row under the cursor, or marks."""
    SHOWN = auto()
    """Rows in the list, or marks."""
    DESK = auto()
    """A writable desk: that of a saved snapshot is read-only."""
    ONLINE = auto()
    """A connection to the organization."""


class Action(NamedTuple):
    """`id` is what `[keys]` calls it. `keys` are Textual's names, with commas; without keys, it is in the palette only.

    `where`: the contexts it acts in, separated by spaces: screen (the panes), list, details, review, run, triage …
    """

    id: str
    keys: str
    title: str
    help: str
    group: str
    where: str = "screen"
    method: str = ""
    """The `action_` method of the focused widget or its screen, as Textual writes it."""
    flow: str = ""
    """On the main screen instead: `module:function` below `tokendesk.tui.flows`."""
    panels: str = ""
    """On the main screen instead: an `action_` method of the panels."""
    panes: str = ""
    """The panes it works in, separated by spaces; empty means all."""
    needs: Needs = Needs.NOTHING
    opens: bool = False
    """Whether it opens a dialog, page or line that receives the next keys."""
    background: bool = False
    """Whether it runs in the background, one at a time."""
    bar_order: int = 0
    """Its position in the key bar, 0 for none; the highest are dropped first."""
    bar_panes: str = ""
    """The panes whose key bar shows it, if not all of `panes`."""
    shown: str = ""
    acts_on_marks: bool = False
    """Whether it opens a dialog about all marked rows; the page of groups has its key, too."""
    yields: bool = False
    """Whether it gives up a key that config.toml gives to another action: it is newer than such files."""

    @property
    def contexts(self) -> tuple[str, ...]:
        return tuple(self.where.split())

    @property
    def shown_keys(self) -> str:
        return self.shown or " ".join(_NAMES.get(key, key) for key in self.keys.split(","))

    def textual_action(self, context: str) -> str:
        """Return the action as Textual runs it in `context`."""
        if context == "screen" and self.flow:
            return f"flow({self.id!r})"
        return f"panels({self.panels!r})" if context == "screen" and self.panels else self.method

    def works_in(self, pane: str) -> bool:
        return not self.panes or pane in self.panes.split()

    def is_in_bar(self, pane: str) -> bool:
        panes = self.bar_panes or self.panes
        return not panes or pane in panes.split()


_NAMES = {
    "slash": "/", "question_mark": "?", "colon": ":", "left_square_bracket": "[", "right_square_bracket": "]",
    "asterisk": "*", "comma": ",", "number_sign": "#", "backslash": "\\", "minus": "-", "plus": "+",
    "pagedown": "pgdn", "pageup": "pgup",
}  # fmt: skip

EVERYWHERE = "screen review run readiness quarantine triage groups overview"

A = Action
ROWS, SHOWN, DESK, ONLINE = Needs.ROWS, Needs.SHOWN, Needs.DESK, Needs.ONLINE

# fmt: off
ACTIONS = (
    A("list.down", "j,down", "Down", "one row down", "move", "list details overview", method="cursor_down",
      shown="j ↓"),
    A("list.up", "k,up", "Up", "one row up", "move", "list details overview", method="cursor_up", shown="k ↑"),
    A("list.page_down", "ctrl+d,pagedown", "Page down", "one page down", "move", "list details overview",
      method="page_down"),
    A("list.page_up", "ctrl+u,pageup", "Page up", "one page up", "move", "list details overview", method="page_up"),
    A("list.top", "g,home", "Top", "to the first row", "move", "list details overview", method="top"),
    A("list.bottom", "G,end", "Bottom", "to the last row", "move", "list details overview", method="bottom"),
    A("overview", "0", "Overview", "what needs attention today, the goal, and all tokens in bars", "move", "screen",
      flow="overview:overview", opens=True, yields=True),
    A("pane.tokens", "1", "Tokens", "the tokens", "move", "screen overview", method="pane('tokens')"),
    A("pane.users", "2", "Users", "the users", "move", "screen overview", method="pane('users')"),
    A("pane.policies", "3", "Policies", "the authentication policies", "move", "screen overview",
      method="pane('policies')"),
    A("pane.changes", "4", "Changes", "changes found by pulls", "move", "screen overview", method="pane('changes')"),
    A("pane.journal", "5", "Journal", "past moves and revocations", "move", "screen overview",
      method="pane('journal')"),
    A("pane.credentials", "6", "Credentials", "API keys, service accounts with their tokens, OAuth clients", "move",
      "screen overview", method="pane('credentials')"),
    A("focus.next", "tab", "Next part", "scope pane, list, details in turn", "move", "screen review run readiness",
      method="next_part", panels="next_part"),
    A("focus.previous", "shift+tab", "Previous part", "the same, in reverse", "move",
      "screen review run readiness", method="previous_part", panels="previous_part"),
    A("scope.toggle", "b", "Scope pane", "show or hide the scope pane", "move", "screen", panels="toggle_scope"),
    A("list.zoom", "z", "Zoom", "show only the list, or all panes", "move", "screen", panels="zoom"),
    A("column.left", "h,left", "Column left", "to the column, or the week, on the left", "move", "list overview",
      method="column(-1)", shown="h ←"),
    A("column.right", "l,right", "Column right", "to the column, or the week, on the right", "move", "list overview",
      method="column(1)", shown="l →"),
    A("filter.keep", "f", "Keep value", "only rows with the value under the column cursor", "narrow", "screen",
      flow="edit_query:keep_value"),
    A("filter.leave_out", "F", "Leave value out", "only rows without that value", "narrow", "screen",
      flow="edit_query:leave_value_out"),
    A("filter.drop", "backspace", "Drop condition", "drop the last condition", "narrow", "screen",
      flow="edit_query:drop_condition"),
    A("filter.conditions", "x", "Drop one", "choose which condition to drop", "narrow", "screen",
      flow="views:choose_condition", opens=True),
    A("filter.before", "minus", "View before", "back to the view before, of any pane", "narrow", "screen",
      method="view(-1)"),
    A("filter.next", "plus", "Next view", "forward again, after going back to a view before", "narrow", "screen",
      method="view(1)", yields=True),
    A("filter.save", "w", "Save view", "name what you see: filter, sort, columns; the scope pane lists it", "narrow",
      "screen", flow="views:save_view", opens=True),
    A("group", "number_sign", "Group", "count the rows by the column under the cursor", "narrow", "screen",
      flow="groups:group", opens=True, yields=True),
    A("groups.again", "", "Groups again", "the groups shown last in this pane", "narrow", "screen",
      flow="groups:group_again", opens=True),
    A("groups.more", "number_sign", "Second column", "count by another column too", "narrow", "groups", method="more",
      opens=True, bar_order=3, yields=True),
    A("groups.save", "w", "Save view", "name these groups; the scope pane and V list them", "narrow", "groups",
      method="save", opens=True, bar_order=5, yields=True),
    A("groups.sort", "s", "Sort", "by the column under the cursor; again to reverse", "narrow", "groups",
      method="sort", bar_order=4, yields=True),
    A("views", "V", "Views", "the saved views of all panes", "narrow", "screen", flow="views:open_view", opens=True,
      yields=True),
    A("sort", "s", "Sort", "by the column under the cursor; again to reverse", "narrow", "screen",
      flow="edit_query:sort"),
    A("sort.more", "S", "Sort further", "by this column too, where the others are equal", "narrow", "screen",
      flow="edit_query:sort_more"),
    A("columns", "comma", "Columns", "choose, order and hide the columns of this pane", "narrow", "screen",
      flow="columns:choose_columns", opens=True, yields=True),
    A("mark.one", "space", "Mark", "mark or unmark the row, and step down", "mark", "list groups", method="mark",
      bar_order=2),
    A("mark.range", "v", "Range", "start a range; v again marks it, esc cancels", "mark", "list", method="range"),
    A("mark.extend_down", "shift+down", "Mark downwards", "mark and step down", "mark", "list", method="extend(1)"),
    A("mark.extend_up", "shift+up", "Mark upwards", "mark and step up", "mark", "list", method="extend(-1)"),
    A("mark.all", "asterisk", "Mark all", "mark all rows shown", "mark", "list", method="mark_all"),
    A("mark.none", "backslash", "Mark none", "remove all marks of this pane", "mark", "list", method="mark_none"),
    A("filter.edit", "slash", "Filter", "narrow what is shown as you type", "narrow", "screen", method="edit_filter",
      opens=True, bar_order=1),
    A("row.open", "enter", "Open", "policy → users → tokens → details → the rows of a fact", "go",
      "list details review run readiness quarantine groups overview", method="open", bar_order=8),
    A("view.back", "escape", "Back", "leave the filter, or go back one step", "go",
      EVERYWHERE, method="back", bar_order=11, shown="esc"),
    A("row.owner", "J", "Owner", "to the owner of the token", "go", "screen", flow="navigate:open_owner",
      panes="tokens", needs=ROWS, bar_order=12),
    A("details.show", "d", "Details", "show or hide the details", "go", "screen review run", method="details",
      panels="toggle_details", bar_order=6),
    A("details.before", "left_square_bracket", "Previous page", "the previous page of the details", "go", "screen",
      panels="page(-1)"),
    A("details.after", "right_square_bracket", "Next page", "the next page of the details", "go", "screen",
      panels="page(1)"),
    A("details.find", "ctrl+f", "Find in details", "a text on any page of the details; enter goes to the next", "go",
      "screen", panels="find", opens=True, yields=True),
    A("export", "E", "Export", "write the rows shown to a file: html, csv, markdown, json", "act", "screen",
      flow="export:export", needs=ROWS, opens=True),
    A("copy.cell", "y", "Copy cell", "the value under the column cursor", "act", "screen", flow="copy:copy_cell",
      needs=ROWS),
    A("copy.rows", "Y", "Copy rows", "the marked rows, or the one under the cursor, with ids", "act", "screen",
      flow="copy:copy_rows", needs=ROWS),
    A("copy.id", "i", "Copy id", "the id of the row under the cursor", "act", "screen", flow="copy:copy_id",
      panes="tokens users policies journal credentials", needs=ROWS),
    A("copy.command", "ctrl+y", "Copy command", "the command line that prints what you see", "act",
      "screen groups", flow="copy:copy_command", method="copy_command", yields=True),
    A("console.open", "o", "Open in console", "this row's page in Atlassian's console", "act", "screen triage",
      flow="console:open_console", method="console"),
    A("note.edit", "e", "Note", "write what it is for, on all marked rows", "act", "screen",
      flow="note:note", panes="tokens users policies changes credentials", needs=DESK, opens=True, acts_on_marks=True,
      bar_order=3),
    A("triage", "t", "Triage", "decide on the tokens shown or marked, the most urgent first", "act", "screen",
      flow="triage:triage", panes="tokens", needs=SHOWN | DESK, opens=True, acts_on_marks=True, bar_order=4),
    A("goal", "B", "Goal", "block tokens in this policy: set or clear the goal", "act", "screen",
      flow="policy:set_goal", panes="policies", needs=DESK, bar_order=4),
    A("note.undo", "u", "Undo", "undo the last note or decision of this session", "act", "screen",
      flow="note:undo"),
    A("pull.start", "ctrl+r", "Pull", "copy the organization again", "act", "screen", flow="pull:pull", needs=ONLINE,
      background=True, bar_order=13),
    A("pull.tokens", "R", "Pull tokens", "read tokens and their owners again, in a few requests", "act", "screen",
      flow="pull:pull_tokens", needs=ONLINE, background=True, yields=True),
    A("commands", "colon,ctrl+p", "Commands", "find any action by its name", "always",
      EVERYWHERE, method="app.command_palette", opens=True, bar_order=7),
    A("help", "question_mark,f1", "Help", "this page", "always", EVERYWHERE,
      method="help", opens=True, bar_order=9),
    A("pull.cancel", "C", "Cancel pull", "stop the running pull; the old snapshot stays", "act", "screen",
      method="cancel_pull"),
    A("move.users", "m", "Move", "review a move of these users, or these tokens' owners, to a policy", "act",
      "screen", flow="move:move", panes="tokens users", needs=ROWS, opens=True, acts_on_marks=True, bar_order=5),
    A("renewal.ask", "a", "Ask to renew", "write letters about what ends soon, and note who was asked", "act", "screen",
      flow="renewal:ask_to_renew", panes="tokens credentials", needs=ROWS | DESK, opens=True, acts_on_marks=True,
      yields=True, bar_order=3),
    A("renewal.lapse", "L", "Let it lapse", "note that what ends soon may end", "act", "screen",
      flow="renewal:let_lapse", panes="tokens credentials", needs=ROWS | DESK, opens=True, acts_on_marks=True,
      yields=True, bar_order=3),
    A("revoke.tokens", "X", "Revoke", "review the revocation of these tokens", "act", "screen", flow="revoke:revoke",
      panes="tokens", needs=ROWS, opens=True, acts_on_marks=True),
    A("plans.open", "P", "Plans", "review the moves and revocations that were decided", "act", "screen",
      flow="plans:open_decided", opens=True),
    A("plans.file", "O", "Open plan file", "review a plan that somebody wrote to a file", "act", "screen",
      flow="plans:open_file", opens=True),
    A("plan.apply", "A", "Apply", "apply the plan, after typing its phrase", "plan", "review", method="apply",
      opens=True, bar_order=1),
    A("plan.drop", "x", "Drop row", "take the row, or the marked rows, out of the plan", "plan", "review",
      method="drop", bar_order=4),
    A("plan.drop_hidden", "H", "Drop hidden", "remove the rows hidden by the filter", "plan", "review",
      method="drop_hidden", bar_order=5),
    A("plan.restore", "u", "Put back", "restore the rows dropped last", "plan", "review", method="restore",
      bar_order=6),
    A("plan.write", "w", "Write plan", "write the plan to a file for a second person", "plan", "review",
      method="write", opens=True, bar_order=6),
    A("plan.sort", "s", "Sort", "by the column under the cursor; again to reverse", "plan", "review", method="sort"),
    A("run.cancel", "C", "Cancel run", "stop after the current batch", "run", "run", method="cancel_run",
      bar_order=1),
    A("run.undo", "u,U", "Undo this run", "review a plan that undoes the run", "run", "run", method="undo_run",
      bar_order=2),
    A("journal.undo", "U", "Undo run", "in the journal: review a plan that undoes a run", "act", "screen",
      flow="undo_run:undo_run", panes="journal", needs=ROWS, opens=True, bar_order=3),
    A("triage.keep", "p", "Keep", "keep it, and say what it is for", "triage", "triage", method="decide('keep')",
      opens=True, bar_order=1),
    A("triage.move", "m", "Move", "move its owner to another policy", "triage", "triage", method="decide('move')",
      opens=True, bar_order=2),
    A("triage.revoke", "r", "Revoke", "revoke it, once its plan is applied", "triage", "triage",
      method="decide('revoke')", bar_order=3),
    A("triage.ask", "a", "Ask", "ask the owner: contact, date, reply by", "triage", "triage", method="decide('ask')",
      opens=True, bar_order=4),
    A("triage.skip", "s", "Skip", "leave it undecided and go on", "triage", "triage", method="skip", bar_order=5),
    A("triage.note", "e", "Note", "edit the whole note", "triage", "triage", method="decide('note')", opens=True,
      bar_order=5),
    A("triage.undo", "u", "Undo", "undo the last decision", "triage", "triage", method="undo", bar_order=5),
    A("triage.down", "j,right", "Next", "the next token, decided or not", "triage", "triage", method="step(1)",
      bar_order=12, shown="j →"),
    A("triage.up", "k,left", "Before", "the previous token", "triage", "triage", method="step(-1)", bar_order=13,
      shown="k ←"),
    A("triage.plans", "P", "Plans", "review the planned moves and revocations", "triage", "triage", method="plans",
      bar_order=14),
    A("triage.skipped", "n", "Skipped", "go through the skipped tokens", "triage", "triage", method="skipped"),
    A("triage.end", "enter", "Go on", "at the end: open the plans", "triage", "triage", method="end"),
    A("triage.scroll_down", "down,ctrl+d,pagedown", "Scroll down", "scroll the card down", "triage", "triage",
      method="scroll(1)"),
    A("triage.scroll_up", "up,ctrl+u,pageup", "Scroll up", "scroll the card up", "triage", "triage",
      method="scroll(-1)"),
    A("run.give_up", "D", "Give up", "close an interrupted run that cannot recover", "run", "run", method="give_up",
      opens=True, bar_order=3),
    A("run.report", "w", "Write report", "write a report for the change ticket", "run", "run readiness",
      method="report", opens=True, bar_order=4),
    A("readiness.open", "c", "Readiness", "what stops if the policy blocks tokens now", "act", "screen",
      flow="readiness:readiness", opens=True, bar_panes="policies", bar_order=3),
    A("readiness.tokens", "f", "Show tokens", "show the tokens of the step", "run", "readiness", method="show_tokens",
      bar_order=2),
    A("plan.quarantine", "t", "Quarantine", "move until a date, on which somebody decides", "plan", "review",
      method="quarantine", opens=True, bar_order=6),
    A("quarantine.open", "Q", "Quarantine", "who is in quarantine, and until when", "act", "screen",
      flow="quarantine:quarantine", opens=True),
    A("quarantine.back", "b", "Put back", "review a plan that moves them back", "run", "quarantine",
      method="put_back", bar_order=1),
    A("quarantine.revoke", "X", "Revoke tokens", "review the revocation of their tokens", "run", "quarantine",
      method="revoke", bar_order=2),
    A("quarantine.stay", "K", "Leave them there", "end it, and leave everybody where they are", "run", "quarantine",
      method="stay", bar_order=3),
    A("quit", "q,ctrl+q", "Quit", "leave", "always", EVERYWHERE,
      method="app.quit", bar_order=10),
    A("run.open", "", "Open run", "the page of the run under the cursor", "go", "screen", flow="undo_run:open_run",
      panes="journal", needs=ROWS, opens=True),
    A("policy.add", "", "Add policy", "record a policy by its id, such as one without members", "act", "screen",
      flow="policy:add", needs=DESK, opens=True),
    A("key.check", "", "Check what the key can do", "asks the organization, read-only", "act", "screen",
      flow="capabilities:check_key", opens=True),
    A("letters.write", "", "Letters to owners", "ask owners what the marked or shown tokens are for", "act",
      "screen", flow="letters:write_letters", panes="tokens", needs=SHOWN | DESK, opens=True),
    A("renewal.undo", "", "Undo take-over", "undo that the rule for renewals let this note continue another", "act",
      "screen", flow="renewal:undo_take_over", panes="tokens credentials", needs=ROWS | DESK),
    A("events.pull", "", "Pull audit events", "continue reading token events from the audit log", "act",
      "screen", flow="pull:pull_events", needs=ONLINE, background=True),
)
# fmt: on

BY_ID = {action.id: action for action in ACTIONS}

OPENING = frozenset(action.textual_action(place) for action in ACTIONS if action.opens for place in action.contexts)
"""As Textual runs them."""

GROUPS = {
    "move": "Move",
    "narrow": "Narrow",
    "mark": "Mark",
    "go": "Go",
    "act": "Act",
    "triage": "Triage",
    "plan": "Plan",
    "run": "Run",
    "always": "Always",
}


def bindings(context: str) -> list[BindingType]:
    """Return Textual's bindings for one context."""
    return [
        Binding(action.keys, action.textual_action(context), action.title, id=action.id, show=False)
        for action in ACTIONS
        if action.keys and context in action.contexts
    ]
