"""Credentials as rows: filters, findings, details, groups, notes, and what other rows tell of them."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.credentials_served import ADMIN, LISTED, pulled_lists
from tests.practice import NOW, organization
from tests.snapshot.older_formats import set_back
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.errors import UsageError
from tokendesk.model.findings import Thresholds
from tokendesk.reporting.values import COLUMNS
from tokendesk.views.credential_words import ONE
from tokendesk.views.details import details
from tokendesk.views.groups import count_groups
from tokendesk.views.own_key import own_key_warning
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader
from tokendesk.views.readiness import policy_readiness

PRESENT = int(NOW.timestamp())


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Any:
    settings = pulled_lists(tmp_path_factory.mktemp("home"))
    with Reader(settings.paths, Thresholds()) as opened:
        yield opened


def found(reader: Reader, text: str) -> Sequence[str]:
    ids = reader.ids(Query("credentials", filter=text), PRESENT)
    return [record.partition(":")[2] for record in reader.records("credentials", ids).values()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "k1 k2 k3 k4 s1 s2 t1 t2 t3 c1"),
        ("kind:key", "k1 k2 k3 k4"),
        ("kind:service-token,oauth-client", "t1 t2 t3 c1"),
        ("kind:key ends:<30d power:read", "k1"),
        ("name:import", "s1 t1"),
        ("importer", "s1 t1 t2 c1"),
        ("account:importer", "t1 t2 c1"),
        ("maker:left", "k2"),
        ("maker.status:active", "k1"),
        ("is:made-by-stranger", "k2"),
        ("is:maker-unknown", "k2"),
        ("is:no-expiry", "k3"),
        ("ends:never kind:service-token", "t1 t2 t3"),
        ("is:may-administer", "k2"),
        ("is:idle", "s1 t1"),
        ("is:never-used", "k2"),
        ("is:expiring", "k1"),
        ("is:expiring-in-use", "k1"),
        ("is:revoked", "k4"),
        ("is:no-purpose -kind:key", "s1 s2 t1 t2 t3 c1"),
        ("reach:jira", "t1"),
        ("reach:organization", "k1 k2 k3 k4"),
        ("power:write", "t1"),
        ("power:not-told", "c1 t3"),
        ("scope:page", "t2"),
        ("tokens:>1", "s1"),
        ("status:inactive", "s2"),
        ("id:t1,k1", "k1 t1"),
        ("record:key:k1", "k1"),
        ("decision:undecided kind:oauth-client", "c1"),
    ],
)
def test_filters_find_their_rows(reader: Reader, text: str, expected: str) -> None:
    assert sorted(found(reader, text)) == sorted(expected.split())


def test_what_a_kind_does_not_tell_is_not_said_to_be_never(reader: Reader) -> None:
    ids = reader.ids(Query("credentials"), PRESENT)
    pane = reader.panes["credentials"]
    from tokendesk.views.cells import cell

    columns = {name: pane.column(name) for name in ("used", "ends")}
    shown = {
        row["credential_id"]: tuple(cell(row, column, PRESENT) for column in columns.values() if column)
        for row in reader.window(pane, ids, PRESENT).values()
    }
    assert shown["k2"] == ("never", "189 d")
    assert shown["k3"] == ("never", "no end")
    assert shown["t2"] == ("never", "")
    assert shown["s1"] == ("326 d", "")
    assert shown["c1"] == shown["s2"] == ("", "")


def test_details_of_each_row_say_what_is_known(reader: Reader) -> None:
    texts = {}
    for row_id in reader.ids(Query("credentials"), PRESENT):
        row = reader.row("credentials", row_id, PRESENT)
        shown = details(reader, "credentials", row_id, PRESENT)
        assert row is not None
        assert shown is not None
        for section in shown.sections:
            for fact in section.facts:
                if fact.leads is not None:
                    assert reader.ids(fact.leads, PRESENT) or fact.name == "decision", fact
        texts[row["credential_id"]] = "\n".join(f"{f.name} {f.value}" for s in shown.sections for f in s.facts)
        assert ONE[row["kind"]] in texts[row["credential_id"]]
    assert "made by Somebody Left\nmaker is not among the managed users" in texts["k2"]
    assert "reach organization · may administer" in texts["k2"]
    assert "its maker is not among the managed users" in texts["k2"]
    assert "account Importer" in texts["t1"]
    assert "reach not told: no scopes are listed" in texts["t3"]
    assert 'odd {"deep": [1]}' in texts["c1"]
    assert "importer token of a service account, used 326 d ago" in texts["s1"]
    assert "ends not told" in texts["t1"]


def test_a_user_shows_what_they_made(reader: Reader) -> None:
    user = reader.find("users", ADMIN["id"])
    assert user is not None
    shown = details(reader, "users", user, PRESENT)
    assert shown is not None
    (section,) = [each for each in shown.sections if each.title == "Made by this user"]
    assert [fact.name for fact in section.facts] == ["SIEM"]
    assert section.leads is not None
    assert len(reader.ids(section.leads, PRESENT)) == 1


def test_readiness_says_what_no_policy_touches(reader: Reader) -> None:
    policy = organization().policies[0].id
    said = policy_readiness(reader, policy, PRESENT).not_counted
    assert said[-1] == (
        "Not counted, since no policy of users is known to reach them: "
        "3 API keys, 1 OAuth client and 3 tokens of service accounts."
    )


def test_rows_are_grouped_by_kind_reach_and_scope(reader: Reader) -> None:
    def groups(by: str) -> dict[str, int]:
        return {
            " ".join(value.text for value in group.values): group.rows
            for group in count_groups(reader, Query("credentials"), (by,), PRESENT).groups
        }

    assert groups("kind") == {"key": 4, "service-account": 2, "service-token": 3, "oauth-client": 1}
    assert groups("power") == {"read": 3, "write": 1, "admin": 2, "not-told": 2, "(none)": 2}
    assert groups("reach")["organization"] == 4
    assert groups("scopes")["read:jira-user"] == 1
    assert groups("tags") == {"(none)": 10}


def test_exported_values_are_those_that_were_sent(reader: Reader) -> None:
    ids = reader.ids(Query("credentials", filter="id:k1"), PRESENT)
    (row,) = reader.window(reader.panes["credentials"], ids, PRESENT).values()
    values = {name: value(row) for name, value in COLUMNS["credentials"].items()}
    assert values["ends"] == "2026-12-10T00:00:00Z"
    assert values["scopes"] == ["read:events:admin"]
    assert values["findings"] == ["expiring-in-use", "expiring", "no-purpose"]
    json.dumps(values)


def test_a_note_is_written_and_decisions_are_their_own(tmp_path: Path) -> None:
    settings = pulled_lists(tmp_path)
    with Desk(settings.paths.desk, author="admin") as desk:
        write_note(desk, "credential", ["key:k1"], {"purpose": "Feeds the SIEM", "decision": "rotate"})
        with pytest.raises(UsageError, match="is not a decision on a credential"):
            write_note(desk, "credential", ["key:k1"], {"decision": "revoke"})
        with pytest.raises(UsageError, match="is not a decision on a token"):
            write_note(desk, "token", ["t"], {"decision": "rotate"})
    with Reader(settings.paths, Thresholds()) as reader:
        assert found(reader, "siem decision:rotate purpose:feeds") == ["k1"]
        assert found(reader, "is:no-purpose kind:key") == ["k2", "k3"]


def test_the_history_tells_what_changed(tmp_path: Path) -> None:
    settings = pulled_lists(tmp_path)
    first, *others = LISTED["api-keys"]
    renamed = {**first, "label": "SIEM 2", "expiresAt": "2027-12-10T00:00:00Z", "scopes": ["read:orgs:admin"]}
    changed = {**LISTED, "api-keys": [renamed, *others[1:]], "service-accounts": LISTED["service-accounts"][::-1]}
    pulled_lists(tmp_path, changed)
    with closing(sqlite3.connect(settings.paths.history)) as db:
        said = {(row[0], row[1]) for row in db.execute("SELECT kind, record FROM change WHERE subject = 'credential'")}
    assert said == {
        ("relabelled", "key:k1"), ("expiry", "key:k1"), ("scopes", "key:k1"), ("gone", "key:k2"),
    }  # fmt: skip
    with Reader(settings.paths, Thresholds()) as reader:
        (gone,) = reader.ids(Query("changes", filter="is:credential kind:gone"), PRESENT)
        shown = details(reader, "changes", gone, PRESENT)
        assert shown is not None
        assert shown.title == "all rights"


def test_the_end_of_our_own_key_is_told(reader: Reader) -> None:
    assert own_key_warning(reader, "SIEM", PRESENT) == "our API key ends in 16 d"
    assert own_key_warning(reader, "SIEM", PRESENT + 20 * 86400) == "our API key ended 10 Dec 2026"
    assert own_key_warning(reader, "all rights", PRESENT) == ""
    assert own_key_warning(reader, None, PRESENT) == ""
    assert own_key_warning(reader, "nobody's", PRESENT) == "no API key has the name of key_label"


def test_a_snapshot_of_the_format_before_has_none(tmp_path: Path) -> None:
    settings = pulled_lists(tmp_path)
    set_back(settings.paths.snapshot, 3)
    with Reader(settings.paths, Thresholds()) as reader:
        assert found(reader, "is:no-purpose power:admin") == []
        assert reader.info is not None
        assert reader.info.credentials_at is None
    pulled_lists(tmp_path)
    with closing(sqlite3.connect(settings.paths.history)) as db:
        assert db.execute("SELECT count(*) FROM change WHERE subject = 'credential'").fetchone() == (0,)
