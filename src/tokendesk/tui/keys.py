"""Every key, once: bindings, key bar, help and the reference are made from this table."""

from typing import NamedTuple

from textual.binding import Binding, BindingType


class Key(NamedTuple):
    """`where`: the places it acts in: screen (the panes), list, review, run, triage; several with a space between.

    `bar`: place in the key bar, 0 for not there; the highest drop first.
    """

    id: str
    keys: str
    action: str
    title: str
    help: str
    group: str
    where: str = "screen"
    bar: int = 0
    shown: str = ""
    writes: bool = False
    """Whether it writes into the desk, which a saved snapshot does not let it."""
    first: bool = False
    """Whether it acts before the next key is taken, so that what is typed right behind it goes where it leads."""

    @property
    def places(self) -> tuple[str, ...]:
        return tuple(self.where.split())

    @property
    def shown_keys(self) -> str:
        return self.shown or " ".join(_NAMES.get(key, key) for key in self.keys.split(","))


_NAMES = {
    "slash": "/", "question_mark": "?", "colon": ":", "left_square_bracket": "[", "right_square_bracket": "]",
    "asterisk": "*", "backslash": "\\", "minus": "-", "pagedown": "pgdn", "pageup": "pgup",
}  # fmt: skip

EVERYWHERE = "screen review run readiness quarantine triage"

