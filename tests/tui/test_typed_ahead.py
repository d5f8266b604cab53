"""Keys typed before a dialog is ready go to the dialog, or are dropped with a notice; never to the list."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from tests.running.world import World
from tests.tui.bursts import send_chunk
from tests.tui.driver import app_on, closed, desk_of, main, marked, notes, opened, reviewed, said, triage, wait_until
from tests.tui.idle import Gate, until_idle, until_settled
from tokendesk.config import Settings
from tokendesk.tui import key_gate
from tokendesk.tui.actions import ACTIONS
from tokendesk.tui.command_palette import Palette
from tokendesk.tui.screens.confirm_phrase import ConfirmPhraseDialog
from tokendesk.tui.screens.export import ExportScreen
from tokendesk.tui.screens.help import HelpScreen
from tokendesk.tui.screens.main import MainScreen
from tokendesk.tui.screens.note import NoteForm
from tokendesk.tui.screens.policy_picker import PolicyPicker
from tokendesk.tui.screens.prompt import PromptDialog
from tokendesk.tui.screens.readiness import ReadinessScreen
from tokendesk.tui.screens.review import ReviewScreen
from tokendesk.tui.screens.triage import TriageScreen


def send(pilot: Pilot[int], *parts: str) -> None:
    """Send `parts` in one chunk: names of keys, or letters."""
    send_chunk(pilot.app, *parts)


def typed(pilot: Pilot[int]) -> str:
    focused = pilot.app.focused
    return focused.value if isinstance(focused, Input) else ""


def is_shown(pilot: Pilot[int], kind: type[object]) -> bool:
    return isinstance(pilot.app.screen, kind)


TEXTS: dict[str, type[object]] = {
    "note.edit": NoteForm, "move.users": PolicyPicker, "filter.save": PromptDialog, "export": ExportScreen,
    "plans.file": PromptDialog, "commands": Palette, "help": HelpScreen, "details.find": MainScreen,
}  # fmt: skip
"""The dialogs and lines of the main screen in which text is typed, by the action that opens them."""
ELSEWHERE = {
    "filter.edit", "filter.conditions", "triage", "move.users", "revoke.tokens", "readiness.open",
    "plans.open", "quarantine.open", "journal.undo", "columns", "views", "group", "overview",
    "renewal.ask", "renewal.lapse",
}  # fmt: skip
"""What opens no text line, or is tried below; some open where something was done before, or is due."""


def test_every_key_that_opens_something_is_tried() -> None:
    opening = {action.id for action in ACTIONS if action.opens and action.keys and "screen" in action.contexts}
    assert opening == {*TEXTS, *ELSEWHERE}


async def test_letters_behind_the_key_that_opens_a_dialog_are_typed_into_it(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        main(pilot).set_filter("status:allowed")
        await until_settled(pilot.app)
        before = main(pilot).query_shown, main(pilot).rows.cursor
        for action in (action for action in ACTIONS if action.id in TEXTS):
            key = {"colon": ":", "question_mark": "?"}.get(name := action.keys.split(",")[0], name)
            send(pilot, key, "X", "j", "backspace", "u", "left", "e")
            await wait_until(pilot, partial(is_shown, pilot, TEXTS[action.id]))
            await wait_until(pilot, lambda: typed(pilot).endswith("Xeu"))
            await pilot.press("escape")
            if isinstance(pilot.app.screen, NoteForm):  # it warns first
                await pilot.press("escape")
            await closed(pilot)
        assert (main(pilot).query_shown, main(pilot).rows.cursor) == before
        assert not marked(pilot, "tokens")
        assert not notes(small)
        assert not said(pilot)


async def test_steps_behind_the_key_that_opens_a_page_are_taken_there(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        send(pilot, "t", "j", "j")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, TriageScreen) and triage(pilot).queue.place == 3)
        await pilot.press("escape")
        await closed(pilot)
        send(pilot, "3", "c", "?")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen) and pilot.app.screen.is_mounted)
        assert isinstance(pilot.app.screen_stack[1], ReadinessScreen)


async def test_the_number_of_a_condition_is_no_pane(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        main(pilot).set_filter("status:allowed idle:>1d")
        await until_settled(pilot.app)
        send(pilot, "x", "2")
        await wait_until(pilot, lambda: main(pilot).query_shown.filter == "status:allowed")
        assert main(pilot).query_shown.pane == "tokens"
        await closed(pilot)


async def test_a_pane_its_filter_and_a_move_in_one_chunk(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        send(pilot, "2", "/", "aX", "backspace", "n", "enter", "j", "m", "Con")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, PolicyPicker) and typed(pilot) == "Con")
        shown = main(pilot).query_shown
        assert (shown.pane, shown.filter) == ("users", "an")
        assert main(pilot).rows.cursor == 1


async def test_a_note_and_the_step_behind_it_in_one_chunk(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        send(pilot, "e", "backups", "enter", "j", "e", "exports", "enter")
        await wait_until(pilot, lambda: len(notes(small)) == 2)
        await until_settled(pilot.app)
        assert [note["purpose"] for note in sorted(notes(small), key=lambda note: str(note["purpose"]))] == [
            "backups", "exports",
        ]  # fmt: skip
        assert main(pilot).rows.cursor == 1


async def test_each_decision_in_a_chunk_is_on_the_next_token(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        send(pilot, "t", "r", "s", "r", "p", "kept", "enter", "j")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, TriageScreen) and triage(pilot).queue.place == 6)
        ids = triage(pilot).queue.ids
        decided = {str(note["subject"]): note["decision"] for note in notes(small)}
        assert decided == {ids[0]: "revoke", ids[2]: "revoke", ids[3]: "keep"}
        assert triage(pilot).queue.skipped == {ids[1]}


async def test_a_review_and_its_words_in_one_chunk_revoke_nothing(world: World) -> None:
    async with desk_of(world) as pilot:
        send(pilot, "XA", "tab", "revoke 1", "enter")
        await wait_until(
            pilot, lambda: isinstance(pilot.app.screen, ReviewScreen) and "11 keys were dropped" in said(pilot)
        )
        await until_idle()
        assert isinstance(pilot.app.screen, ReviewScreen)
        send(pilot, "A", "tab", "revoke 1", "enter")
        await wait_until(
            pilot, lambda: isinstance(pilot.app.screen, ConfirmPhraseDialog) and "10 keys were" in said(pilot)
        )
        await until_idle()
        assert isinstance(pilot.app.screen, ConfirmPhraseDialog)
        assert not world.posts()


async def test_what_was_typed_behind_a_key_that_opens_nothing_is_dropped(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        send(pilot, "w", "mine", "enter")  # there is no filter to save
        await wait_until(pilot, lambda: "5 keys were dropped" in said(pilot))
        send(pilot, "j")
        await wait_until(pilot, lambda: main(pilot).rows.cursor == 1)
        assert pilot.app.screen is main(pilot)


Hold = Callable[[Pilot[int]], asyncio.Task[None]]


@pytest.fixture
def hold(gate: Gate) -> Hold:
    """Have all questions that flows ask wait for the gate."""
    return lambda pilot: asyncio.create_task(main(pilot).ctx.store.query(lambda _: gate.hold()))


async def test_escape_gives_up_what_is_being_opened(small: Settings, gate: Gate, hold: Hold) -> None:
    async with opened(app_on(small)) as pilot:
        holding = hold(pilot)
        send(pilot, "m", "Con")
        await wait_until(pilot, lambda: gate.is_holding)
        pilot.app.post_message(events.Key("escape", None))
        await wait_until(pilot, lambda: "3 keys were dropped" in said(pilot))
        gate.open()
        await holding
        await until_settled(pilot.app)
        assert pilot.app.screen is main(pilot)
        await pilot.press("m")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, PolicyPicker))


async def test_ctrl_c_waits_for_nothing(small: Settings, gate: Gate, hold: Hold) -> None:
    async with opened(app_on(small)) as pilot:
        holding = hold(pilot)
        send(pilot, "m", "C", "ctrl+c")
        await wait_until(pilot, lambda: "Quit with" in said(pilot))
        gate.open()
        await holding
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, PolicyPicker) and typed(pilot) == "C")


async def test_what_takes_too_long_to_open_gives_the_keys_back(
    small: Settings,
    gate: Gate,
    hold: Hold,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_gate, "LONGEST_HOLD", 0.01)
    async with opened(app_on(small)) as pilot:
        holding = hold(pilot)
        send(pilot, "m", "Con")
        await wait_until(pilot, lambda: "3 keys were dropped" in said(pilot))
        send(pilot, "j")
        await wait_until(pilot, lambda: main(pilot).rows.cursor == 1)
        gate.open()
        await holding
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, PolicyPicker))
        await until_idle()


async def test_a_key_pressed_once_a_review_is_seen_is_taken(world: World) -> None:
    async with desk_of(world) as pilot:
        await reviewed(pilot, "X")
        await pilot.press("A")
        assert isinstance(pilot.app.screen, ConfirmPhraseDialog)
        assert not said(pilot)
