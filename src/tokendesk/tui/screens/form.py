"""A form of labelled fields that saves only the changed ones."""

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
from tokendesk.tui.base_screens import Dialog
from tokendesk.tui.widgets.choice import Choice
from tokendesk.tui.widgets.editors import PlainTextArea, SuggestInput
from tokendesk.tui.widgets.lines import TextLine

LONGEST = 10_000
VARIOUS = "(various)"
EMPTIED = "(emptied)"

Save = Callable[[Mapping[str, str]], Awaitable[None]]
Check = Callable[[str], str]
"""Returns the value to save for the typed text; raises ValueError with a sentence."""


@dataclass(frozen=True, slots=True)
class FormField:
    """`kind`: text, tags, day, choice or long. `various`: whether the records differ; then no value is shown."""

    name: str
    title: str
    kind: str = "text"
    value: str = ""
    various: bool = False
    suggestions: Sequence[str] = ()
    hint: str = ""
    placeholder: str = ""
    check: Check | None = None
    words: Sequence[str] = field(default=())
    """The options of a choice."""


class Form(Dialog[bool]):
    """Calls `save` with the changed fields; dismisses with whether something was saved."""

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
        """`suggested`: values of some fields that ctrl+t fills in; `why_suggested` explains them.

        `always`: fields that are saved even if unchanged.
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
            yield TextLine(id="form-hint")
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

    def _editor(self, found: FormField) -> Choice | SuggestInput | PlainTextArea:
        placeholder = VARIOUS if found.various else found.placeholder
        match found.kind:
            case "choice":
                return Choice(found.words, found.value, id=found.name)
            case "long":
                return PlainTextArea(found.value, placeholder=placeholder, id=found.name)
        line = SuggestInput(
            found.value,
            suggestions=found.suggestions,
            several=found.kind == "tags",
            placeholder=placeholder,
            id=found.name,
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
        # The widgets' first values are not changes.
        self._ready = True

    def shape(self) -> None:
        """Show the fields that apply to the chosen values, and hide the others."""

    def value_of(self, name: str) -> str:
        editor = self.query_one(f"#{name}")
        if isinstance(editor, Choice | SuggestInput):
            return editor.value
        return editor.text if isinstance(editor, PlainTextArea) else ""

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
        if isinstance(focused, SuggestInput) and focused.suggestions:
            matching = focused.matching()[:4]
            words = "   ".join(filter(None, (words, f"↓ {' · '.join(matching)}" if matching else "")))
        self._say(words)

    def _say(self, words: str, tone: str = "$muted") -> None:
        self.query_one("#form-hint", TextLine).say(Content.styled(words, tone))

    def action_take(self) -> None:
        if not self._suggested:
            self._say("No suggestion: nothing similar has a purpose yet.", "$text-warning")
            return
        for name, value in self._suggested.items():
            self.query(f"#suggested-{name}").remove()
            editor = self.query_one(f"#{name}")
            if isinstance(editor, SuggestInput | Choice):
                editor.value = value
            if isinstance(editor, SuggestInput):
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
        """Leave; with changed fields, only when asked twice in a row."""
        if self._touched and not self._warned:
            self._warned = True
            self._say(f"esc again discards what you typed; enter or {self._verb} keeps it.", "$text-warning")
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
        """Return the changed fields to save; None if one is invalid, which gets the focus."""
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
        """Return fields that conflict with others, and why."""
        return ()

    def was_touched(self, name: str) -> bool:
        return name in self._touched

    def _check(self, found: FormField, value: str) -> str:
        if len(value) > LONGEST:
            raise ValueError(f"Too long: at most {LONGEST:,} characters.")
        if found.kind == "day":
            return read_day(value, self._now) or ""
        return found.check(value) if found.check else value

    def _complain(self, name: str, words: str) -> None:
        line = self.query_one(f"#error-{name}", Static)
        line.update(words)
        line.display = bool(words)
