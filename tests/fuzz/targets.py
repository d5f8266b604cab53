"""The parsers of untrusted input. Each target gets a random generator, and raises unexpected errors."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.fuzz.mutating import ODD, mutated_bytes, mutated_json
from tests.fuzz.odd_cells import change_cells
from tests.fuzz.reading import compare, read_everything
from tests.fuzz.saved import saved_snapshot
from tests.hostile.cases import edited, plan
from tests.scripted import ORG, TOKENS, USERS
from tokendesk.api import decoding, http_errors, pacing, paging, policy_shapes, shapes
from tokendesk.config import load_settings
from tokendesk.desk.entries import Desk, Entry
from tokendesk.desk.lines import entry_line, head_line, read_lines
from tokendesk.desk.merging import merge
from tokendesk.desk.notes import write_note
from tokendesk.errors import TokendeskError
from tokendesk.filtering.errors import FilterError
from tokendesk.model.findings import Thresholds
from tokendesk.paths import ProfilePaths, profile_paths
from tokendesk.reporting.notes_csv import read_notes
from tokendesk.reporting.plan_file import read_plan
from tokendesk.tui.ui_state import UiState
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader
from tokendesk.views.saved_snapshot import open_saved_snapshot


@dataclass(frozen=True)
class Bench:
    """A folder to write to, and a good snapshot."""

    folder: Path
    snapshot: bytes

    @cached_property
    def saved(self) -> ProfilePaths:
        """A saved snapshot with notes, runs and history."""
        path = self.folder / "good.tkd"
        path.write_bytes(saved_snapshot(self.folder / "saved"))
        return open_saved_snapshot(self.profile, path)

    @property
    def profile(self) -> ProfilePaths:
        return profile_paths("default", {"TOKENDESK_HOME": str(self.folder)})


Target = Callable[[Bench, random.Random], None]


@contextmanager
def in_a_sentence() -> Iterator[None]:
    """Let pass what the program says itself; half a character is said by the command line."""
    try:
        yield
    except (TokendeskError, FilterError) as error:
        assert str(error).strip()


_PAGE: dict[str, Any] = {"data": TOKENS, "links": {"next": "/x?cursor=2"}}
_TASK: dict[str, Any] = {
    "inProgressCount": 0, "successCount": 1, "failureCount": 1,
    "failureReasons": [{"emails": ["a@example.com"], "details": {"title": "no", "detail": "way"}}],
}  # fmt: skip
_EVENTS: dict[str, Any] = {
    "data": [{"id": "e", "attributes": {"time": "2026-01-01T00:00:00Z", "action": "api_token_used",
                                        "actor": {"id": "a", "auth": {"tokenId": "t"}}, "location": {"ip": "::1"},
                                        "container": [{"id": "ari:cloud:jira::site/1"}]}}],
    "meta": {"next": "2"},
}  # fmt: skip
_POLICIES = [{"email": "ada@example.com", "policy": {"id": "pol-1", "name": "Main"}}, {"accountId": "bb"}]
_ASKED = {"aa": "ada@example.com", "bb": None}


def answers(bench: Bench, dice: random.Random) -> None:
    def page(read: Callable[[list[Any], str], object]) -> Callable[[bytes], object]:
        return lambda body: read(decoding.decode(body, shapes.Page, "Page").data, "Page")

    value, read = dice.choice(
        [
            (_PAGE, page(shapes.tokens)),
            ({"data": USERS}, page(shapes.users)),
            ({"data": USERS}, page(shapes.managed_accounts)),
            (TOKENS, lambda body: shapes.user_tokens(body, "Tokens")),
            (_TASK, lambda body: shapes.move_task(body, "Task")),
            (_EVENTS, lambda body: shapes.events(decoding.decode(body, shapes.EventPage, "Events").data, "Events")),
            (_POLICIES, lambda body: policy_shapes.decode_policies(body, _ASKED, "Policies")),
            ({"data": {"id": ORG, "attributes": {"name": "x"}}}, lambda body: shapes.organization(body, "Org")),
            ({"errors": [{"title": "no", "detail": "way"}]}, http_errors.error_detail),
            ({"count": 3}, decoding.decode_count),
        ]
    )
    with in_a_sentence():
        read(mutated_json(value, dice))


def headers(bench: Bench, dice: random.Random) -> None:
    good = ("120", "Fri, 31 Dec 2027 23:59:59 GMT", "2026-11-23T09:00Z", "0")
    values = [mutated_bytes(dice.choice(good).encode(), dice).decode("latin-1") for _ in range(4)]
    named = dict(zip(("retry-after", "x-ratelimit-reset", "x-ratelimit-remaining", "date"), values, strict=True))
    assert (pacing.retry_after(named, 1_790_000_000) or 0) >= 0
    turns = pacing.RateLimiter()
    turns.acquire()
    turns.release(named, 1_790_000_000)
    with in_a_sentence():
        paging.next_cursor(
            dice.choice((*ODD, *values, f"https://{values[1]}/?cursor=1")), "https://api.example.com", "List"
        )


def entries(bench: Bench, dice: random.Random) -> None:
    payload = {"about": "token", "subjects": ["tok-1"], "fields": {"purpose": "x", "decision": "keep"}}
    kind, what = dice.choice(
        (("note", payload), ("undo", {"entry": "0" * 64}), ("policy", {"policy": "p", "fields": {}}))
    )
    try:
        fitting = json.loads(mutated_json(what, dice)) if dice.random() < 0.5 else what
        fitting = fitting if isinstance(fitting, dict) else {"about": fitting}
        line = entry_line(
            Entry("another", dice.choice((1, 2, 2**53 - 1)), "2026-11-23T09:00:00.000000Z", "bo", kind, fitting)
        )
    except (ValueError, RecursionError):  # no entry can be made of that
        return
    if dice.random() < 0.5:
        line = mutated_bytes(line.encode(), dice).decode("utf-8", "replace")
    with in_a_sentence():
        found = [one for one in read_lines([head_line("another", ORG), line], ORG) if isinstance(one, Entry)]
        with Desk(bench.folder / "entries.sqlite", author="ada") as desk:
            merge(desk, found, keep=False)


def plans(bench: Bench, dice: random.Random) -> None:
    good = json.loads(plan())["plan"]
    try:
        changed = json.loads(mutated_json(good, dice))
    except (ValueError, RecursionError):
        changed = good
    text = edited(**changed) if isinstance(changed, dict) else plan()
    if dice.random() < 0.3:
        text = mutated_bytes(text.encode("utf-8", "replace"), dice).decode("utf-8", "replace")
    with in_a_sentence():
        read_plan(text, "plan.json")


def tables(bench: Bench, dice: random.Random) -> None:
    good = 'about,id,purpose,tags,changed\ntoken,tok-1,nightly,"a, b",2026-01-01\nuser,712020:aa,\'=1+1,,\n'
    with in_a_sentence(), Desk(bench.folder / "tables.sqlite", author="ada") as desk:
        if not desk.sequence:
            write_note(desk, "token", ["tok-1"], {"purpose": "old"})
        read_notes(mutated_bytes(good.encode(), dice), desk, "table.csv")


def toml(bench: Bench, dice: random.Random) -> None:
    good = (
        'default_profile = "acme"\ntheme = "dark"\n[keys]\nhelp = "f1"\n[thresholds]\nidle = 90\n[profiles.acme]\n'
        'org_id = "x"\napi_url = "https://api.example.com"\nbatch = 100\nnever_touch = ["a"]\nallow_writes = false\n'
    )
    (bench.folder / "config.toml").write_bytes(mutated_bytes(good.encode(), dice))
    with in_a_sentence():
        load_settings(None, {"TOKENDESK_HOME": str(bench.folder)})


def states(bench: Bench, dice: random.Random) -> None:
    good = {
        "history": {"tokens": ["idle:90d.."]}, "saved": {"tokens": {"a": "b"}},
        "theme": {"chosen": "light", "instead_of": "dark"}, "triage": {"at": "t", "skipped": ["u"]},
    }  # fmt: skip
    path = bench.folder / "ui.json"
    path.write_bytes(mutated_json(good, dice))
    habits = UiState(path)
    habits.theme("dark"), habits.triage(), habits.views(), habits.columns("tokens"), habits.history("tokens")
    habits.remember("tokens", "label:x")


def snapshots(bench: Bench, dice: random.Random) -> None:
    content = bytearray(bench.snapshot)
    for _ in range(dice.choice((1, 10, 300))):
        content[dice.randrange(len(content))] = dice.randrange(256)
    path = bench.folder / "theirs.tkd"
    path.write_bytes(content)
    with in_a_sentence():
        found = open_saved_snapshot(bench.profile, path)
        with Reader(found, Thresholds()) as reader:
            for pane in ("tokens", "users", "policies"):
                ids = reader.ids(Query(pane, filter="a"), 1_790_000_000)
                reader.window(reader.panes[pane], ids[:20], 1_790_000_000)


def cells(bench: Bench, dice: random.Random) -> None:
    path = bench.folder / "cells.tkd"
    path.write_bytes(bench.saved.snapshot.read_bytes())
    change_cells(path, dice)
    with in_a_sentence():
        found = open_saved_snapshot(bench.profile, path)
        with in_a_sentence():
            before, after = dice.sample((bench.saved, found), 2)
            compare(before, after, bench.folder / "compared.sqlite")
        read_everything(found, dice)


TARGETS: tuple[Target, ...] = (answers, headers, entries, plans, tables, toml, states, snapshots, cells)
