"""Runs of moves over real HTTP: what desk, screen and server say afterwards is the same for every user."""

from pathlib import Path

from tests.running.world import PRESENT, world
from tokendesk.views.details import details
from tokendesk.views.query import Query


def test_a_run_moves_everybody_and_everything_says_so(tmp_path: Path) -> None:
    with world(tmp_path, 300, 40, batch=50) as w:
        plan = w.move("policy:default status:active", "Integrations", 120)
        run_id = w.apply(plan)
        records = [row.record for row in plan.doing]
        assert len(records) == 120 - plan.count("refused")
        server = w.on_server(records)
        assert set(server.values()) == {w.policy("Integrations")}
        assert w.shown(records) == server
        rows = w.rows(run_id)
        assert {rows[r]["outcome"] for r in records} == {"moved"}
        assert {r: rows[r]["found_id"] for r in records} == server
        assert w.run(run_id)["state"] == "done"
        assert [len(batch) for batch in w.posts()] == [50, 50, len(records) - 100]


def test_the_journal_tells_what_was_done(tmp_path: Path) -> None:
    with world(tmp_path, 300, 40) as w:
        plan = w.move("policy:default status:active", "Integrations", 30)
        run_id = w.apply(plan)
        with w.reader() as reader:
            (row_id,) = reader.ids(Query("journal", filter="policy:integrations is:ours"), PRESENT)
            row = reader.row("journal", row_id, PRESENT)
            assert row
            assert (row["run_id"], row["state"], row["good"], row["verified"]) == (
                run_id,
                "done",
                *[plan.count("do")] * 2,
            )
            shown = details(reader, "journal", row_id, PRESENT)
            name = plan.doing[3].name
            assert list(reader.ids(Query("journal", filter=f'user:"{name}"'), PRESENT)) == [row_id]
            assert list(reader.ids(Query("journal", filter="outcome:failed"), PRESENT)) == []
        assert shown
        assert shown.title == f"move {plan.count('do')} users to Integrations"
        assert {fact.value for fact in shown.page("Rows")[0].facts} == {"Default → Integrations · moved, verified"}
