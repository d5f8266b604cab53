"""The fields of one pane, its `is:` and `has:` names, and the search for free words."""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import NamedTuple

from tokendesk.filtering.wildcards import TextMatch


class Kind(Enum):
    TEXT = "text"
    """Contains, without case and accents."""
    CHOICE = "choice"
    """The whole value, without case and accents. Unknown values are allowed."""
    NUMBER = "number"
    PAST = "past"
    """A time in the past, in epoch seconds. A duration means its age."""
    FUTURE = "future"
    """A time in the future, in epoch seconds. A duration means the time left."""
    DAY = "day"
    """A day as the text `2026-12-31`. A duration means the days left."""
    FLAG = "flag"
    """`is:` and `has:` themselves."""


class Field(NamedTuple):
    """One name before a colon. `sql`, `folded_sql` and `many` are trusted constants, never built from input.

    `sql` gives text, seconds since 1970, an ISO day or a number, as `kind` says, and NULL for no value.
    `folded_sql` is an expression that is folded already (`tokendesk.model.text.fold`); without it the SQL
    function `fold` is called, which the connection must have. `values` are the known values, for completion;
    others are no error, unless it is `closed`: then there are none, and another is refused as a slip. `slips`: others
    are possible, but a word that is nearly one of `values` is refused. `many` is what stands around the condition
    where a row has several values: `("EXISTS (SELECT 1 FROM tag WHERE tag.token = token.id AND ", ")")`. `nothing` is
    the value of a CHOICE that stands for none: `any` does not mean it. `untold` is the value of a CHOICE with `many`
    that says that nothing is known: neither `any` nor `none` means it. `unread` says that there is a value which could
    not be read: it is neither `never` nor before or after anything, but `any` means it.
    """

    name: str
    kind: Kind
    sql: str
    help: str
    aliases: tuple[str, ...] = ()
    folded_sql: str | None = None
    values: tuple[str, ...] | None = None
    many: tuple[str, str] | None = None
    example: str = ""
    nothing: str = ""
    untold: str = ""
    unread: str = ""
    closed: bool = False
    slips: bool = False

    @property
    def is_compared(self) -> bool:
        """Whether it accepts `<` and `>`."""
        return self.kind in (Kind.NUMBER, Kind.PAST, Kind.FUTURE, Kind.DAY)

    @property
    def folded(self) -> str:
        return self.folded_sql or f"fold({self.sql})"


class Flag(NamedTuple):
    """What `is:NAME` or `has:NAME` means: a trusted SQL condition, or a filter text of the same table.

    A flag with neither is a name that is known but is not available here; `reason` says why.
    """

    name: str
    help: str
    sql: str | None = None
    filter: str | None = None
    reason: str = ""


Words = Callable[[TextMatch], tuple[str, list[object]]]
"""Given a word or phrase, the SQL condition that finds it in a row, and its parameters."""

IS = Field("is", Kind.FLAG, "", "what a row is", example="is:stale")
HAS = Field("has", Kind.FLAG, "", "what a row has", example="has:note")


class FieldTable:
    """The fields of one pane. Names are found whatever their case.

    `has:NAME` also works for the name of every field and means `NAME:any`. `words` may ask an index for a free word;
    `scanned` reads row after row, which is faster where the first few rows are all that is wanted.
    """

    def __init__(
        self,
        fields: Iterable[Field],
        flags: Iterable[Flag],
        has: Iterable[Flag],
        words: Words,
        scanned: Words | None = None,
    ) -> None:
        self.fields = tuple(fields)
        self.flags = {flag.name: flag for flag in flags}
        self.has = {flag.name: flag for flag in has}
        self.words = words
        self.scanned = scanned or words
        self._named: dict[str, Field] = {"is": IS, "has": HAS}
        for field in self.fields:
            for name in (field.name, *field.aliases):
                if name != name.lower() or name in self._named:
                    raise ValueError(f"field name {name!r} is taken or not in lower case")
                self._named[name] = field

    def find(self, name: str) -> Field | None:
        return self._named.get(name) or self._named.get(name.lower())

    def nearest(self, name: str) -> str | None:
        """Return the field name or alias most like `name`, or None where none is near. `role` is near `owner.role`."""
        end = f".{name.lower()}"
        return next((known for known in self._named if known.endswith(end)), None) or nearest(name, self._named)

    def flag_names(self, field: Field) -> tuple[str, ...]:
        """Return what may follow `is:` or `has:`."""
        if field is IS:
            return tuple(self.flags)
        return (*self.has, *(f.name for f in self.fields if f.name not in self.has))

    def flag(self, field: Field, name: str) -> Flag | None:
        """Return what `is:name` or `has:name` means."""
        name = name.lower()
        if field is IS:
            return self.flags.get(name)
        found = self.has.get(name)
        if found is None and (other := self.find(name)) is not None and other.kind is not Kind.FLAG:
            return Flag(name, f"{other.name} has a value", filter=f"{other.name}:any")
        return found


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the most similar of `names`, or None."""
    from difflib import get_close_matches

    found = get_close_matches(name.lower(), names, 1, 0.6)
    return found[0] if found else None
