"""The decisions of triage. Each returns a sentence on what it wrote, empty if nothing."""

from collections.abc import Mapping

from tokendesk.errors import Refused
from tokendesk.model.dates import EXAMPLES, read_day
from tokendesk.model.text import printable
from tokendesk.model.timestamps import ago, is_recent
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import Ui
from tokendesk.views.reader import Row

REPLY_IN = "14d"


async def keep(ctx: AppContext, ui: Ui, token: Row) -> str:
    from tokendesk.tui.screens.suggest import SuggestDialog
    from tokendesk.views.notes import suggested_purposes

    suggestions = await ctx.store.query(lambda reader: suggested_purposes(reader, [token["label"]]))
    pick = SuggestDialog(
        f"Keep {token_name(token)}",
        "What is it for? Your colleagues will read this.",
        [(offer.text, offer.why) for offer in suggestions],
        text=token["purpose"] or "",
        empty="(without a purpose)",
        verb="Keep",
        likely=sum("labelled" in offer.why for offer in suggestions),
    )
    purpose = await ui.ask(pick)
    if purpose is None:
        return ""
    fields = {"decision": "keep", "target": None}
    if purpose != (token["purpose"] or ""):
        fields["purpose"] = purpose
    return await _write(ctx, token, fields, "keep")


async def revoke(ctx: AppContext, _: Ui, token: Row) -> str:
    used, now = token["last_used"], ctx.now()
    is_used = is_recent(used, ctx.store.ui_reader.thresholds.in_use, now)
    words = f"revoke, though used {ago(used, now)}" if is_used else "revoke"
    return await _write(ctx, token, {"decision": "revoke", "target": None}, words)


async def move(ctx: AppContext, ui: Ui, token: Row) -> str:
    from tokendesk.tui.screens.policy_picker import PolicyPicker
    from tokendesk.views.policies import policy_choices

    owner = printable(token["owner"] or "unknown")
    if token["user"] is None:
        raise Refused(f"{owner} is not among the managed users, and cannot be moved.")
    others = token["owner_tokens"] - 1
    more = ""
    if others > 0:
        more = f" {others:,} other token{'s' * (others > 1)} of {owner} move{'s' * (others == 1)} too."
    choices = await ctx.store.query(policy_choices)
    where = printable(token["policy_name"] or "no known policy")
    target = await ui.ask(PolicyPicker(f"Move {owner}", f"Now in {where}.{more}", choices))
    if target is None:
        return ""
    name = next(choice.name for choice in choices if choice.policy_id == target)
    if target == token["policy_id"]:
        raise Refused(f"{owner} is in {name} already. p keeps the token there.")
    return await _write(ctx, token, {"decision": "move", "target": target}, f"move to {name}")


async def ask(ctx: AppContext, ui: Ui, token: Row) -> str:
    from tokendesk.tui.screens.form import Form, FormField
    from tokendesk.views.notes import contact_of, used_before

    now = ctx.now()
    contact, used = await ctx.store.query(lambda reader: (contact_of(reader, token), used_before(reader, "contact")))
    begin = {
        "contact": contact.text,
        "asked_on": token["asked_on"] or read_day("today", now) or "",
        "reply_by": token["reply_by"] or read_day(REPLY_IN, now) or "",
    }

    async def save(fields: Mapping[str, str]) -> None:
        await _write(ctx, token, {"decision": "ask", "target": None, **fields}, "ask")

    form = Form(
        f"Ask about {token_name(token)}",
        [
            FormField(
                "contact", "Contact", "text", begin["contact"],
                suggestions=[offer.text for offer in used],
                hint=f"Whom to ask ({printable(contact.why)}).",
            ),
            FormField("asked_on", "Asked on", "day", begin["asked_on"], hint=f"today, or {EXAMPLES}."),
            FormField("reply_by", "Reply by", "day", begin["reply_by"], hint=f"Overdue after it: {EXAMPLES}."),
            FormField("answer", "Answer", "text", token["answer"] or "", hint="What they answered."),
        ],
        save,
        now,
        verb="Ask",
        always=tuple(begin),
    )  # fmt: skip
    return _written(token, "ask") if await ui.ask(form) else ""


async def note(ctx: AppContext, ui: Ui, token: Row) -> str:
    from tokendesk.tui.flows.note import ask_for_note

    words = await ask_for_note(ctx, ui, "token", [token["token_id"]])
    return f"{words} u takes it back." if words else ""


DECISIONS = {"keep": keep, "revoke": revoke, "move": move, "ask": ask, "note": note}


def token_name(token: Row) -> str:
    return printable(token["label"]) or "(no label)"


async def _write(ctx: AppContext, token: Row, fields: Mapping[str, str | bool | None], words: str) -> str:
    await ctx.desk.note("token", [token["token_id"]], fields, f"{words} on {token_name(token)}")
    return _written(token, words)


def _written(token: Row, words: str) -> str:
    return f"{words}: {token_name(token)}. u takes it back."
