"""The changes to a practice organization since its creation, the only part that is stored."""

import contextlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tokendesk.input_files import read_bytes
from tokendesk.model.bounds import PRACTICE_BYTES
from tokendesk.sandbox.credential_scenario import CredentialSizes

VERSION = 1


@dataclass(slots=True)
class Task:
    """One add-users request: `done` e-mails are processed; `failed`: e-mail -> reason."""

    policy: str
    emails: list[str]
    # When it was last polled, by the wall clock: tasks make progress even if the organization's time is frozen.
    seen_at: float
    polls: int = 0
    done: int = 0
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """`moves` and `blocking` contain [value, since] pairs, oldest first, in seconds of the organization's time.

    `former`: how many of the tokens are gone when the organization begins; None if it has no past.
    """

    seed: int
    users: int
    tokens: int
    anchor: int
    moves: dict[str, list[tuple[str, int]]] = field(default_factory=dict)  # account id -> policy ids
    blocking: dict[str, list[tuple[bool, int]]] = field(default_factory=dict)  # policy id -> does it block tokens
    revoked: dict[str, int] = field(default_factory=dict)  # token id -> when
    tasks: dict[str, Task] = field(default_factory=dict)
    former: int | None = None
    credentials: CredentialSizes = field(default_factory=CredentialSizes)
    path: Path | None = None

    @classmethod
    def load(cls, path: Path) -> "State":
        """Read a state file. Raises ValueError for an invalid file, FileNotFoundError for a missing one."""
        try:
            raw: dict[str, Any] = json.loads(read_bytes(path, PRACTICE_BYTES))
            if raw.pop("version") != VERSION:
                raise ValueError("made by another version")
            tasks = {task_id: Task(**task) for task_id, task in raw.pop("tasks").items()}
            moves = {account: [(p, at) for p, at in steps] for account, steps in raw.pop("moves").items()}
            blocking = {policy: [(b, at) for b, at in steps] for policy, steps in raw.pop("blocking").items()}
            sizes = CredentialSizes(**raw.pop("credentials", {}))
            return cls(**raw, credentials=sizes, tasks=tasks, moves=moves, blocking=blocking, path=path)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ValueError(f"{path} does not hold a practice organization: {error}") from error

    def save(self) -> None:
        """Write the file atomically, readable by its owner only; without a path nothing is written."""
        if self.path is None:
            return
        values = asdict(self)
        del values["path"]
        handle, name = tempfile.mkstemp(prefix=self.path.name, dir=self.path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"version": VERSION, **values}, file, ensure_ascii=False)
            Path(name).replace(self.path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
