"""Parsing and formatting filters, and the messages for invalid ones."""

import contextlib
import time

import pytest

from tokendesk.filtering.compile import compile_filter
from tokendesk.filtering.errors import FilterError
from tokendesk.filtering.fields import Field, FieldTable, Kind
from tokendesk.filtering.format import write
from tokendesk.filtering.parse import MAX_CHARACTERS, MAX_CONDITIONS, MAX_DEPTH, parse
from tokendesk.filtering.tree import (
    Absent,
    And,
    Condition,
    Date,
    Duration,
    Node,
    Not,
    Number,
    Or,
    Present,
    Range,
    Text,
    Word,
)

A, B, C = Word("a"), Word("b"), Word("c")
NOW = 1_790_000_000

TREES: list[tuple[str, Node | None, str]] = [
    ("", None, ""),
    (" \t\n", None, ""),
    ("a b", And((A, B)), "a b"),
    ("a and b", And((A, B)), "a b"),
    ("a AND b or c", Or((And((A, B)), C)), "a b or c"),
    ("a (b or c)", And((A, Or((B, C)))), "a (b or c)"),
    ("a (b c)", And((A, And((B, C)))), "a (b c)"),
    ("((a))", A, "a"),
    ("a or b or c", Or((A, B, C)), "a or b or c"),
    ("(a or b) or c", Or((Or((A, B)), C)), "(a or b) or c"),
    ("-a", Not(A), "-a"),
    ("not a", Not(A), "-a"),
    ("NOT(a)", Not(A), "-a"),
    ("not not a", Not(Not(A)), "not -a"),
    ("-(a b)", Not(And((A, B))), "-(a b)"),
    ("-a b", And((Not(A), B)), "-a b"),
    ("a - b", And((A, Word("-"), B)), 'a "-" b'),
    ("--force", Word("--force"), '"--force"'),
    ("co-operate", Word("co-operate"), "co-operate"),
    ('"a b"', Word("a b"), '"a b"'),
    ('"a"', A, "a"),
    ('"or"', Word("or"), '"or"'),
    ("Order notable", And((Word("Order"), Word("notable"))), "Order notable"),
    (r'"say \"hi\" to C:\\x"', Word(r'say "hi" to C:\x'), r'"say \"hi\" to C:\\x"'),
    (r'"C:\temp"', Word(r"C:\temp"), r"C:\temp"),
    ('"owner:bo"', Word("owner:bo"), '"owner:bo"'),
    ('a"b"c', And((A, B, C)), "a b c"),
    ("run(1)", Word("run(1)"), '"run(1)"'),
    ("(run(1))", Word("run(1)"), '"run(1)"'),
    ("a(b c)", And((A, And((B, C)))), "a (b c)"),
    ("(a)(b)", And((A, B)), "a b"),
    ("http://nas/x?y=1 12:30", And((Word("http://nas/x?y=1"), Word("12:30"))), "http://nas/x?y=1 12:30"),
    (r"C:\temp", Word(r"C:\temp"), r"C:\temp"),
    ("key=value a->b <x@y.z>", And((Word("key=value"), Word("a->b"), Word("<x@y.z>"))), '"key=value" a->b <x@y.z>'),
    ("owner:bo", Condition("owner", ":", (Text("bo"),)), "owner:bo"),
    ("USER:Bo", Condition("owner", ":", (Text("Bo"),)), "owner:Bo"),
    ("owner=bo", Condition("owner", "=", (Text("bo"),)), "owner:=bo"),
    ("owner:bo,ada", Condition("owner", ":", (Text("bo"), Text("ada"))), "owner:bo,ada"),
    ('owner:="bo, ada",cy', Condition("owner", "=", (Text("bo, ada"), Text("cy"))), 'owner:="bo, ada",cy'),
    ("owner:none", Condition("owner", ":", (Absent("none"),)), "owner:none"),
    ('owner:"none"', Condition("owner", ":", (Text("none"),)), 'owner:"none"'),
    ("owner:ANY", Condition("owner", ":", (Present("any"),)), "owner:any"),
    ("label:http://x", Condition("label", ":", (Text("http://x"),)), "label:http://x"),
    ("label:(1)", Condition("label", ":", (Text("(1)"),)), 'label:"(1)"'),
    ("label:1..2", Condition("label", ":", (Text("1..2"),)), "label:1..2"),
    ('label:"//x"', Condition("label", ":", (Text("//x"),)), 'label:"//x"'),
    ('label:"=x"', Condition("label", ":", (Text("=x"),)), 'label:"=x"'),
    ("(owner:bo)", Condition("owner", ":", (Text("bo"),)), "owner:bo"),
    ("status:=allowed", Condition("status", ":", (Text("allowed"),)), "status:allowed"),
    ("tokens<=3", Condition("tokens", "<=", (Number("3"),)), "tokens:<=3"),
    ("tokens:-3..4.5", Condition("tokens", ":", (Range(Number("-3"), Number("4.5")),)), "tokens:-3..4.5"),
    ("idle>90D", Condition("used", ">", (Duration("90d"),)), "used:>90d"),
    ("used:<1Y6mo", Condition("used", "<", (Duration("1y6mo"),)), "used:<1y6mo"),
    ("used:..30d", Condition("used", ":", (Range(None, Duration("30d")),)), "used:..30d"),
    ("used:2024-01..today", Condition("used", ":", (Range(Date("2024-01"), Date("today")),)), "used:2024-01..today"),
    ('used:"2024"', Condition("used", ":", (Date("2024"),)), "used:2024"),
    ("expires:<30d,never", Condition("expires", "<", (Duration("30d"), Absent("never"))), "expires:<30d,never"),
    ("is:stale,BUSY", Condition("is", ":", (Text("stale"), Text("busy"))), "is:stale,busy"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "tree", "canonical"), TREES)
