"""Shows what the key can do, like `tokendesk check`; queried again each time, read-only."""

import asyncio
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tokendesk.background import in_background
from tokendesk.config import Settings
from tokendesk.errors import TokendeskError
from tokendesk.model.text import printable
from tokendesk.tui.base_screens import Dialog

if TYPE_CHECKING:
    from tokendesk.running.access import ApiAccess
    from tokendesk.running.check import Capability

_TONES = {"yes": "$text-success", "no": "$text-error", "unknown": "$text-warning"}


class CapabilitiesScreen(Dialog[None]):
    """`access`: None without a connection; `offline_reason` says why."""

    CSS_PATH = "dialog.tcss"
    BINDINGS = [
        Binding("escape,q", "dismiss(None)", "Close", show=False),
        Binding("down,j", "scroll(1)", "Down", show=False),
        Binding("up,k", "scroll(-1)", "Up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
    ]

    def __init__(self, settings: Settings, access: "ApiAccess | None", offline_reason: str) -> None:
        super().__init__()
        self._settings, self._access, self._offline_reason = settings, access, offline_reason

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content("What the key can do")
            dialog.border_subtitle = Content("↑ ↓ pgup pgdn scroll · esc close")
            with VerticalScroll(can_focus=False):
                yield Static("Checking. This changes nothing.", id="capabilities", markup=False)

    def on_mount(self) -> None:
        self._ask()

    def action_scroll(self, step: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        page = self.query_one(VerticalScroll)
        page.scroll_relative(y=step * page.size.height, animate=False)

    @work(group="asking")
    async def _ask(self) -> None:
        from tokendesk.running.capabilities import (
            check_capabilities,
            check_desk,
            check_folders,
            check_never_touch,
            check_shared,
        )
        from tokendesk.running.network import check_network
        from tokendesk.running.never_touch import describe_never_touch_problems

        parts: list[Content] = []
        try:
            parts += map(_paragraph, await in_background(check_desk, self._settings))
            parts += map(_paragraph, await in_background(check_shared, self._settings))
            parts += map(_paragraph, check_folders(self._settings))
            unknown = await asyncio.to_thread(describe_never_touch_problems, self._settings)
            parts += map(_paragraph, check_never_touch(self._settings, unknown))
            parts += map(_paragraph, await in_background(check_network, self._settings))
            if self._access is None:
                parts.append(Content(printable(self._offline_reason) or "There is no connection to the organization."))
            else:
                second = await in_background(self._access.revoking_key)
                parts += map(_paragraph, await check_capabilities(self._access, second))
        except TokendeskError as error:
            parts.append(Content.styled(printable(str(error)), "$text-error"))
        self.query_one("#capabilities", Static).update(Content("\n").join(parts))


def _paragraph(found: "Capability") -> Content:
    line = Content.assemble(
        f"{found.name:<18}", (f"{found.answer:<9}", _TONES.get(found.answer, "")), (found.endpoint, "$muted")
    )
    return Content("\n").join([line, Content(f"  {printable(found.words)}")]) if found.words else line
