"""The values of a saved snapshot from elsewhere: those of a wrong type are named, strange ones are read."""

import random
from contextvars import copy_context
from pathlib import Path

import pytest

from tests.database import database
from tests.fuzz.reading import read_everything
from tests.fuzz.saved import saved_snapshot
from tokendesk.errors import UsageError
from tokendesk.paths import profile_paths
from tokendesk.stopping import Stopped, is_asked_to_stop
from tokendesk.views.foreign import check_foreign
from tokendesk.views.saved_snapshot import open_saved_snapshot


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return saved_snapshot(tmp_path_factory.mktemp("saved"))


def changed(home: Path, saved: bytes, change: str) -> Path:
    path = home / "theirs.tkd"
    path.write_bytes(saved)
    with database(path) as db:
        assert db.execute(f"UPDATE {change}").rowcount > 0
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("run SET planned = 'x'", "planned of a row in run is not a whole number"),
        ("event SET at = 1.5", "at of a row in event is not a whole number"),
        ("rhythm SET next_at = 'x'", "next_at of a row in rhythm is not a whole number"),
        ("clock SET ahead = 'x'", "ahead of a row in clock is not a number"),
        ("note SET purpose = x'00'", "purpose of a row in note is not text"),
        ("entry SET payload = '[]'", "payload of a row in entry is not an object"),
        ("entry SET payload = payload || '}'", "payload of a row in entry is not an object"),
        ("dated SET over = '[1]'", "over of a row in dated is not a list of texts"),
        ("user SET roles = '[1]'", "roles of a row in user is not a list of texts"),
        ("user SET products = '{}'", "products of a row in user is not a list of texts"),
        ("user SET product_uses = '[]'", "product_uses of a row in user is not an object"),
        ("user SET groups = ''", "groups of a row in user is not a list of texts"),
        ("user SET roles = x'00'", "roles of a row in user is not text"),
        ("change SET after = '{}' WHERE kind = 'scopes'", "after of a row in change is not a list of texts"),
        ("change SET before = 'x' WHERE kind = 'used-again'", "before of a row in change is not a time"),
        ("change SET before = '1.5' WHERE kind = 'reappeared'", "before of a row in change is not a time"),
    ],
)
def test_a_value_of_a_wrong_type_is_named(saved: bytes, tmp_path: Path, change: str, said: str) -> None:
    path = changed(tmp_path, saved, change)
    with pytest.raises(UsageError) as refused:
        check_foreign(path)
    assert f"{path} cannot be read: {said}" in str(refused.value)
    assert str(refused.value).endswith("Save it again with: tokendesk snapshot save")


@pytest.mark.parametrize(
    "change",
    [
        "change SET before = NULL, after = ''",
        "change SET id = id + 9000000000000000000",
        "note SET decision = 'x', review_by = '?', asked_on = '9999-99-99', tags = char(27)",
        "run SET kind = 'x', state = 'y', began = 'z', ended = '', quarantine_until = '?'",
        "clock SET ahead = 9e999, since = 'x'",
        "own_clock SET ahead = -9e999, at = 'x'",
        "event SET at = 9223372036854775807",
        "user SET read_at = 'x', state = '', added_text = '0000', last_active = -9223372036854775808",
        """user SET roles = '["", "none"]', products = '["x", "X"]', product_uses = '{"x": [{}], "X": 9}'""",
        "user SET products = '[\"jira\"]', product_uses = NULL, roles = NULL",
        "token SET status = 'x', last_used = 9223372036854775807, expires = -9223372036854775808",
        "entry SET kind = 'x', time = 'y', author = ''",
    ],
)
def test_a_value_that_is_only_strange_is_read(saved: bytes, tmp_path: Path, change: str) -> None:
    path = changed(tmp_path, saved, change)
    found = open_saved_snapshot(profile_paths("default", {"TOKENDESK_HOME": str(tmp_path)}), path)
    read_everything(found, random.Random(1))


def test_a_policy_named_like_a_time_is_no_time(saved: bytes, tmp_path: Path) -> None:
    path = changed(tmp_path, saved, "policy SET policy_id = '1790000000', api_name = 'x' WHERE id = 1")
    with database(path) as db:
        db.execute("UPDATE change SET before = '1790000000', after = '1790000000' WHERE kind != 'scopes'")
    found = open_saved_snapshot(profile_paths("default", {"TOKENDESK_HOME": str(tmp_path)}), path)
    read_everything(found, random.Random(1))


def test_the_check_ends_when_nobody_waits_for_it(saved: bytes, tmp_path: Path) -> None:
    path = changed(tmp_path, saved, "event SET ip = ''")
    with database(path) as db:
        numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
        db.execute(f"{numbers} INSERT INTO event SELECT 'more-' || i, i, 'a', 'b', 'c', 'd', 'e', '' FROM n")
    check_foreign(path)

    def stopped() -> None:
        is_asked_to_stop.set(lambda: True)
        check_foreign(path)

    with pytest.raises(Stopped):
        copy_context().run(stopped)