KEYS = (
    Key("list.down", "j,down", "cursor_down", "Down", "one row down", "move", "list", shown="j ↓"),
    Key("list.up", "k,up", "cursor_up", "Up", "one row up", "move", "list", shown="k ↑"),
    Key("list.page_down", "ctrl+d,pagedown", "page_down", "Page down", "one page down", "move", "list"),
    Key("list.page_up", "ctrl+u,pageup", "page_up", "Page up", "one page up", "move", "list"),
    Key("list.top", "g,home", "top", "Top", "to the first row", "move", "list"),
    Key("list.bottom", "G,end", "bottom", "Bottom", "to the last row", "move", "list"),
    Key("pane.tokens", "1", "pane('tokens')", "Tokens", "the tokens", "move"),
    Key("pane.users", "2", "pane('users')", "Users", "the users", "move"),
    Key("pane.policies", "3", "pane('policies')", "Policies", "the authentication policies", "move"),
    Key("pane.changes", "4", "pane('changes')", "Changes", "what pulls saw change", "move"),
    Key("pane.journal", "5", "pane('journal')", "Journal", "what was moved and revoked", "move"),
    Key(
        "focus.next",
        "tab",
        "next_part",
        "Next part",
        "scope pane, list, details in turn",
        "move",
        "screen review run readiness",
    ),
    Key(
        "focus.previous",
        "shift+tab",
        "previous_part",
        "Previous part",
        "the same, the other way",
        "move",
        "screen review run readiness",
    ),
    Key("scope.toggle", "b", "toggle_scope", "Scope pane", "show or hide the scope pane", "move"),
    Key("list.zoom", "z", "zoom", "Zoom", "the list alone, or all panes again", "move"),
    Key("column.left", "h,left", "column(-1)", "Column left", "column cursor to the left", "move", "list", shown="h ←"),
    Key(
        "column.right",
        "l,right",
        "column(1)",
        "Column right",
        "column cursor to the right",
        "move",
        "list",
        shown="l →",
    ),
    Key("filter.keep", "f", "keep", "Keep value", "only rows with the value under the column cursor", "narrow"),
    Key("filter.leave_out", "F", "leave_out", "Leave value out", "only rows without that value", "narrow"),
    Key("filter.drop", "backspace", "drop_condition", "Drop condition", "drop the last condition", "narrow"),
    Key("filter.conditions", "x", "conditions", "Drop one", "choose which condition to drop", "narrow"),
    Key("filter.before", "minus", "view_before", "View before", "back to the view before, and again forth", "narrow"),
    Key(
        "filter.save",
        "w",
        "save_filter",
        "Save filter",
        "give the filter a name; it then stands in the scope pane",
        "narrow",
    ),
    Key("sort", "s", "sort", "Sort", "by the column under the cursor; again to reverse", "narrow"),
    Key("sort.more", "S", "sort_more", "Sort further", "by this column too, where the first ones are equal", "narrow"),
    Key(
        "mark.one", "space", "mark", "Mark", "mark the row, or take the mark off, and step down", "mark", "list", bar=2
    ),
    Key("mark.range", "v", "range", "Range", "begin a range; v again marks it, esc ends it", "mark", "list"),
    Key("mark.extend_down", "shift+down", "extend(1)", "Mark downwards", "mark and step down", "mark", "list"),
    Key("mark.extend_up", "shift+up", "extend(-1)", "Mark upwards", "mark and step up", "mark", "list"),
    Key("mark.all", "asterisk", "mark_all", "Mark all", "mark all rows shown", "mark", "list"),
    Key("mark.none", "backslash", "mark_none", "Mark none", "take all marks of this pane off", "mark", "list"),
    Key(
        "filter.edit", "slash", "edit_filter", "Filter", "narrow what is shown as you type", "narrow", bar=1, first=True
    ),
    Key(
        "row.open",
        "enter",
        "open",
        "Open",
        "policy → users → tokens → details",
        "go",
        "list review run readiness quarantine",
        bar=7,
    ),
    Key(
        "view.back",
        "escape",
        "back",
        "Back",
        "out of the filter or the last step in",
        "go",
        EVERYWHERE,
        bar=11,
        shown="esc",
    ),
    Key("row.owner", "J", "owner", "Owner", "to the owner of the token", "go", bar=12),
    Key("details.show", "d", "details", "Details", "show or hide the details", "go", "screen review run", bar=8),
    Key("details.before", "left_square_bracket", "page(-1)", "Page before", "the page of the details before", "go"),
    Key("details.after", "right_square_bracket", "page(1)", "Next page", "the next page of the details", "go"),
    Key("export", "E", "export", "Export", "write what is shown into a file: html, csv, markdown, json", "act"),
    Key("copy.cell", "y", "copy_cell", "Copy cell", "the value under the column cursor", "act"),
    Key("copy.rows", "Y", "copy_rows", "Copy rows", "the marked rows, or the one under the cursor", "act"),
    Key(
        "console.open",
        "o",
        "console",
        "Open in console",
        "the page of Atlassian's console on this row",
        "act",
        "screen triage",
    ),
    Key(
        "note.edit", "e", "note", "Note", "write down what it is for, on all that are marked", "act", bar=3, writes=True
    ),
    Key(
        "triage",
        "t",
        "triage",
        "Triage",
        "decide on the tokens shown or marked, the most urgent first",
        "act",
        bar=4,
        writes=True,
    ),
    Key(
        "goal",
        "B",
        "goal",
        "Goal",
        "block tokens in this policy: set the goal, or take it back",
        "act",
        bar=4,
        writes=True,
    ),
    Key("note.undo", "u", "undo", "Undo", "take back the last note or decision of this session", "act"),
    Key("pull.start", "ctrl+r", "pull", "Pull", "copy the organization again", "act", bar=13),
    Key(
        "commands",
        "colon,ctrl+p",
        "app.command_palette",
        "Commands",
        "find anything by its name",
        "always",
        EVERYWHERE,
        bar=6,
    ),
    Key("help", "question_mark,f1", "help", "Help", "this page", "always", EVERYWHERE, bar=9),
    Key("pull.cancel", "C", "cancel_pull", "Cancel pull", "stop the running pull; the old snapshot stays", "act"),
    Key(
        "move.users",
        "m",
        "move",
        "Move",
        "review a move of these users, or these tokens' owners, to a policy",
        "act",
        bar=5,
    ),
    Key("revoke.tokens", "X", "revoke", "Revoke", "review the revocation of these tokens", "act"),
    Key("plans.open", "P", "plans", "Plans", "review the moves and revocations that were decided", "act"),
    Key("plans.file", "O", "open_plan", "Open plan file", "review a plan that somebody wrote to a file", "act"),
    Key("plan.apply", "A", "apply", "Apply", "do what the plan says, after typing its words", "plan", "review", bar=1),
    Key(
        "plan.drop",
        "x",
        "drop",
        "Drop row",
        "take the row, or the marked rows, out of the plan",
        "plan",
        "review",
        bar=4,
    ),
    Key(
        "plan.drop_hidden",
        "H",
        "drop_hidden",
        "Drop hidden",
        "take out the rows that the filter hid",
        "plan",
        "review",
        bar=5,
    ),
    Key("plan.restore", "u", "restore", "Put back", "put back what was dropped last", "plan", "review", bar=6),
    Key(
        "plan.write",
        "w",
        "write",
        "Write plan",
        "write the plan to a file for a second person",
        "plan",
        "review",
        bar=6,
    ),
    Key("plan.sort", "s", "sort", "Sort", "by the column under the cursor; again to reverse", "plan", "review"),
    Key("run.cancel", "C", "cancel_run", "Cancel run", "stop after the batch that is under way", "run", "run", bar=1),
    Key("run.undo", "u,U", "undo_run", "Undo this run", "review a plan that takes the run back", "run", "run", bar=2),
    Key(
        "run.give_up", "D", "give_up", "Give up", "end a run that broke off and cannot be settled", "run", "run", bar=3
    ),
    Key(
        "journal.undo", "U", "undo_run", "Undo run", "in the journal: review a plan that takes a run back", "act", bar=3
    ),
    Key("triage.keep", "p", "keep", "Keep", "keep it, and say what it is for", "triage", "triage", bar=1),
    Key("triage.move", "m", "move", "Move", "move its owner to another policy", "triage", "triage", bar=2),
    Key("triage.revoke", "r", "revoke", "Revoke", "revoke it, once its plan is applied", "triage", "triage", bar=3),
    Key("triage.ask", "a", "ask", "Ask", "ask the owner: whom, when, until when", "triage", "triage", bar=4),
    Key("triage.skip", "s", "skip", "Skip", "leave it open and go on", "triage", "triage", bar=5),
    Key("triage.note", "e", "note", "Note", "the whole note", "triage", "triage", bar=5),
    Key("triage.undo", "u", "undo", "Undo", "take the last one back", "triage", "triage", bar=5),
    Key(
        "triage.down",
        "j,right",
        "step(1)",
        "Next",
        "the next token, whatever was decided",
        "triage",
        "triage",
        shown="j →",
        bar=12,
    ),
    Key("triage.up", "k,left", "step(-1)", "Before", "the token before", "triage", "triage", shown="k ←", bar=13),
    Key("triage.plans", "P", "plans", "Plans", "review what is to move and to be revoked", "triage", "triage", bar=14),
    Key("triage.skipped", "n", "skipped", "Skipped", "go through the skipped ones", "triage", "triage"),
    Key("triage.end", "enter", "end", "Go on", "at the end: open the plans", "triage", "triage"),
    Key(
        "triage.scroll_down",
        "down,ctrl+d,pagedown",
        "scroll(1)",
        "Scroll down",
        "the card downwards",
        "triage",
        "triage",
    ),
    Key("triage.scroll_up", "up,ctrl+u,pageup", "scroll(-1)", "Scroll up", "the card upwards", "triage", "triage"),
    Key(
        "run.report",
        "w",
        "report",
        "Write report",
        "write a report for the change ticket",
        "run",
        "run readiness",
        bar=4,
    ),
    Key("readiness.open", "c", "readiness", "Readiness", "what stops if the policy blocks tokens now", "act", bar=3),
    Key(
        "readiness.tokens", "f", "show_tokens", "Show tokens", "show the tokens of the step", "run", "readiness", bar=2
    ),
    Key(
        "plan.quarantine",
        "t",
        "quarantine",
        "Quarantine",
        "move only until a day, on which somebody decides",
        "plan",
        "review",
        bar=6,
    ),
    Key("quarantine.open", "Q", "quarantine", "Quarantine", "who is out on trial until when", "act"),
    Key(
        "quarantine.back", "b", "put_back", "Put back", "review a plan that moves them back", "run", "quarantine", bar=1
    ),
    Key(
        "quarantine.revoke",
        "X",
        "revoke",
        "Revoke tokens",
        "review the revocation of their tokens",
        "run",
        "quarantine",
        bar=2,
    ),
    Key(
        "quarantine.stay",
        "K",
        "stay",
        "Leave them there",
        "end it, and leave everybody where they are",
        "run",
        "quarantine",
        bar=3,
    ),
    Key("quit", "q,ctrl+q", "app.quit", "Quit", "leave", "always", EVERYWHERE, bar=10),
)

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


def bindings(where: str) -> list[BindingType]:
    """Return Textual's bindings for one place."""
    return [
        Binding(key.keys, key.action, key.title, id=key.id, show=False, priority=key.first)
        for key in KEYS
        if where in key.places
    ]
