"""Tokens whose owner's policy is unknown count for no policy, and the program says so."""

from tests.database import database
from tests.desk.pulled import PRESENT, Office, office, pulled
from tokendesk.desk.goals import write_goal
from tokendesk.views.goals import describe_goal
from tokendesk.views.reader import Reader
from tokendesk.views.readiness import policy_readiness

__all__ = ["office", "pulled"]


def test_readiness_and_goal_name_what_they_cannot_count(office: Office) -> None:
    default = office.policy("Default")
    with office.desk() as desk:
        write_goal(desk, default)
    (others,) = policy_readiness(office.reader, default, PRESENT).not_counted
    assert others.startswith("Not counted, since no policy of users is known to reach them: ")
    assert "unknown" not in str(describe_goal(office.reader, PRESENT))
    office.reader.close()
    with database(office.settings.paths.snapshot) as db:
        db.execute("UPDATE token SET policy = NULL WHERE id IN (SELECT id FROM token WHERE policy NOTNULL LIMIT 3)")
    with Reader(office.settings.paths, office.settings.thresholds) as reader:
        sentence, same = policy_readiness(reader, default, PRESENT).not_counted
        assert same == others
        assert sentence.startswith("Not counted: 3 tokens of ")
        assert sentence.endswith("whose policy is unknown.")
        assert str(describe_goal(reader, PRESENT)).endswith(" · 3 of unknown policy")
