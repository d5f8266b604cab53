"""Completes the browser after its first frame: remaining widgets, connection, file watching."""

from functools import partial
from typing import TYPE_CHECKING, cast

from textual.widget import MountError

from tokendesk.tui.data_source import changes_live_org
from tokendesk.tui.file_watcher import SECONDS, follow_files
from tokendesk.tui.selection import Selection
from tokendesk.tui.startup import read_deferred_sheet, resume_gc
from tokendesk.tui.widgets.lines import TextLine
from tokendesk.tui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from tokendesk.tui.app import TokendeskApp
    from tokendesk.tui.screens.main import MainScreen


async def complete(screen: "MainScreen") -> None:
    view = screen.view
    resume_gc()
    app = cast("TokendeskApp", screen.app)
    read_deferred_sheet(app)
    try:
        with app.batch_update():
            await view.panels.mount_panes()
            await view.filter_bar.mount_input(view.completions.complete)
            await screen.mount(TextLine(id="activity"), before="#filter-row")
            await screen.mount(TooSmall())
            screen.add_class("complete")
            _show_whether_live(screen)
    except MountError:
        return  # the program exited during start-up
    if screen.ctx.settings.start == "overview" and screen.ctx.store.ui_reader.info is not None:
        await screen.run_action("flow('overview')")
    screen.ready.set()
    screen.set_interval(30, view.status.draw_title)
    if screen.ctx.settings.paths.file is None:
        screen.set_interval(SECONDS, partial(follow_files, screen))
    pull = app.pull_at_start or _is_first_pull_unfinished(screen)
    view.background.begin(partial(_connect, screen, pull=pull), "connection")
    view.background.begin(partial(view.loader.count, view.query), "counts")


def _show_whether_live(screen: "MainScreen") -> None:
    screen.set_class(changes_live_org(screen.ctx.settings, screen.ctx.connection.access), "live-writes")


def _is_first_pull_unfinished(screen: "MainScreen") -> bool:
    """Return whether a first pull was interrupted once it had shown tokens and their owners: it is continued."""
    paths, info = screen.ctx.settings.paths, screen.ctx.store.ui_reader.info
    return paths.file is None and info is not None and info.only_owners and paths.work.exists()


async def _connect(screen: "MainScreen", *, pull: bool) -> None:
    """Wait for the connection; then recover interrupted runs, and pull if asked."""
    view, connection = screen.view, screen.ctx.connection
    if connection.is_connecting:
        await connection.connect()
        _show_whether_live(screen)
        view.status.draw_title()
        view.status.draw_keys()
    screen.run_worker(screen.flows.run("recover:recover_interrupted_runs", Selection(view.query)), group="recover")
    if pull:
        await screen.action_flow("pull.start")
    if every := screen.ctx.settings.refresh:
        from tokendesk.tui.refreshing import SECONDS as CHECKED
        from tokendesk.tui.refreshing import Refresher

        screen.set_interval(CHECKED, Refresher(screen, every).check)
