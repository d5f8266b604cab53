"""What a filter means, as a tree.

    Node
    ├── And(items)  Or(items)  Not(item)
    ├── Word(text)  WordPattern(text)
    └── Condition(field, op, values)

Where a node stood in the text (`start`, `end`) takes no part in equality. Classes are written out and not
dataclasses: importing those would cost every start of the program more than the rest of this room.
"""

from typing import Final, Self


class _Fixed:
    """Equality, hash and repr by the attributes that `__match_args__` names."""

    __slots__ = ()
    __match_args__: tuple[str, ...] = ()

    def _parts(self) -> tuple[object, ...]:
        return tuple([getattr(self, name) for name in self.__match_args__])

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._parts()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._parts()))})"


class Value(_Fixed):
    """A value after `field:`. `text` is as written, durations and dates in lower case."""

    __slots__ = ("text",)
    __match_args__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text: Final = text


class Text(Value):
    __slots__ = ()


class Pattern(Value):
    """A text with `*`, unquoted: each stands for any characters."""

    __slots__ = ()


class Number(Value):
    __slots__ = ()


class Duration(Value):
    """`90d`, `1y6mo`."""

    __slots__ = ()


class Date(Value):
    """`2024`, `2024-05`, `2024-05-31`, `today` or `yesterday`: a span of whole UTC days."""

    __slots__ = ()


class Absent(Value):
    """`none` or `never`: there is no value."""

    __slots__ = ()


class Present(Value):
    """`any` or `*`: there is a value."""

    __slots__ = ()


class Range(Value):
    """`low..high`, both ends included; one of them may be missing."""

    __slots__ = ("high", "low")
    __match_args__ = ("low", "high")

    def __init__(self, low: Value | None, high: Value | None) -> None:
        super().__init__(f"{low.text if low else ''}..{high.text if high else ''}")
        self.low: Final = low
        self.high: Final = high


class Node(_Fixed):
    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start: Final = start
        self.end: Final = end

    def at(self, start: int, end: int) -> Self:
        """Return this node with the position of its parentheses."""
        return type(self)(*self._parts(), start, end)  # type: ignore[call-arg, arg-type]


class And(Node):
    __slots__ = ("items",)
    __match_args__ = ("items",)

    def __init__(self, items: tuple[Node, ...], start: int = 0, end: int = 0) -> None:
        super().__init__(start, end)
        self.items: Final = items


class Or(Node):
    __slots__ = ("items",)
    __match_args__ = ("items",)

    def __init__(self, items: tuple[Node, ...], start: int = 0, end: int = 0) -> None:
        super().__init__(start, end)
        self.items: Final = items


class Not(Node):
    __slots__ = ("item",)
    __match_args__ = ("item",)

    def __init__(self, item: Node, start: int = 0, end: int = 0) -> None:
        super().__init__(start, end)
        self.item: Final = item


class Word(Node):
    """A free word or a quoted phrase: the same thing to the search."""

    __slots__ = ("text",)
    __match_args__ = ("text",)

    def __init__(self, text: str, start: int = 0, end: int = 0) -> None:
        super().__init__(start, end)
        self.text: Final = text


class WordPattern(Node):
    """A free word with `*`, as typed."""

    __slots__ = ("text",)
    __match_args__ = ("text",)

    def __init__(self, text: str, start: int = 0, end: int = 0) -> None:
        super().__init__(start, end)
        self.text: Final = text


class Condition(Node):
    """`field:a,b` (any of). `field` is the canonical name; `op` is one of `: = < <= > >=`."""

    __slots__ = ("field", "op", "values")
    __match_args__ = ("field", "op", "values")

    def __init__(self, field: str, op: str, values: tuple[Value, ...], start: int = 0, end: int = 0) -> None:
        super().__init__(start, end)
        self.field: Final = field
        self.op: Final = op
        self.values: Final = values