def test_a_text_means_its_tree_and_is_written_canonically(
    table: FieldTable, text: str, tree: Node | None, canonical: str
) -> None:
    assert parse(text, table) == tree
    assert write(tree) == canonical
    assert parse(canonical, table) == tree


ERRORS = [
    ("polcy:x", "unknown field 'polcy' (to search for the words, put them in quotes)", "polcy", None),
    ("a tokns:3", "unknown field 'tokns' (did you mean tokens?)", "tokns", "tokens"),
    ("-(Tokns:3)", "unknown field 'Tokns' (did you mean tokens?)", "Tokns", "tokens"),
    ("idel>90d", "unknown field 'idel' (did you mean idle?)", "idel", "idle"),
    ("zeit>9", "unknown field 'zeit' (to search for the words, put them in quotes)", "zeit", None),
    ("zeit:", "unknown field 'zeit' (to search for the words, put them in quotes)", "zeit", None),
    ("is:stael", "unknown is:stael (did you mean is:stale?)", "stael", "stale"),
    ("is:xyzzy", "unknown is:xyzzy", "xyzzy", None),
    ("has:ownr", "unknown has:ownr (did you mean has:owner?)", "ownr", "owner"),
    ("is:", "is needs a name, as in is:stale", "", None),
    ("is:>stale", "is cannot be compared with >", ":>", ":"),
    ("is:marked", "is:marked is not available here: marks live in the screen", "is:marked", None),
    ("used:>90x", "'90x' is not a duration: use h, d, w, mo or y, as in 90d", "90x", "90d"),
    ("used:>90", "'90' is not a duration: use h, d, w, mo or y, as in 90d", "90", "90d"),
    ("used:>3months", "'3months' is not a duration: use h, d, w, mo or y, as in 90d", "3months", "3mo"),
    ("used:>2024-13", "'2024-13' is not a date: use year-month-day, as in 2024-05-31", "2024-13", None),
    ("used:>2023-02-29", "'2023-02-29' is not a date: use year-month-day, as in 2024-05-31", "2023-02-29", None),
    ("used:>5-5-2024", "'5-5-2024' is not a date: use year-month-day, as in 2024-05-31", "5-5-2024", None),
    ("used:>2001y", "'2001y' is longer than 1,000 years", "2001y", None),
    ("used:soon", "'soon' is neither a duration nor a date: write 90d, 2024-05-31, today or never", "soon", None),
    ("used:90d", "used:90d needs a direction: used:..90d is in the last 90d, used:90d.. is longer ago", "90d", "90d.."),
    ("expires:9d", "expires:9d needs a direction: expires:..9d is within 9d, expires:9d.. is later", "9d", "..9d"),
    ("tokens:many", "'many' is not a number", "many", None),
    ("tokens:²", "'²' is not a number", "²", None),
    ("tokens:10..2", "10..2 is reversed: write 2..10", "10..2", "2..10"),
    ("used:30d..7d", "30d..7d is reversed: write 7d..30d", "30d..7d", "7d..30d"),
    ("used:2024..2023-05", "2024..2023-05 is reversed: write 2023-05..2024", "2024..2023-05", "2023-05..2024"),
    ("used:30d..2024", "both ends of a range must be of one kind", "30d..2024", None),
    ("used:..", "a range needs at least one end, as in ..10 or 10..", "..", None),
    ("used:>1d..3d", "a range takes no >: used:1d..3d", "1d..3d", "1d..3d"),
    ("used:>1d,3d", "> takes one value; join several conditions with or", "1d,3d", None),
    ("owner:>bo", "owner cannot be compared with >", ":>", ":"),
    ("owner>bo", "owner cannot be compared with >", ">", ":"),
    ("owner:bo,=ada", "a list of values takes one comparison: owner:=a,b", "=ada", None),
    ("owner:", "owner needs a value, as in owner:x", "", None),
    ("owner: bo", "owner needs a value, as in owner:x", "", None),
    ('owner:""', "there is nothing between these quotes: owner:none is not a value", '""', None),
    ("owner:bo, ada", "a value is missing after this comma", ",", None),
    ("owner:(bo or ada)", "separate several values with commas: owner:a,b", "(", None),
    ("status!=blocked", "to negate, put - in front: -status:blocked", "status!=blocked", "-status:blocked"),
    ('""', "there is nothing between these quotes", '""', None),
    ('a "b', "this quote is never closed", '"b', None),
    ('owner:"b', "this quote is never closed", '"b', None),
    ("a (b", "this ( is never closed", "(", None),
    ("a (", "this ( is never closed", "(", None),
    ("(a or (b)", "this ( is never closed", "(", None),
    ("a) b", "unmatched )", ")", None),
    (")", "unmatched )", ")", None),
    ("a ()", "there is nothing between these parentheses", "()", None),
    ("a or", "something is missing after this 'or' (to search for the word, write \"or\")", "or", None),
    ("OR a", "something is missing before this 'OR' (to search for the word, write \"OR\")", "OR", None),
    ("(and a)", "something is missing before this 'and' (to search for the word, write \"and\")", "and", None),
    ("a or not", "something is missing after this 'not' (to search for the word, write \"not\")", "not", None),
    ("a\ud800", "this is not valid text (half a character)", "\ud800", None),
    ("a\0", "this character cannot be searched for", "\0", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "place", "suggestion"), ERRORS)
