"""Simulates tasks that add users to a policy: they make progress when polled, and over time."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tokendesk.sandbox.people import Person
from tokendesk.sandbox.state import State, Task

NOT_FOUND = "No managed account of this organization has this e-mail address."


@dataclass(slots=True)
class TaskSpeed:
    """The progress of a task: nothing is done before the poll `starts`, everything at the poll `ends`.

    A task without polls for `seconds` is done too: a client that crashed finds its users moved.
    """

    starts: int = 1
    ends: int = 3
    seconds: float = 3.0


class _Accounts(Protocol):
    state: State

    def find_email(self, email: str) -> Person | None: ...
    def move(self, index: int, policy_id: str) -> None: ...
    def touched(self) -> None: ...


class TaskList:
    def __init__(self, organization: _Accounts, pace: TaskSpeed, wall: Callable[[], float]) -> None:
        self._organization = organization
        self.pace = pace
        self._wall = wall

    def add(self, policy_id: str, emails: Sequence[str]) -> str:
        task_id = str(uuid.uuid4())
        self._organization.state.tasks[task_id] = Task(policy_id, list(emails), self._wall())
        self._organization.touched()
        return task_id

    def poll(self, task_id: str) -> dict[str, Any] | None:
        """Poll a task, which makes progress; None for an unknown task.

        Before the start all counters are zero, including the one in progress, as in the real API.
        """
        task = self._organization.state.tasks.get(task_id)
        if task is None:
            return None
        self.settle()
        task.polls += 1
        task.seen_at = self._wall()
        self._work(task, self._due(task))
        self._organization.touched()
        started = task.polls > self.pace.starts or task.done
        failed = [email for email in task.emails[: task.done] if email in task.failed]
        reasons: dict[str, list[str]] = {}
        for email in failed:
            reasons.setdefault(task.failed[email], []).append(email)
        return {
            "inProgressCount": len(task.emails) - task.done if started else 0,
            "successCount": task.done - len(failed),
            "failureCount": len(failed),
            "failureReasons": [
                {"emails": emails, "details": {"status": 404, "title": "User not found", "detail": detail}}
                for detail, emails in reasons.items()
            ],
        }

    def settle(self) -> None:
        """Finish the tasks that are due, polled or not."""
        moved = False
        for task in self._organization.state.tasks.values():
            if task.done < len(task.emails) and self._wall() - task.seen_at >= self.pace.seconds:
                self._work(task, len(task.emails))
                moved = True
        if moved:
            self._organization.touched()

    def _due(self, task: Task) -> int:
        pace = self.pace
        if task.polls >= pace.ends:
            return len(task.emails)
        if task.polls <= pace.starts:
            return task.done
        share = (task.polls - pace.starts) / (pace.ends - pace.starts)
        return max(task.done, int(len(task.emails) * share))

    def _work(self, task: Task, until: int) -> None:
        for email in task.emails[task.done : until]:
            person = self._organization.find_email(email)
            if person is None or not person.managed:
                task.failed[email] = NOT_FOUND
            else:
                self._organization.move(person.index, task.policy)
        task.done = max(task.done, until)
