"""A column of in-memory rows: its text, sort key and width."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)  # with slots Column[T](...) cannot be made
class Column(Generic[T]):
    """`text`: the cell of a row; `sort_key`: None to sort by the text; `tone`: for the row and its text.

    `width`, `grow`, `priority`, `beside`, `readable`, `whole` as in `PaneColumn`.
    """

    name: str
    title: str
    width: int
    text: Callable[[T], str] = field(compare=False)
    grow: int = 0
    priority: int = 0
    right: bool = False
    sort_key: Callable[[T], Any] | None = field(default=None, compare=False)
    tone: Callable[[T, str], str] = field(default=lambda *_: "", compare=False)
    beside: int | None = None
    readable: int = 20
    whole: bool = False
