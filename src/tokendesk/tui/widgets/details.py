"""The details pane: pages of facts under a strip of their names, a cursor on those that lead to rows, and finding."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Static

from tokendesk.tui.actions import bindings
from tokendesk.tui.text_find import PARAGRAPH, find_all
from tokendesk.tui.widgets.facts import Line, draw_lines
from tokendesk.tui.widgets.lines import TextLine
from tokendesk.views.facts import Details
from tokendesk.views.query import Query


class PageStrip(TextLine):
    """The page names; a click opens a page."""

    class Clicked(Message):
        def __init__(self, page: str) -> None:
            super().__init__()
            self.page = page

    def __init__(self) -> None:
        super().__init__()
        self._pages: Sequence[str] = ()
        self._current = ""

    def show(self, pages: Sequence[str], current: str) -> None:
        self._pages, self._current = pages, current
        self.draw()

    def draw(self) -> None:
        parts: list[tuple[str, str]] = []
        for page, words in self._words():
            here = page == self._current
            parts.append((words, "bold $text-accent underline" if here else "$muted"))
            parts.append(("  ", ""))
        self.say(Content.assemble(*parts))

    def _words(self) -> list[tuple[str, str]]:
        """Return each page with its name, cut to the first word if they do not all fit."""
        full = [(page, page) for page in self._pages]
        fits = sum(cell_len(page) + 2 for page in self._pages) - 2 <= self.size.width
        return full if fits else [(page, page.split()[0]) for page in self._pages]

    def on_resize(self) -> None:
        self.draw()

    def on_click(self, event: events.Click) -> None:
        left = 0
        for page, words in self._words():
            if left <= event.x < left + cell_len(words) + 1:
                self.post_message(self.Clicked(page))
            left += cell_len(words) + 2


class DetailsPane(VerticalScroll, can_focus=True):
    """Shows one `Details`, page by page. With the focus it scrolls, and its cursor goes to the facts that lead to rows.

    Posts `Followed` with the query of a fact.
    """

    DEFAULT_CSS = "DetailsPane PageStrip { dock: top; margin-bottom: 1; }"
    BINDINGS = bindings("details")

    class Shown(Message):
        """Posted when the pane appears: it may show another row."""

    class Followed(Message):
        def __init__(self, query: Query) -> None:
            super().__init__()
            self.query = query

    def on_show(self) -> None:
        self.post_message(self.Shown())

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._details: Details | None = None
        self._wanted = ""
        self._sought = ""
        self._hits: list[tuple[str, int, int]] = []
        """The pages and places of what is sought."""
        self._hit = 0
        self._cursor: int | None = None
        """The first line of the fact under the cursor."""
        self._pressed: events.MouseDown | None = None

    def compose(self) -> ComposeResult:
        yield PageStrip()
        yield Static(id="details-text", markup=False)

    def show(self, details: Details | None) -> None:
        self._details = details
        self._cursor = None
        self._seek()
        self._draw()
        self.scroll_home(animate=False)

    # --- finding

    def find(self, sought: str) -> None:
        """Highlight `sought`, and go to where it is found first, from this page on."""
        self._sought = sought
        self._seek()
        if self._hits:
            self.find_next(0)
        else:
            self._draw()

    def find_next(self, step: int) -> None:
        """Go to another place of what is sought, on any page."""
        if not self._hits:
            return
        self._hit = (self._hit + step) % len(self._hits)
        page, start, _ = self._hits[self._hit]
        if page != self.page:
            self.open_page(page)
        else:
            self._draw()
        # The page may just have been turned, and has its height after the next refresh.
        self.call_after_refresh(self._show_line, self._text(page).count("\n", 0, start))

    @property
    def found(self) -> str:
        """How many places there are, in words."""
        if not self._sought.strip():
            return ""
        return f"{self._hit + 1} of {len(self._hits)}" if self._hits else "not here"

    def _seek(self) -> None:
        pages = self._details.pages if self._details is not None and self._sought else ()
        at = pages.index(self.page) if pages else 0
        self._hit = 0
        self._hits = [
            (page, *place)
            for page in (*pages[at:], *pages[:at])
            for place in find_all(self._paragraphs(page), self._sought)
        ]

    def _paragraphs(self, page: str) -> str:
        """Return the same text with the ends of facts marked."""
        lines = self._lines_of(page)
        return "".join((PARAGRAPH if line.begins else "\n") + line.content.plain for line in lines)[1:]

    def _text(self, page: str) -> str:
        return "\n".join(line.content.plain for line in self._lines_of(page))

    def _lines_of(self, page: str) -> list[Line]:
        if self._details is None:
            return []
        return draw_lines(self._details.page(page), self.scrollable_content_region.width - 1)

    def _show_line(self, number: int) -> None:
        """Scroll to a line of the text."""
        text = self.query_one("#details-text", Static)
        line = Region(0, text.virtual_region.y + number, 1, 1)
        self.scroll_to_region(line, spacing=text.dock_gutter, animate=False, force=True, x_axis=False)

    # --- the cursor

    def action_cursor_down(self) -> None:
        self._step(1)

    def action_cursor_up(self) -> None:
        self._step(-1)

    def action_top(self) -> None:
        self._put_cursor(None)
        self.scroll_home(animate=False)

    def action_bottom(self) -> None:
        self._put_cursor(None)
        self.scroll_end(animate=False)

    def action_open(self) -> None:
        """Go to the rows of the fact under the cursor; without a cursor, show it."""
        if self._cursor is None or self._cursor not in self._in_sight():
            self._step(1)
        elif (leads := self._lines_of(self.page)[self._cursor].leads) is not None:
            self.post_message(self.Followed(leads))

    def _step(self, step: int) -> None:
        """Move the cursor to the next fact in sight that leads to rows; scroll if there is none."""
        seen, lines = self._in_sight(), self._lines_of(self.page)
        places = [place for place in seen if place < len(lines) and lines[place].begins and lines[place].leads]
        if (at := self._cursor) is not None and at in seen:
            places = [place for place in places if (place - at) * step > 0]
        if places:
            self._put_cursor(places[0 if step > 0 else -1])
        else:
            self.scroll_relative(y=step, animate=False)

    def _put_cursor(self, line: int | None) -> None:
        self._cursor = line
        self._draw()

    def _in_sight(self) -> range:
        """Return the numbers of the lines on screen."""
        top = round(self.scroll_offset.y)
        height = self.scrollable_content_region.height - self.query_one("#details-text", Static).dock_gutter.height
        return range(top, top + height)

    def on_focus(self) -> None:
        self._draw()

    def on_blur(self) -> None:
        self._put_cursor(None)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._pressed = event

    def on_click(self, event: events.Click) -> None:
        """Follow the fact that was clicked, unless text was selected with the mouse."""
        pressed, text = self._pressed, self.query_one("#details-text", Static)
        place, lines = event.screen_offset - text.content_region.offset, self._lines_of(self.page)
        if pressed is None or pressed.screen_offset != event.screen_offset or not 0 <= place.y < len(lines):
            return
        line = lines[place.y]
        if line.leads is not None and place.x < line.content.cell_length:
            self.post_message(self.Followed(line.leads))

    # --- pages

    @property
    def page(self) -> str:
        """The page on screen: the chosen one, if this record has it."""
        pages = self._details.pages if self._details is not None else ()
        return self._wanted if self._wanted in pages else next(iter(pages), "")

    def turn(self, step: int) -> bool:
        """Show the next or previous page; False if there is only one."""
        pages = self._details.pages if self._details is not None else ()
        if len(pages) < 2:
            return False
        self.open_page(pages[(pages.index(self.page) + step) % len(pages)])
        return True

    def open_page(self, page: str) -> None:
        self._wanted = page
        self._put_cursor(None)
        self.scroll_home(animate=False)

    def on_page_strip_clicked(self, event: PageStrip.Clicked) -> None:
        event.stop()
        self.open_page(event.page)

    def on_resize(self) -> None:
        hit = self._hit
        self._seek()
        self._hit = min(hit, max(0, len(self._hits) - 1))
        self._draw()

    def _draw(self) -> None:
        if not self.children:
            return  # it is being composed, or removed
        text, strip = self.query_one("#details-text", Static), self.query_one(PageStrip)
        if self._details is None:
            strip.display = False
            text.update("")
            return
        pages = self._details.pages
        strip.display = len(pages) > 1
        strip.show(pages, self.page)
        content = Content("\n").join(self._drawn_lines())
        for number, (page, start, end) in enumerate(self._hits):
            if page == self.page:
                content = content.stylize("bold reverse" if number == self._hit else "underline", start, end)
        text.update(content)

    def _drawn_lines(self) -> list[Content]:
        """Return the lines of the page; with the focus, with a cursor, and what leads to rows is underlined."""
        lines = self._lines_of(self.page)
        if not self.has_focus:
            return [line.content for line in lines]
        drawn = [
            line.content.stylize("underline", line.link) if line.leads and line.begins else line.content
            for line in lines
        ]
        if self._cursor is not None and self._cursor < len(drawn):
            drawn[self._cursor] = drawn[self._cursor].stylize("bold on $cursor")
        return drawn
