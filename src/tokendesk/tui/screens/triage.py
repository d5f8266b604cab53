"""The triage page: one token at a time, most urgent first, decided by one key."""

import asyncio
from collections.abc import Sequence

from rich.cells import cell_len
from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tokendesk.errors import Refused, TokendeskError
from tokendesk.model.text import printable
from tokendesk.tui.actions import bindings
from tokendesk.tui.base_screens import PageScreen
from tokendesk.tui.context import AppContext
from tokendesk.tui.flows.base import Refresh, Ui, failure, warning
from tokendesk.tui.triage_queue import TriageQueue
from tokendesk.tui.widgets.columns import fit_text
from tokendesk.tui.widgets.facts import draw_sections
from tokendesk.tui.widgets.lines import KeyBar, TextLine, TitleLine
from tokendesk.tui.widgets.summary import progress, summary
from tokendesk.tui.widgets.too_small import TooSmall
from tokendesk.views.decisions import decisions, moves
from tokendesk.views.details import details
from tokendesk.views.facts import TABS, Details, Fact, Section
from tokendesk.views.goals import describe_goal
from tokendesk.views.reader import Reader, Row
from tokendesk.views.triage import describe_triage_order, triage_groups

_BESIDE = TABS[1:]
_DECIDING = {"triage.keep", "triage.move", "triage.revoke", "triage.ask", "triage.skip", "triage.note", "triage.down"}


