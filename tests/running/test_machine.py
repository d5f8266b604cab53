"""Plans, runs, crashes, undos and other people's moves in any order, compared with a model of the server."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.running.crashes import Killed, at_each_event, countdown, raise_killed
from tests.running.world import World, serve_world
from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.folding import Folded, fold_in, rebuild
from tokendesk.model.plan import Plan
from tokendesk.paths import profile_paths
from tokendesk.views.planning import candidates, move_plan, planner
from tokendesk.views.undo import undo_plan

_SERVED: list[World] = []
_HOMES: dict[int, str] = {}
"""Where each account was at first, by its index."""


@pytest.fixture(scope="module", autouse=True)
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with serve_world(tmp_path_factory.mktemp("machine"), 60, 12, batch=3) as found:
        _SERVED[:] = [found]
        _HOMES.update((index, found.made.policy_of(index)) for index in range(60))
        yield
    _SERVED.clear()


def profile(home: Path, like: Settings) -> Settings:
    return like._replace(paths=profile_paths("demo", {"TOKENDESK_HOME": str(home)}))


class Desks(RuleBasedStateMachine):
    """`model`: where the server has everybody. `elsewhere`: whom others moved since the desk last knew."""

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        home = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.world = replace(_SERVED[0], settings=profile(home, _SERVED[0].settings))
        self.model: dict[str, str] = {}
        self.elsewhere: set[str] = set()
        self.broken = False
        # The server outlives an example; what the next one draws must not hang on where the last one left everybody.
        self.world.made.state.tasks.clear()
        for index, policy_id in _HOMES.items():
            self.world.made.move(index, policy_id)
        self.world.pull()
        with self.world.reader() as reader:
            sql = "SELECT account_id FROM user_row WHERE status = 'active' AND email IS NOT NULL ORDER BY id LIMIT 12"
            self.users = [row[0] for row in reader.db.execute(sql)]
        self.model = self.world.on_server(self.users)
        self.policies = [policy.id for policy in self.world.made.policies]

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    def _run(self, plan: Plan, crash: int) -> None:
        doing = {row.record: row for row in plan.rows_to_do}
        if not doing:
            return
        before = {run["run_id"] for run in self.world.runs()}
        try:
            with at_each_event(countdown(crash, raise_killed)):
                self.world.apply(plan)
        except Killed:
            self.broken = True
        server = self.world.on_server(self.users)
        for record, row in doing.items():
            may_be = {self.model[record], str(row.to_id)} if self.model[record] == row.from_id else {self.model[record]}
            assert server[record] in may_be
            if not self.broken:
                assert server[record] == (row.to_id if self.model[record] == row.from_id else self.model[record])
        assert {r: p for r, p in server.items() if r not in doing} == {
            r: p for r, p in self.model.items() if r not in doing
        }
        self.model = server
        new = [run["run_id"] for run in self.world.runs() if run["run_id"] not in before]
        for run_id in new if not self.broken else []:
            # Who is "already there" by what the desk knows is not asked about.
            self.elsewhere -= {
                record
                for record, row in self.world.rows(run_id).items()
                if row["found_id"] is not None or row["outcome"] == "changed"
            }

    @precondition(lambda self: not self.broken)
    @rule(
        chosen=st.sets(st.integers(0, 11), min_size=1), to=st.integers(0, 3),
        crash=st.one_of(st.just(1_000), st.integers(1, 24)),
    )  # fmt: skip
    def move(self, chosen: set[int], to: int, crash: int) -> None:
        with self.world.reader() as reader:
            by = planner(self.world.settings, int(datetime.now(UTC).timestamp()))
            where = {self.users[number]: self.policies[to] for number in chosen}
            plan = move_plan(reader, candidates(reader, where), by)
        self._run(plan, crash)

    @precondition(lambda self: not self.broken)
    @rule(number=st.integers(0, 5), crash=st.one_of(st.just(1_000), st.integers(1, 24)))
    def undo(self, number: int, crash: int) -> None:
        runs = self.world.runs()
        if number < len(runs):
            with self.world.reader() as reader:
                by = planner(self.world.settings, int(datetime.now(UTC).timestamp()))
                plan = undo_plan(reader, runs[number]["run_id"], by)
            self._run(plan, crash)

    @precondition(lambda self: self.broken)
    @rule()
    def settle(self) -> None:
        posted = len(self.world.posts())
        settled = self.world.settle()
        assert len(self.world.posts()) == posted
        self.broken = False
        for run_id in settled:
            assert self.world.run(run_id)["state"] in ("done", "stopped")
            for record, row in self.world.rows(run_id).items():
                if row["found_id"] is not None:
                    assert row["found_id"] == self.model[record]
                    self.elsewhere.discard(record)
                if row["outcome"] == "moved":
                    assert self.model[record] == row["to_id"]

    @rule(number=st.integers(0, 11), to=st.integers(0, 3))
    def somebody_else_moves(self, number: int, to: int) -> None:
        record = self.users[number]
        index = self.world.made.accounts.find_id(record)
        assert index is not None
        if self.broken:
            return
        self.world.made.move(index, self.policies[to])
        if self.model[record] != self.policies[to]:
            self.elsewhere.add(record)
        self.model[record] = self.policies[to]

    @precondition(lambda self: not self.broken)
    @rule()
    def pull(self) -> None:
        self.world.pull_now()
        self.elsewhere.clear()

    @invariant()
    def everything_agrees(self) -> None:
        if getattr(self, "broken", True):
            return
        known = [record for record in self.users if record not in self.elsewhere]
        assert self.world.on_server(self.users) == self.model
        assert self.world.shown(known) == {record: self.model[record] for record in known}


TestDesks = Desks.TestCase
TestDesks.settings = settings(
    max_examples=8, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_the_entries_of_runs_fold_to_the_same_in_any_order(tmp_path: Path) -> None:
    with serve_world(tmp_path, 300, 40, batch=4) as world:
        first = world.apply(world.move("policy:default status:active", "Integrations", 9))
        with world.reader() as reader:
            back = undo_plan(reader, first, planner(world.settings, 0))
        world.apply(back)
        world.apply(world.revoke("owner.status:active", 2))
        with Desk(world.settings.paths.desk) as desk:
            entries = [
                Folded((e.time, e.desk_id, e.sequence), e.author, e.kind, e.payload, e.entry_id) for e in desk.entries()
            ]
        tables = ("run", "run_row", "run_batch", "moved", "revoked")
        with Desk(world.settings.paths.desk) as desk:
            folded = {table: desk.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}
            for order in (entries[::-1], sorted(entries, key=lambda e: e.entry_id)):
                for table in tables:
                    desk._db.execute(f"DELETE FROM {table}")
                for entry in order:
                    fold_in(desk._db, [entry])
                assert {table: desk.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables} == folded
            rebuild(desk._db)
            assert {table: desk.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables} == folded


def test_an_entry_that_takes_back_a_runs_entry_changes_nothing(tmp_path: Path) -> None:
    with serve_world(tmp_path, 300, 40) as world:
        run_id = world.apply(world.move("policy:default status:active", "Integrations", 3))
        before = world.rows(run_id)
        with Desk(world.settings.paths.desk) as desk:
            desk.append("undo", {"entry": run_id})
        assert world.rows(run_id) == before
        assert world.run(run_id)["state"] == "done"
