"""Runs flows without the app: a `Ui` that answers their dialogs."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from textual.screen import Screen

from tests.practice import NOW
from tests.running.world import no_sleep
from tokendesk.config import Settings
from tokendesk.running.access import ApiAccess
from tokendesk.snapshot.progress import Progress
from tokendesk.tui.connection import Connection, Offline, Online
from tokendesk.tui.context import AppContext, Clock
from tokendesk.tui.desk_writer import DeskWriter
from tokendesk.tui.flows.base import Notice, Refresh
from tokendesk.tui.marks import Marks
from tokendesk.tui.screens.form import Form
from tokendesk.tui.searching import SearchControl
from tokendesk.tui.selection import Selection
from tokendesk.tui.store import SnapshotStore
from tokendesk.tui.ui_state import UiState
from tokendesk.views.query import Query

Dialog = TypeVar("Dialog", bound=Screen[Any])
Answer = tuple[type[Screen[Any]], Callable[[Any], Awaitable[Any]]]


def answer(kind: type[Dialog], value: object) -> Answer:
    """The dialog is left with `value`."""
    return answer_by(kind, lambda _: value)


def answer_by(kind: type[Dialog], choose: Callable[[Dialog], object]) -> Answer:
    """The dialog is left with what is chosen from it."""

    async def chosen(dialog: Dialog) -> object:
        return choose(dialog)

    return kind, chosen


def fill(**fields: str) -> Answer:
    """The form is saved with these fields."""

    async def saved(form: Form) -> bool:
        await form.save(fields)
        return True

    return Form, saved


class ScriptedUi:
    """Answers the dialogs in order, and fails on one that was not expected. It stands in for Textual."""

    def __init__(self, ctx: AppContext, *answers: Answer) -> None:
        self._ctx = ctx
        self._answers = [*answers]
        self.asked: list[Screen[Any]] = []
        self.notices: list[Notice] = []
        self.copied: list[str] = []

    @property
    def is_done(self) -> bool:
        """Whether every dialog that was expected came."""
        return not self._answers

    async def ask(self, dialog: Screen[Any]) -> Any:
        assert self._answers, f"{type(dialog).__name__} was not expected"
        kind, answered = self._answers.pop(0)
        assert isinstance(dialog, kind), f"{type(dialog).__name__} came, {kind.__name__} was expected"
        self.asked.append(dialog)
        return await answered(dialog)

    def last(self, kind: type[Dialog]) -> Dialog:
        """Return the last dialog, which is of this kind."""
        dialog = self.asked[-1]
        assert isinstance(dialog, kind)
        return dialog

    def notify(self, notice: Notice) -> None:
        self.notices.append(notice)

    async def refresh(self, what: Refresh) -> None:
        if what is Refresh.FILES or not self._ctx.store.ui_reader.has_desk:
            await self._ctx.store.reopen()

    def activity(self, title: str, keys: str = "") -> "SilentActivity":
        return SilentActivity()

    async def copy(self, text: str) -> str:
        self.copied.append(text)
        return "here"


class SilentActivity:
    def say(self, words: str) -> None: ...
    def progress(self, progress: Progress) -> None: ...
    def waiting(self, why: str, seconds: float) -> None: ...
    def end(self) -> None: ...


@asynccontextmanager
async def context_of(settings: Settings, access: ApiAccess | None = None) -> AsyncIterator[AppContext]:
    """The services of a session, on real files."""
    state = Online(access) if access is not None else Offline("There is no connection here.")
    clock = Clock(lambda: int(NOW.timestamp()), lambda: NOW, no_sleep)
    store = SnapshotStore(settings.paths, settings.thresholds)
    try:
        yield AppContext(
            settings, clock, store, DeskWriter(settings, clock.now), Connection(state), Marks(),
            UiState(settings.paths.ui), SearchControl(),
        )  # fmt: skip
    finally:
        store.close()


def select(ctx: AppContext, pane: str, text: str = "", *, mark: int = 0, column: str | None = None) -> Selection:
    """Return the rows that `text` finds, with the cursor on the first one and the first `mark` of them marked."""
    reader, query = ctx.store.ui_reader, Query(pane, filter=text)
    ids = reader.ids(query, ctx.now())
    record = reader.records(pane, ids[:1])[ids[0]] if ids else None
    marked = frozenset(reader.records(pane, ids[:mark]).values())
    return Selection(query, ctx.store.generation, ids, ids[0] if ids else None, column, record, marked)
