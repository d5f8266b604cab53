"""What a pull says of its progress, and what it estimates."""

from tokendesk.snapshot.progress import Progress, PullProgress, Waits, describe_progress, describe_wait


class Measured:
    """A pull whose time and answers the test sets."""

    def __init__(self) -> None:
        self.now, self.answers = 100.0, 3
        self.progress = PullProgress(lambda: self.answers, clock=lambda: self.now)
        self.progress.expect("tokens", 82, lambda: 1000)
        self.progress.expect("users", 150_000, lambda: 100)
        self.progress.expect("policies", 150_000, lambda: 500)

    def after(self, seconds: float, answers: int) -> None:
        self.now += seconds
        self.answers += answers


def test_it_estimates_from_the_slowest_list() -> None:
    measured = Measured()
    measured.after(10, 35)
    latest = [measured.progress.add("tokens", 82)]
    latest += [measured.progress.add("policies", 1500), measured.progress.add("users", 3000)]
    pace = latest[-1].pace
    assert pace is not None
    # 3,000 users took 10 s, so 147,000 take 490 s; 1,500 policies took 10 s, so 148,500 take 990 s.
    assert pace.seconds_left == 990
    assert pace.answers == 38
    assert pace.expected == 38 + 1470 + 297
    assert pace.per_second == 3.5
    said = describe_progress(latest)
    assert said == (
        "about 16 min left · policies 1,500 of 150,000 · users 3,000 of 150,000 · 38 of 1,805 answers, 3.5/s"
    )


def test_what_an_earlier_pull_read_makes_nothing_faster() -> None:
    measured = Measured()
    measured.progress.kept("users", 100_000)
    measured.progress.kept("policies", 150_000)
    measured.progress.add("tokens", 82)
    measured.after(10, 35)
    pace = measured.progress.add("users", 1000).pace
    assert pace is not None
    assert pace.seconds_left == 490
    assert pace.expected == 38 + 490


def test_without_totals_it_estimates_nothing() -> None:
    answers = iter(range(10))
    progress = PullProgress(lambda: next(answers), clock=lambda: 5.0)
    progress.expect("tokens", None, lambda: 1000)
    said = progress.add("tokens", 82)
    assert said.pace is not None
    assert (said.pace.expected, said.pace.seconds_left, said.pace.per_second) == (None, None, None)
    assert describe_progress([said]) == "tokens 82 · 1 answer"


def test_the_end_of_a_pull_says_only_that_it_indexes() -> None:
    assert describe_progress([Progress("users", 10, 10), Progress("indexing", 0, None)]) == "indexing"


def test_a_wait_says_until_when() -> None:
    assert describe_wait("Users: rate limit", 37.2).startswith("waiting 38 s, until ")
    assert describe_wait("Users: rate limit", 37.2).endswith(" (Users: rate limit)")


def test_answers_are_counted_on_whichever_list_they_arrive() -> None:
    measured = Measured()
    measured.after(10, 35)
    users, policies = measured.progress.add("users", 3000), measured.progress.add("policies", 1500)
    measured.after(1, 4)
    users = measured.progress.add("users", 400)
    assert "42 of " in describe_progress([users, policies])


def test_the_estimate_counts_down_until_the_next_page_and_grows_if_that_is_late() -> None:
    measured = Measured()
    measured.progress.add("tokens", 82)
    measured.after(10, 1)
    assert _left(measured.progress.add("policies", 15_000)) == 90
    measured.after(4, 1)
    assert _left(measured.progress.add("users", 140_000)) == 86
    measured.after(4, 1)
    assert _left(measured.progress.add("users", 1)) == 82
    measured.after(12, 1)  # ten seconds were expected between two pages of policies
    assert _left(measured.progress.add("users", 1)) == 170


def _left(said: Progress) -> int | None:
    assert said.pace is not None
    return said.pace.seconds_left


def test_a_wait_is_shown_until_it_ends_whatever_arrives_meanwhile() -> None:
    now = 100.0
    waits = Waits(clock=lambda: now)
    assert waits.describe() == ""
    waits.begin("Users: rate limit", 60)
    waits.begin("Tokens: rate limit", 5)
    now += 30
    assert waits.describe().startswith("waiting 30 s, until ")
    measured = Measured()
    measured.after(10, 35)
    said = describe_progress([measured.progress.add("users", 3000)], waits.describe())
    assert " (Users: rate limit) · users 3,000 of 150,000 · 38 of " in said
    assert "left" not in said
    now += 30
    assert waits.describe() == ""
