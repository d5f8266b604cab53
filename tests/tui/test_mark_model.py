"""The marks of a list, without the list."""

from hypothesis import given
from hypothesis import strategies as st

from tokendesk.tui.widgets.mark_model import MarkModel

IDS = list(range(100, 130))
indexes = st.integers(0, len(IDS) - 1)


def test_marks_are_put_on_and_taken_off() -> None:
    marks = MarkModel()
    marks.put((1, 2, 3), True)
    marks.put((2,), False)
    assert marks.row_ids == {1, 3}
    marks.clear()
    assert marks.row_ids == set()


@given(indexes, indexes)
def test_a_range_has_both_of_its_ends_whichever_way_it_goes(begin: int, end: int) -> None:
    marks = MarkModel()
    marks.begin_range(begin)
    assert marks.has_range
    found = marks.end_range(end, IDS)
    assert {IDS[begin], IDS[end]} <= set(found)
    assert len(found) == abs(begin - end) + 1
    assert not marks.has_range


@given(indexes, indexes)
def test_a_range_that_was_cancelled_marks_nothing(begin: int, end: int) -> None:
    marks = MarkModel()
    marks.begin_range(begin)
    marks.cancel_range()
    assert marks.end_range(end, IDS) == ()


@given(st.lists(st.tuples(st.sets(st.sampled_from(IDS)), st.booleans())))
def test_a_row_is_marked_as_it_was_put_last(steps: list[tuple[set[int], bool]]) -> None:
    marks, last = MarkModel(), dict.fromkeys(IDS, False)
    for row_ids, on in steps:
        marks.put(row_ids, on)
        last.update(dict.fromkeys(row_ids, on))
    assert marks.row_ids == {row_id for row_id, on in last.items() if on}