def test_an_error_is_one_sentence_and_points_at_its_place(
    table: FieldTable, text: str, message: str, place: str, suggestion: str | None
) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text, table)
    error = caught.value
    assert str(error) == message
    assert text[error.start : error.end] == place
    assert error.suggestion == suggestion


def test_the_suggestion_can_take_the_place_of_the_error(table: FieldTable) -> None:
    text = "tokns:>3 used:90d owner>bo status!=blocked tokens:3..1"
    for _ in range(5):
        with pytest.raises(FilterError) as caught:
            parse(text, table)
        assert caught.value.suggestion
        text = text[: caught.value.start] + caught.value.suggestion + text[caught.value.end :]
    assert parse(text, table)
    assert text == "tokens:>3 used:90d.. owner:bo -status:blocked tokens:1..3"


def test_carets_stand_under_the_place() -> None:
    assert FilterError("", 2, 7).pointer("a polcy:x") == "a polcy:x\n  ^^^^^"
    assert FilterError("", 9, 9).pointer("a status:") == "a status:\n         ^"


def test_carets_count_cells_and_nothing_typed_reaches_the_terminal_raw() -> None:
    assert FilterError("", 3, 4).pointer("日本 x") == "日本 x\n     ^"
    assert FilterError("", 2, 3).pointer("\x1b x") == "␛ x\n  ^"


@pytest.mark.parametrize("start", [0, 7, 300, 590])
def test_the_caret_lines_of_a_long_text_fit_the_terminal(start: int) -> None:
    lines = FilterError("", start, start + 10).pointer("ab 日本 " * 100, width=60).split("\n")
    assert all(len(line) + sum(c in "日本" for c in line) <= 60 for line in lines)
    assert lines[1].endswith("^")


def test_a_long_slip_is_not_repeated_in_full(table: FieldTable) -> None:
    with pytest.raises(FilterError) as caught:
        parse(f"used:{'9' * 5000}", table)
    assert len(str(caught.value)) < 120


def test_every_input_is_bounded(table: FieldTable) -> None:
    assert parse("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH, table) == A
    assert parse("a " * MAX_CONDITIONS, table)
    for text in (
        "(" * 3000,
        "(" * 9 + "a" + ")" * 9,
        "not " * 9 + "a",
        "a " * (MAX_CONDITIONS + 1),
        "a" * (MAX_CHARACTERS + 1),
    ):
        with pytest.raises(FilterError):
            parse(text, table)


def test_the_longest_inputs_are_read_at_once(table: FieldTable) -> None:
    texts = (
        "a(" * 5000,
        "a" * MAX_CHARACTERS,
        "-" * MAX_CHARACTERS,
        '"' * 9999,
        "a:" * 5000,
        "a,(" * 3333,
        ")a" * 5000,
    )
    started = time.process_time()
    for text in texts:
        with contextlib.suppress(FilterError):
            parse(text, table)
    assert time.process_time() - started < 5


def test_a_flag_defined_by_itself_or_wrongly_is_an_error_at_the_flag(table: FieldTable) -> None:
    for text, said in (("a is:circle", "defined by itself"), ("a is:broken", "unknown field 'colour'")):
        with pytest.raises(FilterError, match=said) as caught:
            compile_filter(parse(text, table), table, NOW)
        assert (caught.value.start, caught.value.end) == (2, 11)


def test_a_tree_of_another_table_is_an_error(table: FieldTable) -> None:
    other = FieldTable([Field("colour", Kind.TEXT, "colour", "")], (), (), table.words)
    with pytest.raises(FilterError, match="colour"):
        compile_filter(parse("colour:red", other), table, NOW)


def test_a_table_refuses_two_fields_of_one_name(table: FieldTable) -> None:
    for names in (("a", "a"), ("is",), ("A",)):
        with pytest.raises(ValueError, match="is taken or not in lower case"):
            FieldTable([Field(name, Kind.TEXT, "x", "") for name in names], (), (), table.words)
