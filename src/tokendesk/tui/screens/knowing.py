"""The keys that write what is known of policies, and the goal."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual import work

from tokendesk.errors import TokendeskError
from tokendesk.model.text import clean
from tokendesk.tui.reading import Reading
from tokendesk.tui.session import Session
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.views.query import Query
from tokendesk.views.reader import Row

if TYPE_CHECKING:
    from textual.screen import Screen as _Base
else:
    _Base = object

SETTINGS = ("unknown", "allowed", "blocked")


class Knowing(_Base):  # type: ignore[type-arg]
    """Mixed into the main screen."""

    query_shown: Query
    session: Session
    _reading: Reading
    _clock: Callable[[], int]

    @property
    def rows(self) -> RecordList:
        raise NotImplementedError

    async def desk_changed(self) -> None:
        raise NotImplementedError

    def _policy(self) -> Row | None:
        row_id = self.rows.row_id
        return self._reading.near.row("policies", row_id, self._clock()) if row_id is not None else None

    async def policy_form(self) -> None:
        """Ask what is known of the policy under the cursor."""
        from tokendesk.tui.screens.form import Form, FormField

        row = self._policy()
        if row is None:
            self.notify("There is no policy here. : and Add policy takes one by its id.", severity="warning")
            return
        policy_id, name = row["policy_id"], clean(row["name"])

        async def save(fields: Mapping[str, str]) -> None:
            written: dict[str, str | None] = dict(fields)
            if written.get("tokens") == "unknown":
                written["tokens"] = None
            await self.session.policy(policy_id, written, f"what was written of policy {name} ({', '.join(fields)})")

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
            self._clock(),
            about=f"{policy_id} · {row['users']:,} users · {row['tokens']:,} tokens",
        )  # fmt: skip
        if await self.app.push_screen_wait(form):
            await self.desk_changed()
            self.notify(f"Policy {name} written. u takes it back.")

    @work
    async def action_goal(self) -> None:
        """Set the goal to block tokens in the policy under the cursor; where it is that already, take it away."""
        from tokendesk.views.goals import the_goal

        goal = the_goal(self._reading.near)
        row = self._policy() if self.query_shown.pane == "policies" else None
        if row is None:
            now = f" Now: block tokens in {clean(goal.name)}." if goal else ""
            self.notify(f"B sets the goal on a policy: open the policies with 3.{now}", severity="warning")
            return
        name = clean(row["name"])
        clears = goal is not None and goal.policy_id == row["policy_id"]
        try:
            if clears:
                await self.session.goal(None, "that the goal was taken away")
            else:
                await self.session.goal(row["policy_id"], f"the goal: block tokens in {name}")
        except TokendeskError as error:
            self.notify(str(error), severity="error", timeout=10)
            return
        await self.desk_changed()
        words = "No goal any more." if clears else f"Goal: block tokens in {name}. Triage begins with its tokens."
        self.notify(f"{words} u takes it back.")

    @work
    async def add_policy(self) -> None:
        """Take down a policy that has no members yet, or that the API does not tell."""
        from tokendesk.tui.screens.form import Form, FormField

        async def save(fields: Mapping[str, str]) -> None:
            written: dict[str, str | None] = {name: value for name, value in fields.items() if name != "policy"}
            if written.get("tokens") == "unknown":
                written["tokens"] = None
            added.append(fields["policy"])
            await self.session.policy(fields["policy"], written, f"that policy {clean(fields['policy'])} was added")

        added: list[str] = []
        form = Form(
            "Add a policy",
            [
                FormField(
                    "policy", "Policy id", hint="From the address of its page in the console.", check=_policy_id
                ),
                FormField("name", "Name", hint="As the console calls it.", check=_name),
                FormField("tokens", "Tokens", "choice", "unknown", words=SETTINGS, hint="u a b, or the arrows."),
                FormField("remarks", "Remarks", "long", hint="Anything else; tab leaves."),
            ],
            save,
            self._clock(),
            verb="Add",
            always=("policy", "name"),
        )  # fmt: skip
        if await self.app.push_screen_wait(form):
            await self.desk_changed()
            self.notify(f"Policy {clean(added[-1])} added. u takes it back.")


def _policy_id(text: str) -> str:
    found = text.strip()
    if not found or any(char.isspace() for char in found):
        raise ValueError("Write the id of the policy: one word, such as 3f2a41c6-….")
    return found


def _name(text: str) -> str:
    if not text.strip():
        raise ValueError("Give it the name by which you will choose it.")
    return text.strip()
