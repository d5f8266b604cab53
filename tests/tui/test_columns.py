"""How columns share the available width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokendesk.model.findings import Thresholds
from tokendesk.tui.widgets.columns import GAP, LEFT, RIGHT, fit_columns, fit_text
from tokendesk.views.columns import Column
from tokendesk.views.panes import panes

LABEL, OWNER, USED = (
    Column[str]("label", "Label", 14, str, 3, 0),
    Column[str]("owner", "Owner", 12, str, 2, 3),
    Column[str]("used", "Used", 9, str, 0, 1),
)
EXTRA = Column[str]("extra", "Extra", 9, str, 0, 5)


def test_a_column_that_is_nice_to_have_cuts_no_name() -> None:
    room = LEFT + 14 + 12 + 9 + 9 + 4 * GAP - RIGHT
    assert [i for i, _ in fit_columns((LABEL, OWNER, USED, EXTRA), (30, 18, 4, 0), room)] == [0, 1, 2]
    assert [i for i, _ in fit_columns((LABEL, OWNER, USED, EXTRA), (10, 10, 4, 0), room)] == [0, 1, 2, 3]


@given(room=st.integers(0, 200), natural=st.tuples(*[st.integers(0, 300)] * 4))
def test_columns_never_take_more_than_there_is(room: int, natural: tuple[int, ...]) -> None:
    found = fit_columns((LABEL, OWNER, USED, EXTRA), natural, room)
    assert found
    if len(found) > 1:
        assert LEFT + sum(width + GAP for _, width in found) - RIGHT <= room


@given(text=st.text(max_size=30), width=st.integers(0, 20), right=st.booleans())
def test_a_fitted_text_takes_exactly_its_cells(text: str, width: int, right: bool) -> None:
    from rich.cells import cell_len

    from tokendesk.model.text import printable

    assert cell_len(fit_text(printable(text), width, right=right)) == width


@pytest.mark.parametrize(("room", "is_shown"), [(66, False), (90, False), (170, True)])
def test_what_tokens_reach_is_shown_where_there_is_room(room: int, is_shown: bool) -> None:
    columns = panes(Thresholds())["tokens"].columns
    natural = [14, 16, 9, 8, 7, 11, 9, 20, 14, 22]
    shown = [columns[i].name for i, _ in fit_columns(columns, natural, room)]
    assert ("reach" in shown) == is_shown
