"""Custom keys, themes, the mouse, and the help."""

from pathlib import Path

import pytest
from rich.color import Color
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.tui.driver import app_on, form, main, opened, palette, text_of, wait_until
from tokendesk.config import Settings
from tokendesk.errors import UsageError
from tokendesk.tui.actions import ACTIONS
from tokendesk.tui.app import TokendeskApp
from tokendesk.tui.keymap import remapped
from tokendesk.tui.themes import LOOKS, Look


def ratio(text: Color, ground: Color) -> float:
    """The contrast of two colours as WCAG 2 counts it, from 1 to 21."""

    def light(colour: Color) -> float:
        parts = [part / 255 for part in colour.get_truecolor()]
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted((light(text), light(ground)))
    return (bright + 0.05) / (dark + 0.05)


async def help_text(pilot: Pilot[int], *typed: str) -> str:
    await pilot.press("question_mark")
    await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 2)
    await pilot.press(*typed)
    await pilot.pause()
    return str(pilot.app.screen.query_one("#help-text", Static).render())


async def test_a_key_of_ones_own_acts_and_is_shown_and_the_old_one_is_free(small: Settings) -> None:
    settings = small._replace(keys={"filter.edit": "ctrl+n,;", "list.down": "n"})
    async with opened(app_on(settings)) as pilot:
        await pilot.press("n", "n", "j")
        assert main(pilot).rows.cursor == 2
        await pilot.press("slash")
        assert main(pilot).rows.has_focus
        assert "ctrl+n Filter" in text_of(pilot, "#keys")
        await pilot.press("semicolon")
        assert main(pilot).query_one("#filter", Input).has_focus
        await pilot.press("escape")
        assert "ctrl+n ;" in await help_text(pilot, *"narrow what")


async def test_what_has_no_key_can_be_given_one(small: Settings) -> None:
    async with opened(app_on(small._replace(keys={"policy.add": "N"}))) as pilot:
        await pilot.press("N")
        assert (await form(pilot)).query_one("#policy", Input).has_focus


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"note.edt": "n"}, "did you mean note.edit"),
        ({"note.edit": "j"}, "list.down and note.edit are both on j"),
        ({"note.edit": "ctrl+m"}, "terminals send as enter"),
        ({"note.edit": " "}, "note.edit has no key"),
    ],
)
def test_a_clash_or_slip_in_the_keys_is_one_sentence(keys: dict[str, str], words: str, small: Settings) -> None:
    with pytest.raises(UsageError, match=words):
        TokendeskApp(small._replace(keys=keys))


def test_keys_are_given_as_they_are_typed() -> None:
    table = {key.id: key for key in remapped({"note.edit": "?,pgdn", "help": "!", "list.page_down": "%", "sort": ","})}
    assert table["note.edit"].keys == "question_mark,pagedown"
    assert table["help"].keys == "exclamation_mark"
    assert table["sort"].keys == "comma"
    assert table["columns"].keys == ""  # it came later than such a line in config.toml
    assert remapped({}) == ACTIONS


async def test_the_help_narrows_as_one_types_and_closes_with_escape(small: Settings) -> None:
    async with opened(app_on(small), (80, 24)) as pilot:
        text = await help_text(pilot, *"mark range")
        assert "start a range" in text
        assert "ctrl+r" not in text
        await pilot.press("x", "x")
        await wait_until(pilot, lambda: "No help" in str(pilot.app.screen.query_one("#help-text", Static).render()))
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 1)


async def test_a_theme_chosen_is_there_the_next_time_until_the_settings_say_another(
    small: Settings, tmp_path: Path
) -> None:
    settings = small._replace(paths=small.paths._replace(state=tmp_path))
    async with opened(app_on(settings)) as pilot:
        await palette(pilot, "Theme: light")
        await wait_until(pilot, lambda: pilot.app.theme == "tokendesk-light")
    assert app_on(settings).theme == "tokendesk-light"
    assert app_on(settings._replace(theme="contrast")).theme == "tokendesk-contrast"
    with pytest.raises(UsageError, match="did you mean contrast"):
        app_on(settings._replace(theme="contrasst"))


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_every_theme_is_readable_and_shows_the_cursor(look: Look, small: Settings) -> None:
    async with opened(app_on(small._replace(theme=look.name)), (100, 30)) as pilot:
        cursor, other = (main(pilot).rows.render_line(line) for line in (1, 2))
        grounds = [{segment.style.bgcolor for segment in strip if segment.style} for strip in (cursor, other)]
        assert not grounds[0] & grounds[1]
        for segment in (*cursor, *other):
            assert segment.style is not None
            text, ground = segment.style.color, segment.style.bgcolor
            assert text is not None
            assert ground is not None
            if look.theme.ansi:
                assert text != ground or text.is_default
            elif segment.text.strip():
                # WCAG 2 asks for 4.5 for text; what is dimmed on purpose gets at least the 3 of large text.
                contrast = ratio(text, ground)
                assert contrast >= (7 if look.name == "contrast" else 3.9), (segment.text, contrast)


async def test_without_colours_the_ansi_theme_gives_way(small: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(app_on(small._replace(theme="ansi"))) as pilot:
        assert pilot.app.theme == "tokendesk"
        assert "▌" in text_of(pilot)


async def test_the_mouse_does_what_the_keys_do(small: Settings) -> None:
    async with opened(app_on(small)) as pilot:
        screen = main(pilot)
        tabs = text_of(pilot, "#tabs")
        await pilot.click("#tabs", offset=(tabs.index("Users") + 1, 0))
        await wait_until(pilot, lambda: screen.query_shown.pane == "users")
        await pilot.click("#tabs", offset=(tabs.index("Tokens") + 1, 0))
        await wait_until(pilot, lambda: screen.query_shown.pane == "tokens" and len(screen.rows.ids) == 30)
        await pilot.click("#list", offset=(6, 5))
        await wait_until(pilot, lambda: screen.rows.cursor == 3)
        await pilot.click("#list", offset=(6, 1))
        await wait_until(pilot, lambda: screen.query_shown.sort == ("label",))
        line = next(number for number, text in enumerate(text_of(pilot, "#scope").splitlines()) if "never used" in text)
        await pilot.click("#scope", offset=(4, line))
        await wait_until(pilot, lambda: [scope.title for scope in screen.query_shown.scopes] == ["never used"])
        keys = text_of(pilot, "#keys")
        await pilot.click("#keys", offset=(keys.index("Mark"), 0))
        await wait_until(pilot, lambda: len(screen.rows.marks.row_ids) == 1)
        # The bar names what is marked by now, and what stands behind that has moved.
        await wait_until(pilot, lambda: "Move 1 marked" in text_of(pilot, "#keys"))
        await pilot.click("#keys", offset=(text_of(pilot, "#keys").index("Help"), 0))
        await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 2)
