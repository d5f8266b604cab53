"""How columns share the available width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokendesk.model.findings import Thresholds
from tokendesk.reporting.values import COLUMNS
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


_ALWAYS = ["label", "owner", "used", "expires"]


@pytest.mark.parametrize(
    ("room", "beside_details", "names"),
    [
        pytest.param(77, False, [*_ALWAYS, "findings"], id="80x24"),
        pytest.param(97, False, [*_ALWAYS, "policy", "findings"], id="100x30"),
        pytest.param(95, False, [*_ALWAYS, "policy", "findings"], id="120x36"),
        pytest.param(77, True, [*_ALWAYS, "findings", "purpose"], id="140x40 with details"),
        pytest.param(115, False, [*_ALWAYS, "policy", "findings", "decision", "purpose"], id="140x40 without"),
        pytest.param(137, True, [*_ALWAYS, "policy", "findings", "purpose", "reach"], id="200x50 with details"),
    ],
)
def test_what_is_worth_most_is_shown_in_the_room_there_is(room: int, beside_details: bool, names: list[str]) -> None:
    columns = panes(Thresholds())["tokens"].default_columns
    natural = {"label": 19, "owner": 16, "policy": 12, "findings": 10, "purpose": 36, "reach": 22}
    wide = [natural.get(column.name, column.width) for column in columns]
    found = dict(fit_columns(columns, wide, room, beside_details=beside_details))
    assert [columns[i].name for i in found] == names
    if room > 77:
        assert found[0] >= 18
    if "reach" in names:
        assert found[[column.name for column in columns].index("purpose")] == 36


def test_chosen_columns_stand_in_their_order_and_the_last_ones_go_first() -> None:
    columns = panes(Thresholds())["tokens"].columns_named(("created", "no such column", "label", "scopes", "id"))
    assert [column.name for column in columns] == ["created", "label", "scopes", "id"]
    natural = [column.width for column in columns]
    assert [i for i, _ in fit_columns(columns, natural, 60)] == [0, 1, 2]
    assert panes(Thresholds())["tokens"].columns_named(("no such column",))[0].name == "label"


@pytest.mark.parametrize("pane", COLUMNS)
def test_each_column_of_list_can_be_shown(pane: str) -> None:
    elsewhere = {"changes": {"at": "when", "kind": "what"}, "journal": {"at": "when", "by": "author"}}.get(pane, {})
    names = {column.name for column in panes(Thresholds())[pane].columns}
    assert {elsewhere.get(name, name) for name in COLUMNS[pane]} <= names
    assert len(names) == len(panes(Thresholds())[pane].columns)
