"""The rows of a run, and descriptions of their outcomes."""

from typing import NamedTuple

from tokendesk.model.counting import counted


class RunRow(NamedTuple):
    """One user or token of a run. Policies by name; `found`: the user's policy after the run."""

    record: str
    account_id: str
    name: str
    email: str | None
    label: str | None
    before: str | None
    target: str | None
    planned: str
    batch: int | None
    outcome: str | None
    reason: str | None
    found: str | None
    is_verified: bool
    is_asked: bool
    """Whether the change was requested from Atlassian."""
    matched: str = ""
    """How a token was found in its owner's list."""

    @property
    def outcome_text(self) -> str:
        """Return what became of it: `moved, verified`, `failed: …`, `under way`."""
        because = f": {self.reason}" if self.reason else ""
        if self.planned == "there":
            return "already there" if self.target else "already gone"
        if self.planned == "refused":
            return f"refused{because}"
        if self.outcome is None:
            return "under way" if self.is_asked else "waiting"
        if self.outcome == "moved":
            if self.is_verified:
                return "moved, verified" if self.found == self.target else f"moved, but found in {self.found}"
            return "moved, not verified yet"
        if self.outcome == "gone":
            return f"already gone{because}"
        if self.outcome == "changed":
            return f"left alone{because}"
        if self.outcome == "failed" and self.is_verified and self.found == self.target:
            return f"failed{because}, but found in {self.found}"
        return f"{self.outcome}{because}"

    @property
    def is_good(self) -> bool:
        return self.outcome in ("moved", "revoked", "gone") or self.planned == "there"


def describe_match(by: str, disabled: str | None) -> str:
    """Return `in its owner's list by its id; disabled there: no`."""
    how = "its id" if by == "id" else by
    return f"in its owner's list by {how}" + (f"; disabled there: {disabled}" if disabled else "")


def run_title(kind: str, planned: int | None, target: str | None) -> str:
    """Return `move 31 users to Integrations`, `put 31 users back into Default`, `revoke 4 tokens`."""
    n = planned or 0
    if kind == "revoke":
        return f"revoke {counted(n, 'token')}"
    users = counted(n, "user")
    where = (target or "").replace(",", ", ")
    if kind == "undo":
        return f"put {users} back into {where}".removesuffix(" into ")
    return f"move {users} to {where}".removesuffix(" to ")
