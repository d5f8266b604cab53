"""A form: fields one below the other, of which only those that were touched are written."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static, TextArea

from tokendesk.errors import TokendeskError
from tokendesk.model.dates import describe_day, read_day
from tokendesk.tui.leaving import ModalScreen
from tokendesk.tui.widgets.choice import Choice
from tokendesk.tui.widgets.editors import OfferInput, Remarks
from tokendesk.tui.widgets.lines import Line

LONGEST = 10_000
VARIOUS = "(various)"
EMPTIED = "(emptied)"

Save = Callable[[Mapping[str, str]], Awaitable[None]]
Check = Callable[[str], str]
"""Returns what is to be written for what was typed; raises ValueError with a sentence."""


@dataclass(frozen=True, slots=True)
class FormField:
    """`kind`: text, tags, day, choice or long. `various`: whether the records differ, so that no value is shown."""

    name: str
    title: str
    kind: str = "text"
    value: str = ""
    various: bool = False
    offers: Sequence[str] = ()
    hint: str = ""
    placeholder: str = ""
    check: Check | None = None
    words: Sequence[str] = field(default=())
    """Of a choice."""


class Form(ModalScreen[bool]):
    """Calls `save` with the touched fields; dismisses with True once that has succeeded, with False otherwise."""

    CSS_PATH = ["dialog.tcss", "form.tcss"]
    BINDINGS = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("ctrl+s", "save", "Save", show=False),
        Binding("ctrl+t", "take", "Take the suggestion", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(
        self,
        title: str,
        fields: Sequence[FormField],
        save: Save,
        now: int,
        *,
        about: str = "",
        suggested: Mapping[str, str] | None = None,
        why_suggested: str = "",
        verb: str = "Save",
        always: Sequence[str] = (),
    ) -> None:
        """`suggested`: values for some fields that ctrl+t takes, `why_suggested` the words that say so.

        `always`: fields that are written whether they were touched or not.
        """
        super().__init__()
        self._title = title
        self.fields = {field.name: field for field in fields}
        self.save = save
        self._now = now
        self._about = about
        self._suggested = suggested or {}
        self._why_suggested = why_suggested
        self._verb = verb
        self._always = frozenset(always)
        self._touched: set[str] = set()
        self._warned = False
        self._ready = False

    # --- what it shows

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog form") as dialog:
            dialog.border_title = Content(self._title)
            if self._about:
                yield Static(self._about, markup=False, classes="form-about")
            with VerticalScroll(classes="form-body", can_focus=False):
                for found in self.fields.values():
                    yield from self._row(found)
            yield Line(id="form-hint")
            with Horizontal(classes="form-buttons"):
                yield Button(self._verb, id="save", variant="primary", compact=True)
                yield Button("Cancel", id="cancel", compact=True)
                yield Static(f"enter {self._verb}   tab Next   esc Cancel", markup=False, classes="form-keys")

    def _row(self, found: FormField) -> ComposeResult:
        with Horizontal(classes="form-row", id=f"row-{found.name}"):
            yield Static(found.title, markup=False, classes="form-name")
            yield self._editor(found)
            if found.kind == "day":
                yield Static("", markup=False, classes="form-echo", id=f"echo-{found.name}")
        yield Static("", markup=False, classes="form-error", id=f"error-{found.name}")
        if found.name == next(iter(self._suggested), None):
            words = Content.assemble(("ctrl+t ", "bold $accent"), self._why_suggested)
            yield Static(words, classes="form-suggested", id=f"suggested-{found.name}")

    def _editor(self, found: FormField) -> Choice | OfferInput | Remarks:
        placeholder = VARIOUS if found.various else found.placeholder
        match found.kind:
            case "choice":
                return Choice(found.words, found.value, id=found.name)
            case "long":
                return Remarks(found.value, placeholder=placeholder, id=found.name)
        line = OfferInput(
            found.value, offers=found.offers, several=found.kind == "tags", placeholder=placeholder, id=found.name
        )
        line.set_class(found.kind == "day", "day")
        return line

    def on_mount(self) -> None:
        first = next(iter(self.fields))
        self.query_one(f"#{first}").focus()
        for name in self.fields:
            self._echo(name)
        self.shape()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        # What the widgets post of their first values is no touch.
        self._ready = True

    def shape(self) -> None:
        """Show the fields that belong to what is chosen, and hide the others."""

    def value_of(self, name: str) -> str:
        editor = self.query_one(f"#{name}")
        if isinstance(editor, Choice | OfferInput):
            return editor.value
        return editor.text if isinstance(editor, Remarks) else ""

    def show_row(self, name: str, shown: bool) -> None:
        self.query_one(f"#row-{name}").display = shown

    # --- typing

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Choice.Changed)
    def _changed(self, event: Input.Changed | TextArea.Changed | Choice.Changed) -> None:
        editor = event.control
        name = editor.id or ""
        found = self.fields.get(name)
        if found is None or not self._ready:
            return
        self._warned = False
        if self.value_of(name) == found.value and not (found.various and name in self._touched):
            self._touched.discard(name)
        else:
            self._touched.add(name)
        if found.various and isinstance(editor, Input | TextArea):
            editor.placeholder = EMPTIED
        self._complain(name, "")
        self._echo(name)
        self.shape()
        self._hint()

    def _echo(self, name: str) -> None:
        if self.fields[name].kind != "day":
            return
        try:
            day = read_day(self.value_of(name), self._now)
            words = describe_day(day, self._now) if day else ""
        except ValueError:
            words = ""
        self.query_one(f"#echo-{name}", Static).update(words)

    @on(events.DescendantFocus)
    def _hint(self) -> None:
        focused = self.focused
        found = self.fields.get(focused.id or "") if focused is not None else None
        for name in self.fields:
            self.query_one(f"#row-{name}").set_class(found is not None and name == found.name, "here")
        words = found.hint if found else ""
        if isinstance(focused, OfferInput) and focused.offers:
            matching = focused.matching()[:4]
            words = "   ".join(filter(None, (words, f"↓ {' · '.join(matching)}" if matching else "")))
        self._say(words)

    def _say(self, words: str, tone: str = "$muted") -> None:
        self.query_one("#form-hint", Line).say(Content.styled(words, tone))

    def action_take(self) -> None:
        if not self._suggested:
            self._say("There is nothing to take: nothing similar has a purpose yet.", "$text-warning")
            return
        for name, value in self._suggested.items():
            self.query(f"#suggested-{name}").remove()
            editor = self.query_one(f"#{name}")
            if isinstance(editor, OfferInput | Choice):
                editor.value = value
            if isinstance(editor, OfferInput):
                editor.cursor_position = len(value)

    # --- ending

    @on(Input.Submitted)
    @on(Choice.Submitted)
    async def _submitted(self) -> None:
        await self.action_save()

    @on(Button.Pressed)
    async def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "save":
            await self.action_save()
        else:
            self.dismiss(False)

    def action_cancel(self) -> None:
        """Leave; where something was typed, only at the second time in a row."""
        if self._touched and not self._warned:
            self._warned = True
            self._say(f"esc again drops what you typed; enter or {self._verb} keeps it.", "$text-warning")
        else:
            self.dismiss(False)

    async def action_save(self) -> None:
        fields = self._checked()
        if fields is None:
            return
        try:
            if fields:
                await self.save(fields)
        except TokendeskError as error:
            self._say(str(error), "$text-error")
            return
        self.dismiss(bool(fields))

    def _checked(self) -> dict[str, str] | None:
        """Return the touched fields as they are to be written; None where one is wrong, which then has the focus."""
        written: dict[str, str] = {}
        wrong = []
        for name in self.fields:
            if name not in self._touched | self._always or not self.query_one(f"#row-{name}").display:
                continue
            try:
                written[name] = self._check(self.fields[name], self.value_of(name))
            except ValueError as error:
                self._complain(name, str(error))
                wrong.append(name)
        for name, words in self.wrong_together():
            self._complain(name, words)
            wrong.append(name)
        if wrong:
            self.query_one(f"#{wrong[0]}").focus()
            return None
        return written

    def wrong_together(self) -> Iterable[tuple[str, str]]:
        """Return fields that are wrong beside what the others say, and why."""
        return ()

    def was_touched(self, name: str) -> bool:
        return name in self._touched

    def _check(self, found: FormField, value: str) -> str:
        if len(value) > LONGEST:
            raise ValueError(f"{len(value):,} characters are too many: {LONGEST:,} fit.")
        if found.kind == "day":
            return read_day(value, self._now) or ""
        return found.check(value) if found.check else value

    def _complain(self, name: str, words: str) -> None:
        line = self.query_one(f"#error-{name}", Static)
        line.update(words)
        line.display = bool(words)
