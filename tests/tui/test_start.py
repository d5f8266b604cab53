"""Start-up before and right after the first frame."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

from textual import events
from textual.widgets import Input
from textual.widgets._toast import ToastRack

from tests.practice import NOW
from tests.tui.driver import Pulled, app_on, main, notices, opened, text_of, wait_until
from tests.tui.idle import Gate
from tokendesk.config import Settings
from tokendesk.model.secret import Secret
from tokendesk.running.access import ApiAccess
from tokendesk.tui.app import TokendeskApp
from tokendesk.tui.connection import Online
from tokendesk.tui.screens.main import MainScreen


async def test_keys_pressed_before_the_first_frame_wait_for_the_screen(pulled: Pulled) -> None:
    class Early(TokendeskApp):
        CSS_PATH = str(Path(inspect.getfile(TokendeskApp)).with_name("app.tcss"))
        was_whole = True

        def on_mount(self) -> None:
            for key in ("slash", *"jenkins"):
                self.post_message(events.Key(key, "/" if key == "slash" else key))
            self.was_whole = any(isinstance(s, MainScreen) and s.ready.is_set() for s in self.screen_stack)

    app = Early(pulled[0], clock=lambda: int(NOW.timestamp()))
    async with opened(app) as pilot:
        assert not app.was_whole
        await wait_until(pilot, lambda: main(pilot).query_one("#filter", Input).value == "jenkins")
        await wait_until(pilot, lambda: len(main(pilot).rows.ids) == 2)


async def test_the_key_is_looked_for_once_the_rows_are_there(pulled: Pulled, gate: Gate) -> None:
    settings, made = pulled
    live = settings._replace(profile="acme", org_id=made.id, allow_writes=True)
    access = ApiAccess("http://127.0.0.1:1", made.id, Secret("example"))

    def connect() -> Online:
        gate.hold()
        return Online(access)

    app = TokendeskApp(live, clock=lambda: int(NOW.timestamp()), connect=connect)
    async with app.run_test(size=(140, 40)) as pilot:
        await wait_until(pilot, lambda: main(pilot).rows.ids and main(pilot).ready.is_set())
        assert not {"LIVE", "SNAPSHOT"} & set(text_of(pilot, "#title").split())
        await pilot.press("ctrl+r")
        assert "still being loaded" in str(notices(pilot)[-1].message)
        gate.open()
        await wait_until(pilot, lambda: "LIVE" in text_of(pilot, "#title") and main(pilot).has_class("live-writes"))


async def test_messages_stand_above_the_key_bar_from_the_start(pulled: Pulled) -> None:
    async with app_on(pulled[0]).run_test(size=(140, 40), notifications=True) as pilot:
        await wait_until(pilot, main(pilot).ready.is_set)
        assert main(pilot).query_one(ToastRack).styles.margin.bottom == 3


def test_the_client_for_http_is_not_loaded_until_something_is_asked(settings: Settings) -> None:
    script = (
        "import asyncio, sys\n"
        "from tokendesk.config import load_settings\n"
        "from tokendesk.tui.app import TokendeskApp\n"
        "async def main():\n"
        "    app = TokendeskApp(load_settings(sys.argv[1]))\n"
        "    async with app.run_test(size=(140, 40)) as pilot:\n"
        "        await app.screen.ready.wait()\n"
        "        while any(not worker.is_finished for worker in app.workers):\n"
        "            await asyncio.sleep(0.01)\n"
        "        print([name for name in ('httpx', 'msgspec', 'filelock') if name in sys.modules])\n"
        "asyncio.run(main())\n"
    )
    home = settings.paths.config_file.parent
    done = subprocess.run(
        [sys.executable, "-c", script, settings.profile],
        env={"TOKENDESK_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
