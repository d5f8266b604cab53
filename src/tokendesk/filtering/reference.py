"""The fields of a pane and the rules of the language as rows, for help screens, `--help` and docs."""

from typing import NamedTuple

from tokendesk.filtering.fields import HAS, IS, Field, FieldTable, Kind
from tokendesk.filtering.values import example


class Row(NamedTuple):
    name: str
    takes: str
    example: str
    help: str


_TAKES = {
    Kind.TEXT: 'words, "a phrase", a*b, =exactly this, none, any',
    Kind.CHOICE: "a whole value, a*b, none, any",
    Kind.NUMBER: "3, 1..5, 3.., >3, <=3, none, any",
    Kind.PAST: "age ..7d, 90d.., >90d; date 2024-05.., 2024-05; never, any",
    Kind.FUTURE: "time left ..30d, 30d.., <30d; date ..2024-05, 2024-05; never, any",
    Kind.DAY: "date ..today, 2024-05; days left ..30d, <30d; never, any",
}

SYNTAX = (
    Row("word", "", "deploy", "the word anywhere in the visible text, ignoring case and accents"),
    Row('"phrase"', "", '"nightly export"', 'several words in this order; \\" for a quote inside'),
    Row("field:value", "", "owner:bo", "a value of a field in the list below; several conditions must all match"),
    Row("field:a,b", "", "status:allowed,blocked", "any of several values"),
    Row("field:=value", "", 'owner:="Bo Test"', "exactly this text, not only a part"),
    Row("a*b", "", "label:svc-*-prod", "* stands for any letters or none; in quotes it is an asterisk"),
    Row("field:=a*", "", "label:=svc-*", "a whole text that begins so; =*a ends so"),
    Row("low..high", "", "idle:90d..", "a range of numbers, durations or dates; either end may be omitted"),
    Row("< <= > >=", "", "idle:>90d", "compares; < and > exclude the limit; needs quotes in a shell"),
    Row("none never any", "", "used:never", "no value, or any value at all; * alone is any"),
    Row("-x  not x", "", "-tag:ci", "what does not match; also what has no value"),
    Row("x or y", "", "idle:1y.. or used:never", "either of them; parentheses ( ) group"),
    Row("durations", "h d w mo y", "1y6mo", "a month is 30 days and a year 365"),
    Row("dates", "", "2024-05", "a UTC day, month or year; also today and yesterday"),
)


def reference(table: FieldTable) -> tuple[Row, ...]:
    """Return a row for each field of `table`, then for each `is:` and `has:` name."""
    return (
        *(Row(_names(field), takes(field), example(field), field.help) for field in table.fields),
        *(Row(f"is:{flag.name}", "", f"is:{flag.name}", flag.help) for flag in table.flags.values()),
        *(Row(f"has:{flag.name}", "", f"has:{flag.name}", flag.help) for flag in table.has.values()),
    )


def takes(field: Field) -> str:
    """Describe the values after the colon, briefly."""
    if field in (IS, HAS):
        return "a name"
    if field.kind is Kind.CHOICE and field.values:
        return ", ".join([*field.values, "none", "any"])
    return _TAKES[field.kind]


def _names(field: Field) -> str:
    return ", ".join((field.name, *field.aliases))
