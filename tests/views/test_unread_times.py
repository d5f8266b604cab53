"""A time from Atlassian that cannot be read is unknown: it is no proof that there was none."""

from pathlib import Path

from tests.database import database
from tests.practice import NOW, pulled_home
from tokendesk.views.details import details
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader


def test_a_time_that_cannot_be_read_is_not_never(tmp_path: Path) -> None:
    settings = pulled_home(tmp_path, 120, 30)
    now = int(NOW.timestamp())
    with database(settings.paths.snapshot) as db:
        db.execute("UPDATE token SET last_used = NULL, last_used_text = 'some time ago' WHERE id = 1")
        db.execute("UPDATE token SET last_used = NULL, last_used_text = '0001-01-01T00:00:00Z' WHERE id = 2")
        db.execute("UPDATE token SET last_used = NULL, last_used_text = NULL WHERE id = 3")
        db.execute("UPDATE token SET expires = NULL, expires_text = 'one day' WHERE id = 4")
        db.execute("UPDATE token SET expires = NULL, expires_text = '9999-12-31T00:00:00Z' WHERE id = 5")
    with Reader(settings.paths, settings.thresholds) as reader:
        found = {text: set(reader.ids(Query("tokens", filter=text), now)) for text in (
            "used:never", "used:any", "is:never-used", "expires:never", "is:no-expiry",
        )}  # fmt: skip
    assert {2, 3} <= found["used:never"] and 1 not in found["used:never"] | found["is:never-used"]
    assert 1 in found["used:any"]
    assert 5 in found["expires:never"] and 4 not in found["expires:never"] | found["is:no-expiry"]


def test_the_details_do_not_call_a_token_unused_whose_last_use_cannot_be_read(tmp_path: Path) -> None:
    settings = pulled_home(tmp_path, 120, 30)
    with database(settings.paths.snapshot) as db:
        db.execute("UPDATE token SET last_used = NULL, last_used_text = 'some time ago' WHERE id = 1")
        db.execute("UPDATE token SET status = 'REVOKED' WHERE id = 2")
    with Reader(settings.paths, settings.thresholds) as reader:
        pages = [details(reader, "tokens", row_id, int(NOW.timestamp())) for row_id in (1, 2)]
    said = [{f.name: f.value for s in page.sections for f in s.facts} for page in pages if page]
    assert said[0]["if stopped"] == "not known: its last use cannot be read"
    assert said[1]["stopped"] == "it is revoked: whatever used it fails"
