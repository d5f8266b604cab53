"""A value that a field never has is refused: it would match nothing, or everything with a - in front."""

import pytest

from tokendesk.filtering.errors import FilterError
from tokendesk.filtering.parse import parse
from tokendesk.model.findings import Thresholds
from tokendesk.views.panes import panes

PANES = panes(Thresholds())


@pytest.mark.parametrize(
    ("pane", "text", "at", "meant"),
    [
        ("tokens", "power:raed", "raed", "read"),
        ("tokens", "-power:raed", "raed", "read"),
        ("tokens", "power:read,wirte", "wirte", "write"),
        ("tokens", 'power:"raed"', '"raed"', "read"),
        ("tokens", "power:=raed", "raed", "read"),
        ("tokens", "stops:may_not", "may_not", "may-not"),
        ("tokens", "stops:xyz", "xyz", None),
        ("tokens", "decision:keeep", "keeep", "keep"),
        ("tokens", "policy.tokens:x", "x", None),
        ("tokens", "rhythm:dayly", "dayly", "daily"),
        ("tokens", "reach:jria", "jria", "jira"),
        ("users", "reach:bitbuket", "bitbuket", "bitbucket"),
        ("users", "decision:keeep", "keeep", "keep"),
        ("policies", "setting:x", "x", None),
        ("policies", "power:raed", "raed", "read"),
        ("changes", "kind:creatd", "creatd", "created"),
        ("journal", "state:dome", "dome", "done"),
        ("journal", "kind:mvoe", "mvoe", "move"),
        ("journal", "outcome:faild", "faild", "failed"),
    ],
)
def test_a_misspelt_value_of_a_closed_list_is_refused(pane: str, text: str, at: str, meant: str | None) -> None:
    with pytest.raises(FilterError) as refused:
        parse(text, PANES[pane].fields)
    error = refused.value
    assert (text[error.start : error.end], error.suggestion) == (at, meant)
    assert (f"did you mean {meant}?" if meant else "it is one of ") in error.message
    if meant:
        parse(text[: error.start] + meant + text[error.end :], PANES[pane].fields)


@pytest.mark.parametrize(
    ("pane", "name"), [("tokens", "owner.role"), ("tokens", "owner.access"), ("users", "token.idle")]
)
def test_a_field_of_the_owner_or_the_tokens_is_found_by_its_own_name(pane: str, name: str) -> None:
    with pytest.raises(FilterError, match=f"did you mean {name}"):
        parse(f"{name.partition('.')[2]}:x", PANES[pane].fields)


@pytest.mark.parametrize(
    "text",
    [
        "status:archived", "owner.status:frozen", "product:trello",  # Atlassian may have more words than we know
        "reach:read:quantum", "reach:telepathy", "reach:manage:jira-things",  # a scope nobody here knows
        "power:READ", "decision:UNDECIDED", "decision:none", "decision:any", "stops:not-told", "reach:not-told",
        "policy.tokens:none", "rhythm:stopped", "tag:keeep",
    ],
)  # fmt: skip
def test_what_may_be_a_value_is_none_of_a_slip(text: str) -> None:
    assert parse(text, PANES["tokens"].fields) is not None


def test_every_value_that_a_field_declares_is_accepted() -> None:
    for pane in PANES.values():
        for field in pane.fields.fields:
            for value in field.values or ():
                assert parse(f'{field.name}:"{value}"', pane.fields) is not None
