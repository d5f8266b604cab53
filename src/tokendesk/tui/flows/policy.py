"""Records names and settings of policies, and the goal."""

from collections.abc import Mapping

from tokendesk.model.counting import counted
from tokendesk.model.text import printable
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import NOTHING, Notice, Outcome, Refresh, Ui, refused
from tokendesk.tui.flows.subjects import row_under_cursor
from tokendesk.tui.selection import Selection
from tokendesk.views.reader import Row

SETTINGS = ("unknown", "allowed", "blocked")


async def describe(ctx: AppContext, ui: Ui, selection: Selection) -> Outcome:
    """Ask for name and setting of the policy under the cursor."""
    from tokendesk.tui.screens.form import Form, FormField

    row = _policy(ctx, selection)
    if row is None:
        return refused("There is no policy here. Record one by its id with : Add policy.")
    policy_id, name = row["policy_id"], printable(row["name"])

    async def save(fields: Mapping[str, str]) -> None:
        words = f"what was written of policy {name} ({', '.join(fields)})"
        await ctx.desk.policy(policy_id, _as_written(fields), words)

    form = Form(
        f"Policy {name}",
        [
            FormField("name", "Name", value=row["known"] or "", hint="As the console calls it."),
            FormField(
                "tokens", "Tokens", "choice", row["setting"] or "unknown", words=SETTINGS,
                hint="What the console says under User API tokens: u a b, or the arrows.",
            ),
            FormField("remarks", "Remarks", "long", row["remarks"] or "", hint="Anything else; tab leaves."),
        ],
        save,
        ctx.now(),
        about=f"{policy_id} · {counted(row['users'], 'user')} · {counted(row['tokens'], 'token')}",
    )  # fmt: skip
    if not await ui.ask(form):
        return NOTHING
    return Outcome(Refresh.DESK, notice=Notice(f"Policy {name} written. u takes it back."))


async def set_goal(ctx: AppContext, _: Ui, selection: Selection) -> Outcome:
    """Set the goal to block tokens in the policy under the cursor, or clear it if it is the goal."""
    from tokendesk.views.goals import current_goal

    goal, row = current_goal(ctx.store.ui_reader), _policy(ctx, selection)
    if row is None:
        return refused("There is no policy here.")
    name = printable(row["name"])
    if goal is not None and goal.policy_id == row["policy_id"]:
        await ctx.desk.goal(None, "that the goal was cleared")
        words = "The goal is cleared."
    else:
        await ctx.desk.goal(row["policy_id"], f"the goal: block tokens in {name}")
        words = f"Goal: block tokens in {name}. Triage begins with its tokens."
    return Outcome(Refresh.DESK, notice=Notice(f"{words} u takes it back."))


async def add(ctx: AppContext, ui: Ui, _: Selection) -> Outcome:
    """Record a policy without members, or one that the API does not return."""
    from tokendesk.tui.screens.form import Form, FormField

    added: list[str] = []

    async def save(fields: Mapping[str, str]) -> None:
        policy_id = fields["policy"]
        known = {name: value for name, value in fields.items() if name != "policy"}
        added.append(policy_id)
        await ctx.desk.policy(policy_id, _as_written(known), f"that policy {printable(policy_id)} was added")

    form = Form(
        "Add a policy",
        [
            FormField("policy", "Policy id", hint="From the address of its page in the console.", check=_policy_id),
            FormField("name", "Name", hint="As the console calls it.", check=_name),
            FormField("tokens", "Tokens", "choice", "unknown", words=SETTINGS, hint="u a b, or the arrows."),
            FormField("remarks", "Remarks", "long", hint="Anything else; tab leaves."),
        ],
        save,
        ctx.now(),
        verb="Add",
        always=("policy", "name"),
    )
    if not await ui.ask(form):
        return NOTHING
    return Outcome(Refresh.DESK, notice=Notice(f"Policy {printable(added[-1])} added. u takes it back."))


def _policy(ctx: AppContext, selection: Selection) -> Row | None:
    return row_under_cursor(ctx, selection) if selection.pane == "policies" else None


def _as_written(fields: Mapping[str, str]) -> dict[str, str | None]:
    """Return the fields as the desk stores them, with None for *unknown*."""
    return {name: None if (name, value) == ("tokens", "unknown") else value for name, value in fields.items()}


def _policy_id(text: str) -> str:
    found = text.strip()
    if not found or any(char.isspace() for char in found):
        raise ValueError("Write the id of the policy: one word, such as 3f2a41c6-….")
    return found


def _name(text: str) -> str:
    if not text.strip():
        raise ValueError("Type the name by which you will choose it.")
    return text.strip()
