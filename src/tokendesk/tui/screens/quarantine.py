"""The page of quarantines, due ones first, and the keys to end them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tokendesk.desk.runs import KEEP, PUT_BACK, REVOKE
from tokendesk.model.dates import describe_day
from tokendesk.reporting.plan_text import QUARANTINE
from tokendesk.tui.actions import bindings
from tokendesk.tui.base_screens import PageScreen
from tokendesk.tui.row_table import RowTable
from tokendesk.tui.screens.help import HelpScreen
from tokendesk.tui.widgets.lines import KeyBar, TitleLine
from tokendesk.tui.widgets.record_list import RecordList
from tokendesk.tui.widgets.too_small import TooSmall
from tokendesk.views.columns import Column
from tokendesk.views.quarantine import Quarantine

OPEN = "open"


@dataclass(frozen=True, slots=True)
class Answered:
    """The chosen answer to a run's quarantine: put-back, revoke, keep, or open its page."""

    run_id: str
    how: str


class QuarantineScreen(PageScreen[Answered | None]):
    CSS_PATH = "grouped_rows.tcss"
    PLACE = "quarantine"
    BINDINGS = bindings("quarantine")

    def __init__(
        self, found: Sequence[Quarantine], titles: Mapping[str, str], path: Sequence[str], source: str, now: int
    ) -> None:
        super().__init__()
        self._found = found
        self._titles = titles
        self._path = path
        self._source = source
        self._now = now

    def compose(self) -> ComposeResult:
        yield TitleLine(id="title")
        yield RecordList(id="list")
        yield Static(QUARANTINE, id="standing", markup=False)
        yield KeyBar(id="keys", place=self.PLACE)
        yield TooSmall()

    def on_mount(self) -> None:
        self.query_one(TitleLine).set_parts([*self._path, "Quarantine"], self._source)
        rows = self.query_one(RecordList)
        rows.border_title = Content("In quarantine")
        due = sum(each.is_due(self._now) for each in self._found)
        rows.border_subtitle = Content(f"{len(self._found):,}, {due:,} due" if due else f"{len(self._found):,}")
        table = RowTable(self._found, _columns(self._titles, self._now))
        rows.show(range(len(self._found)), columns=table.columns, fetch=table.fetch)
        rows.focus()

    def _answer(self, how: str) -> None:
        at = self.query_one(RecordList).row_id
        if at is not None:
            self.dismiss(Answered(self._found[at].run_id, how))

    def on_record_list_opened(self) -> None:
        self._answer(OPEN)

    def action_open(self) -> None:
        self._answer(OPEN)

    def action_put_back(self) -> None:
        self._answer(PUT_BACK)

    def action_revoke(self) -> None:
        self._answer(REVOKE)

    def action_stay(self) -> None:
        self._answer(KEEP)

    def action_back(self) -> None:
        self.dismiss(None)

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(None, self.PLACE))


def _columns(titles: Mapping[str, str], now: int) -> tuple[Column[Quarantine], ...]:
    def until(each: Quarantine) -> str:
        return f"{describe_day(each.until, now)}{' DUE' if each.is_due(now) else ''}"

    return (
        Column("until", "Until", 26, until, tone=lambda each, _: "bad" if each.is_due(now) else ""),
        Column("title", "What", 24, lambda each: titles.get(each.run_id, each.run_id[:8]), grow=3, priority=1),
        Column("users", "Users", 6, lambda each: f"{len(each.account_ids):,}", priority=3, right=True),
        Column("tokens", "Tokens", 6, lambda each: f"{len(each.token_ids):,}", priority=4, right=True),
        Column("used", "Used since", 10, lambda each: f"{len(each.used):,}", priority=2, right=True,
               tone=lambda each, _: "bad" if each.used else "dim"),
        Column("apart", "Not surely stopped", 18, lambda each: each.kept_apart or "none", 1, 2,
               tone=lambda each, _: "warn" if each.kept_apart else "dim"),
    )  # fmt: skip
