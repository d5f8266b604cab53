"""Runs of moves over real HTTP: what desk, screen and server say afterwards is the same for every user."""

from pathlib import Path

from tests.running.world import world


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
