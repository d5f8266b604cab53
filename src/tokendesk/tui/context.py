"""The services of one session, handed to screens and flows."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tokendesk.config import Settings
from tokendesk.model.text import printable
from tokendesk.tui.connection import Connection
from tokendesk.tui.data_source import snapshot_label
from tokendesk.tui.desk_writer import DeskWriter
from tokendesk.tui.marks import Marks
from tokendesk.tui.searching import SearchControl
from tokendesk.tui.store import SnapshotStore
from tokendesk.tui.ui_state import UiState
from tokendesk.views.columns_of_panes import PaneColumn
from tokendesk.views.query import Query


class Clock(NamedTuple):
    """`now` returns epoch seconds, `moment` the time of a run's entries; `sleep` waits between its polls."""

    now: Callable[[], int]
    moment: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class AppContext:
    settings: Settings
    clock: Clock
    store: SnapshotStore
    desk: DeskWriter
    connection: Connection
    marks: Marks
    ui_state: UiState
    recovery: SearchControl

    def now(self) -> int:
        return self.clock.now()

    @property
    def org_title(self) -> str:
        info = self.store.ui_reader.info
        return printable(info.org_name or info.org_id) if info else "no snapshot"

    @property
    def source_label(self) -> str:
        return snapshot_label(self.settings, self.connection.access, self.store.ui_reader.info, self.now())

    def columns_of(self, query: Query) -> tuple[PaneColumn, ...]:
        """Return the columns to show for a query: its own, else those kept for its pane, else the default ones."""
        pane = self.store.ui_reader.panes[query.pane]
        return pane.columns_named(query.columns or self.ui_state.columns(query.pane))