class TriageScreen(PageScreen[str | None]):
    """Dismisses with the id of the current token; `plans` says whether to open the plans next."""

    CSS_PATH = "triage.tcss"
    BINDINGS = bindings("triage")
    PLACE = "triage"

    def __init__(self, ctx: AppContext, ui: Ui, records: Sequence[str], *, path: Sequence[str], source: str) -> None:
        super().__init__()
        self._ctx = ctx
        self._ui = ui
        self._records = records
        self._path = path
        self._source = source
        self.queue = TriageQueue((), {})
        self.turn = asyncio.Lock()
        self.plans = False
        self._said = self._goal = ""

    def compose(self) -> ComposeResult:
        yield TitleLine(id="triage-title")
        yield TextLine(id="triage-progress")
        yield Static(id="triage-last", markup=False)
        with Horizontal(id="triage-body"):
            with VerticalScroll(id="card"):
                yield Static(id="card-text", markup=False)
            with VerticalScroll(id="beside", can_focus=False):
                yield Static(id="beside-text", markup=False)
        yield KeyBar(id="triage-keys", place="triage")
        yield TooSmall()

    @property
    def reader(self) -> Reader:
        return self._ctx.store.ui_reader

    async def on_mount(self) -> None:
        now = self._ctx.now()

        def begin(reader: Reader) -> TriageQueue:
            records = reader.records("tokens", sorted(reader.rows_of("tokens", self._records)))
            rows = {record: row_id for row_id, record in records.items()}
            ids = [rows[record] for record in self._records if record in rows]
            groups = triage_groups(reader, ids, now)
            named = [(group.title, [records[row_id] for row_id in group.ids]) for group in groups]
            return TriageQueue(named, decisions(reader))

        self.queue = await self._ctx.store.query(begin)
        self.queue.begin(*self._ctx.ui_state.triage())
        self._goal = await self._ctx.store.query(lambda reader: describe_goal(reader, now) or "")
        self.query_one("#card").focus()
        self._said = describe_triage_order(self.reader)
        self.draw()

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw)

    # --- what it shows

    def token(self) -> Row | None:
        """The token on the card; None at the end."""
        row_id = self.reader.find("tokens", self.queue.current) if self.queue.current is not None else None
        return self.reader.row("tokens", row_id, self._ctx.now()) if row_id is not None else None

    def say(self, words: str) -> None:
        self._said = words

    def draw(self) -> None:
        queue, now = self.queue, self._ctx.now()
        self.query_one("#triage-title", TitleLine).set_parts([*self._path, "Triage"], self._source)
        line = self.query_one("#triage-progress", TextLine)
        done = progress(queue.count_decided, len(queue.ids), queue.counts(), queue.count_skipped, line.size.width)
        room = line.size.width - done.cell_length - 3
        goal = fit_text(self._goal, room, right=True) if cell_len(self._goal) <= room else ""
        line.say(Content.assemble(done, "  ", (goal, "$text-accent")))
        self.query_one("#triage-last", Static).update(Content(self._said[:1].upper() + self._said[1:]))
        self.set_class(queue.current is None, "at-end")
        self.query_one(KeyBar).set_state(off=_DECIDING if queue.current is None else ())
        if queue.current is None:
            self._draw_end()
        else:
            self._draw_card(queue.current, now)

    def _draw_card(self, token: str, now: int) -> None:
        card, beside = self.query_one("#card"), self.query_one("#beside")
        row_id = self.reader.find("tokens", token)
        found = details(self.reader, "tokens", row_id, now) if row_id is not None else None
        if found is None:
            found = Details("gone", (Section("", (Fact("status", "gone: the last pull did not list this token"),)),))
        card.border_title = Content(found.title)
        card.border_subtitle = Content(f"{self.queue.place:,} of {len(self.queue.ids):,}")
        beside.border_title = Content("Owner and history")
        wide = self.has_class("-wide") or self.has_class("-full")
        decided = self.queue.decided.get(token)
        banner = Content.assemble(
            ("now because ", "$muted"),
            (self.queue.why(), "bold"),
            ("\ndecided     " if decided else "", "$muted"),
            (decided or "", "bold $text-success"),
        )
        width = card.scrollable_content_region.width - 1
        parts = [banner, draw_sections(found.page("Facts"), width)]
        rest = [section for tab in _BESIDE for section in found.page(tab)]
        if not wide:
            parts.append(draw_sections(rest, width))
        self.query_one("#card-text", Static).update(Content("\n\n").join(part for part in parts if part.plain))
        if wide:
            text = draw_sections(rest, beside.scrollable_content_region.width - 1)
            self.query_one("#beside-text", Static).update(text)
        card.scroll_home(animate=False)
        beside.scroll_home(animate=False)

    def _draw_end(self) -> None:
        card = self.query_one("#card")
        card.border_title = Content("Done" if not self.queue.count_skipped else "At the end")
        card.border_subtitle = ""
        text = summary(
            self.queue.counts(), moves(self.reader, self.queue.ids), len(self.queue.ids), self.queue.count_skipped
        )
        self.query_one("#card-text", Static).update(text)
        card.scroll_home(animate=False)

    # --- moving

    def advance(self) -> None:
        """Go to the next undecided token, or to the summary at the end."""
        self.queue.advance()
        self.keep_place()
        self.draw()

    def keep_place(self) -> None:
        self._ctx.ui_state.leave_triage(self.queue.current, sorted(self.queue.skipped))

    def action_step(self, step: int) -> None:
        if not self.queue.ids:
            return
        if not self.queue.step(step):
            if step > 0:
                self.queue.current = None
            self.say("This is the first token." if step < 0 else "You reached the end.")
        self.draw()

    def action_skip(self) -> None:
        if self.queue.current is None:
            self.say_end()
            return
        self.queue.skipped.add(self.queue.current)
        self.say("Skipped: the next triage shows it after the others.")
        self.advance()

    def action_skipped(self) -> None:
        """Go through the skipped tokens."""
        if not self.queue.count_skipped:
            self.notify("Nothing is skipped.")
            return
        self.queue.skipped.clear()
        self.queue.current = None
        self.advance()

    def action_help(self) -> None:
        from tokendesk.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(None, "triage"))

    @work
    async def action_console(self) -> None:
        from tokendesk.tui.flows.console import open_page

        outcome = await open_page(self._ctx, self._ui, "tokens", self.token())
        if outcome.notice is not None:
            self._ui.notify(outcome.notice)

    def action_scroll(self, step: int) -> None:
        card = self.query_one("#card", VerticalScroll)
        half = max(1, card.size.height // 2)
        for pane in (card, self.query_one("#beside", VerticalScroll)):
            pane.scroll_relative(y=step * half, animate=False)

    def say_end(self) -> None:
        self.say("You reached the end. k goes back to the last token, esc to the list.")
        self.draw()

    def action_back(self) -> None:
        self.keep_place()
        self.dismiss(self.queue.current)

    def action_plans(self) -> None:
        """Leave, and open the plans of the decisions."""
        counts = self.queue.counts()
        if not counts["move"] and not counts["revoke"]:
            self.notify("Nothing to plan: no move or revocation was decided here yet.", severity="warning")
            return
        self.plans = True
        self.action_back()

    def action_end(self) -> None:
        if self.queue.current is None:
            self.action_plans()
        else:
            self.notify("p keeps, m moves, r revokes, a asks, s skips; P opens the plans.")

    @work
    async def action_decide(self, how: str) -> None:
        async with self.turn:  # keys may come faster than a decision is written
            await self._decide(how)

    async def _decide(self, how: str) -> None:
        from tokendesk.tui.flows.decide import DECISIONS

        token = self.token()
        if token is None and self.queue.current is not None:
            self._ui.notify(warning("This token is gone: the last pull did not list it. s skips it."))
        elif token is None:
            self.say_end()
        else:
            before = self.queue.decided.get(token["token_id"])
            try:
                words = await DECISIONS[how](self._ctx, self._ui, token)
            except Refused as error:
                self._ui.notify(warning(str(error)))
                return
            except TokendeskError as error:
                self._ui.notify(failure(error))
                return
            if words:
                await self._after_writing(words)
                if how != "note" or (before is None and token["token_id"] in self.queue.decided):
                    self.advance()
                else:
                    self.draw()

    @work
    async def action_undo(self) -> None:
        async with self.turn:
            await self._undo()

    async def _undo(self) -> None:
        try:
            undone = await self._ctx.desk.undo()
        except TokendeskError as error:
            self._ui.notify(failure(error))
            return
        if undone is None:
            self._ui.notify(warning("Nothing to undo in this session."))
            return
        await self._after_writing(f"Undone: {undone.words}.")
        if len(undone.records) == 1:
            self.queue.go_to(undone.records[0])
        self.draw()

    async def _after_writing(self, words: str) -> None:
        """Reload the decisions; `words` say what was written."""
        if not self.reader.has_desk:
            await self._ui.refresh(Refresh.FILES)
        now = self._ctx.now()
        # In one query: the decisions and the card must never disagree.
        self.queue.decided, self._goal = await self._ctx.store.query(
            lambda reader: (decisions(reader), describe_goal(reader, now) or "")
        )
        self.say(printable(words))
