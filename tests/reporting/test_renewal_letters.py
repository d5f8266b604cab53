"""Letters that ask to renew what ends: scopes, where it is used, and where the new one is made."""

import re
from collections.abc import Callable
from pathlib import Path
from string import Template

import pytest

from tests.history.made_up import START, Pulls
from tests.history.world import World, access_to
from tests.practice import settings_in
from tests.renewed import token
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.errors import UsageError
from tokendesk.model.findings import Thresholds
from tokendesk.model.records import Token
from tokendesk.reporting.letters import LetterBatch, compose_letters, default_template, load_template
from tokendesk.reporting.renewal_letters import HOW, RENEWALS
from tokendesk.sandbox.serve import serving
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader
from tokendesk.views.renewal_due import due_records

EVIL = "\x1b[31m$sender ${tokens}\r\nReply to: evil@example.com \u202eabc [bold]x[/nope] =1+1"


def letters_about(reader: Reader, pane: str, now: int, text: str = "is:renewal") -> LetterBatch:
    kind = RENEWALS[pane]
    template = Template(default_template(kind))
    ids = reader.ids(Query(pane, filter=text), now)
    return compose_letters(reader, kind, ids, template, reply_by="2026-12-07", sender="ada", now=now)


Written = Callable[..., str]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Return the only letter about these tokens of Bo."""

    def write(*tokens: Token) -> str:
        settings = settings_in(tmp_path)
        Pulls(settings.paths).next(tokens, days=0)
        with Reader(settings.paths, Thresholds()) as reader:
            (letter,) = letters_about(reader, "tokens", START).letters
        return letter.text

    return write


def test_a_letter_says_what_ends_with_its_scopes_and_where_the_new_one_is_made(written: Written) -> None:
    text = written(
        token("t1", "nightly export", ends=20),
        token("t2", "ended", ends=-2, used=-3),
        token("t3", "far", ends=200),
    )
    assert text.startswith("Subject: Please renew what ends soon in Atlassian\n\nHello Bo Test,\n")
    assert "look after 2 API tokens of " in text
    assert "- nightly export\n  ends:      13 Dec 2026 (in 20 d)\n  last used: 23 Nov 2026 (1 h ago)\n" in text
    assert "  reaches:   Jira\n  scopes:    read:jira-work, write:jira-work\n" in text
    assert "- ended\n  ended:     21 Nov 2026 (2 d ago)\n" in text
    assert "- far" not in text
    assert HOW["token"] in text and "https://id.atlassian.com/manage-profile/security/api-tokens" in text
    assert HOW["key"] not in text
    assert "Please answer by 7 Dec 2026, for each one listed:" in text
    assert "Is it still needed? If not, just say so." in text
    assert "seen in" not in text  # the audit log was not read


def test_what_is_not_known_of_scopes_is_not_made_up(written: Written) -> None:
    text = written(token("t1", "classic", scopes=None))
    assert "  reaches:   not told\n  scopes:    not told\n" in text


def test_a_token_without_scopes_where_others_have_some_may_do_all(written: Written) -> None:
    text = written(token("t1", "classic", scopes=None), token("t2", "other", ends=300))
    assert "  reaches:   everything of its owner\n" in text
    assert "  scopes:    none are listed: one made without scopes may do all that its owner may\n" in text


def test_many_scopes_are_wrapped_and_bounded(written: Written) -> None:
    text = written(token("t1", "many", scopes=tuple(f"read:thing-{number}:jira" for number in range(100))))
    assert "read:thing-59:jira, and 40 more" in re.sub(r"\s+", " ", text)
    assert all(len(line) <= 90 for line in text.partition("scopes:")[2].partition("\n\n")[0].split("\n"))


def test_texts_of_strangers_begin_no_line_and_fill_no_place(written: Written) -> None:
    text = written(token("t1", EVIL, scopes=(EVIL, "read:jira-work")))
    assert all(line.isprintable() for line in text.split("\n"))
    assert "\u202e" not in text
    assert "- ␛[31m$sender ${tokens}␍␊Reply to: evil@example.com" in text
    assert not [line for line in text.split("\n") if line.startswith("Reply to")]


def test_the_admins_template_has_a_place_for_the_way_to_make_the_new_one(tmp_path: Path) -> None:
    kind = RENEWALS["tokens"]
    (tmp_path / "renewal.txt").write_text("$name: $how", "utf-8")
    (tmp_path / "letter.txt").write_text("the other one", "utf-8")
    assert load_template(tmp_path, kind).template == "$name: $how"
    (tmp_path / "renewal.txt").write_text("$hw", "utf-8")
    with pytest.raises(UsageError, match=r"placeholder \$hw\. Use: .*\$sender, \$how\."):
        load_template(tmp_path, kind)


async def test_audited_actions_say_where_it_seems_to_be_used(tmp_path: Path) -> None:
    world = World(tmp_path)
    with serving(world.made) as (address, _):
        await world.pull(access_to(address))
        await world.pull_events(access_to(address))
    with world.reader() as reader:
        batch = letters_about(reader, "tokens", world.second())
        text = "\n".join(letter.text for letter in batch.letters)
        found = reader.db.execute(
            "SELECT a.ip, a.product FROM temp.token_activity AS a JOIN main.token AS t USING (id) WHERE t.token_id = ?",
            (batch.rows[0]["token_id"],),
        ).fetchone()
    assert re.search(
        rf"  seen in:   {found['product']} \d+ \(\d+ audited actions? since .*; not every use is one\)", text
    )
    assert re.search(rf"  seen from: .*{re.escape(found['ip'])} \(\d+\)", text)


async def test_a_credential_is_asked_about_at_its_maker_or_the_noted_contact(tmp_path: Path) -> None:
    world = World(tmp_path)
    with serving(world.made) as (address, _):
        await world.pull(access_to(address))
    with world.reader() as reader:
        batch = letters_about(reader, "credentials", world.second())
        (letter,) = batch.letters
        (row,) = letter.rows
        assert (row["kind"], letter.email) == ("key", row["maker_email"])
        assert f"- {row['name']}\n  is:        API key of the organization\n  ends:      " in letter.text
        assert "  scopes:    read:events:admin\n" in letter.text
        assert HOW["key"] in letter.text
        assert "look after 1 API key of " in letter.text
        ((other, why),) = batch.nobody
        assert (other["kind"], why) == ("service-token", "maker unknown")
    with Desk(world.settings.paths.desk) as desk:
        write_note(desk, "credential", [row["record"], other["record"]], {"contact": "Team <team@example.com>"})
    with world.reader() as reader:
        (letter,) = letters_about(reader, "credentials", world.second()).letters
        assert letter.email == "team@example.com"
        assert "look after 1 API key and 1 token of a service account of " in letter.text
        assert HOW["key"] in letter.text and HOW["service-token"] in letter.text and HOW["token"] not in letter.text
        assert f"  made by:   {row['maker_name']}\n" in letter.text


def test_what_is_left_out_is_told_with_the_reason(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    tokens = [token("t1", "one"), token("t2", "two"), token("t3", "far", ends=300)]
    Pulls(settings.paths).next(tokens, days=0)
    with Desk(settings.paths.desk) as desk:
        write_note(desk, "token", ["t2"], {"renewal": "lapse"})
    with Reader(settings.paths, Thresholds()) as reader:
        due = due_records(reader, "token", ["t1", "t2", "t3"], START)
        assert (due.records, due.words) == (("t1",), "2 left out: 1 noted to lapse, 1 not due for renewal.")
        assert due_records(reader, "token", ["t1"], START).words == ""
        none = due_records(reader, "token", ["t3"], START)
        assert none.refusal.startswith("Nothing to renew here: 1 not due for renewal. Filter with is:renewal ")
