"""The decisions of a triage: what each key asks, writes and says."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from textual import work

from tokendesk.errors import TokendeskError
from tokendesk.model.days import EXAMPLES, read_day
from tokendesk.model.moments import ago, is_recent
from tokendesk.model.text import clean
from tokendesk.tui.queue import Queue
from tokendesk.tui.session import Session
from tokendesk.views.reader import Reader, Row

if TYPE_CHECKING:
    from textual.screen import Screen as _Base
else:
    _Base = object

REPLY_IN = "14d"


class Deciding(_Base):  # type: ignore[type-arg]
    """Mixed into the triage screen."""

    queue: Queue
    session: Session
    turn: asyncio.Lock
    _clock: Callable[[], int]

    @property
    def reader(self) -> Reader:
        raise NotImplementedError

    def token(self) -> Row | None:
        raise NotImplementedError

    def go_on(self) -> None:
        raise NotImplementedError

    def draw(self) -> None:
        raise NotImplementedError

    def say_end(self) -> None:
        raise NotImplementedError

    async def after_writing(self, words: str) -> None:
        raise NotImplementedError

    def _here(self) -> Row | None:
        """Return the token on the card; where there is none, say so."""
        token = self.token()
        if token is None and self.queue.at is not None:
            self.notify("This token is gone: the last pull did not list it. s skips it.", severity="warning")
        elif token is None:
            self.say_end()
        return token

    async def _decide(self, token: Row, fields: Mapping[str, str | bool | None], words: str) -> None:
        """Write the decision and go to the next open token."""
        try:
            await self._write(token, fields, words)
        except TokendeskError as error:
            self.notify(str(error), severity="error", timeout=10)
            return
        await self._written(token, words)

    async def _write(self, token: Row, fields: Mapping[str, str | bool | None], words: str) -> None:
        await self.session.note("token", [token["token_id"]], fields, f"{words} on {_name(token)}")

    async def _written(self, token: Row, words: str) -> None:
        await self.after_writing(f"{words}: {_name(token)}. u takes it back.")
        self.go_on()

    @work
    async def action_keep(self) -> None:
        await self._in_turn(self._keep)

    @work
    async def action_revoke(self) -> None:
        await self._in_turn(self._revoke)

    @work
    async def action_move(self) -> None:
        await self._in_turn(self._move)

    @work
    async def action_ask(self) -> None:
        await self._in_turn(self._ask)

    @work
    async def action_note(self) -> None:
        await self._in_turn(self._note)

    async def _in_turn(self, decide: Callable[[Row], Awaitable[None]]) -> None:
        """Decide on the token on the card once the decision before is written: keys may come faster than that."""
        async with self.turn:
            token = self._here()
            if token is not None:
                await decide(token)

    async def _keep(self, token: Row) -> None:
        from tokendesk.tui.screens.pick import Pick
        from tokendesk.views.notes import suggested_purposes

        offers = suggested_purposes(self.reader, [token["label"]])
        purpose = await self.app.push_screen_wait(
            Pick(
                f"Keep {_name(token)}",
                "What is it for? Your colleagues will read this.",
                [(offer.text, offer.why) for offer in offers],
                text=token["purpose"] or "",
                empty="(without a purpose)",
                verb="Keep",
                likely=sum("labelled" in offer.why for offer in offers),
            )
        )
        if purpose is None:
            return
        fields = {"decision": "keep", "target": None}
        if purpose != (token["purpose"] or ""):
            fields["purpose"] = purpose
        await self._decide(token, fields, "keep")

    async def _revoke(self, token: Row) -> None:
        used, now = token["last_used"], self._clock()
        is_used = is_recent(used, self.reader.limits.in_use, now)
        words = f"revoke, though used {ago(used, now)}" if is_used else "revoke"
        await self._decide(token, {"decision": "revoke", "target": None}, words)

    async def _move(self, token: Row) -> None:
        from tokendesk.tui.screens.policy_picker import PolicyPicker
        from tokendesk.views.policies import policy_choices

        owner = clean(token["owner"] or "unknown")
        if token["user"] is None:
            self.notify(f"{owner} is not among the managed users, and cannot be moved.", severity="warning")
            return
        others = token["owner_tokens"] - 1
        more = (
            ""
            if others <= 0
            else f" {others:,} other token{'s' * (others > 1)} of {owner} move{'s' * (others == 1)} too."
        )
        choices = policy_choices(self.reader)
        target = await self.app.push_screen_wait(
            PolicyPicker(f"Move {owner}", f"Now in {clean(token['policy_name'] or 'no known policy')}.{more}", choices)
        )
        if target is None:
            return
        name = next(choice.name for choice in choices if choice.policy_id == target)
        if target == token["policy_id"]:
            self.notify(f"{owner} is in {name} already. p keeps the token there.", severity="warning")
            return
        await self._decide(token, {"decision": "move", "target": target}, f"move to {name}")

    async def _ask(self, token: Row) -> None:
        from tokendesk.tui.screens.form import Form, FormField
        from tokendesk.views.notes import contact_of, used_before

        contact, now = contact_of(self.reader, token), self._clock()
        begin = {
            "contact": contact.text,
            "asked_on": token["asked_on"] or read_day("today", now) or "",
            "reply_by": token["reply_by"] or read_day(REPLY_IN, now) or "",
        }

        async def save(fields: Mapping[str, str]) -> None:
            await self._write(token, {"decision": "ask", "target": None, **fields}, "ask")

        form = Form(
            f"Ask about {_name(token)}",
            [
                FormField(
                    "contact", "Contact", "text", begin["contact"],
                    offers=[offer.text for offer in used_before(self.reader, "contact")],
                    hint=f"Whom to ask ({clean(contact.why)}).",
                ),
                FormField("asked_on", "Asked on", "day", begin["asked_on"], hint=f"today, or {EXAMPLES}."),
                FormField("reply_by", "Reply by", "day", begin["reply_by"], hint=f"Overdue after it: {EXAMPLES}."),
                FormField("answer", "Answer", "text", token["answer"] or "", hint="What they said, once they did."),
            ],
            save,
            now,
            verb="Ask",
            always=tuple(begin),
        )  # fmt: skip
        if await self.app.push_screen_wait(form):
            await self._written(token, "ask")

    async def _note(self, token: Row) -> None:
        from tokendesk.tui.screens.noting import ask_for_note

        before = self.queue.decided.get(token["token_id"])
        words = await ask_for_note(self.app, self.reader, self.session, "token", [token["token_id"]], self._clock())
        if not words:
            return
        await self.after_writing(f"{words} u takes it back.")
        if before is None and token["token_id"] in self.queue.decided:
            self.go_on()
        self.draw()


def _name(token: Row) -> str:
    return clean(token["label"]) or "(no label)"
