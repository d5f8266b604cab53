"""What stops if a policy blocks user API tokens now, and what has to happen before."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tokendesk.model.counting import counted
from tokendesk.model.timestamps import is_recent
from tokendesk.model.token_reach import ADVICE_FOR_GIT, FOR_BITBUCKET, MAY_NOT_STOP, NOT_TOLD, STOPS

WINDOWS = (7, 30, 90)
"""Days: how recent a last use is looked at."""


@dataclass(frozen=True, slots=True)
class ReadyToken:
    """A token of a member of the policy that can be used now. Moments are epoch seconds."""

    token_id: str
    label: str
    owner_id: str
    owner: str
    owner_is_active: bool
    last_used: int | None
    expires: int | None
    purpose: str | None
    decision: str
    target: str | None
    answer: str | None
    stops: str
    """Whether a block stops it, one of `tokendesk.model.token_reach.STOPPING`."""
    reach: str
    """What it reaches, in words."""

    def was_used(self, days: int, now: int) -> bool:
        return is_recent(self.last_used, days, now)


@dataclass(frozen=True, slots=True)
class Window:
    """The tokens that were used in the last `days` days; None stands for all that can be used."""

    days: int | None
    tokens: int
    owners: int
    with_purpose: int
    decided: int
    stop: int
    may_not_stop: int
    not_told: int

    @property
    def without_purpose(self) -> int:
        return self.tokens - self.with_purpose

    @property
    def undecided(self) -> int:
        return self.tokens - self.decided


@dataclass(frozen=True, slots=True)
class Step:
    """Something that must happen first. `filter` shows its tokens; `plan`: move, revoke or empty."""

    title: str
    tokens: int
    owners: int
    filter: str
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Readiness:
    policy_id: str
    name: str
    setting: str
    """Whether the policy lets tokens be used, in words."""
    in_use_days: int
    users: int
    windows: tuple[Window, ...]
    steps: tuple[Step, ...]
    used: tuple[ReadyToken, ...]
    """The tokens in use, the latest use first."""
    not_counted: tuple[str, ...] = ()
    """A sentence for each group of tokens that is in no count: listed as BLOCKED, or of an unknown policy."""

    def group(self, stops: str) -> tuple[ReadyToken, ...]:
        """Return the tokens in use of which a block stops, may not stop, or nobody can tell."""
        return tuple(token for token in self.used if token.stops == stops)

    @property
    def stopping(self) -> tuple[ReadyToken, ...]:
        return self.group(STOPS)

    @property
    def may_not_stop(self) -> tuple[ReadyToken, ...]:
        return self.group(MAY_NOT_STOP)

    @property
    def not_told(self) -> tuple[ReadyToken, ...]:
        return self.group(NOT_TOLD)

    def sentences(self, where: str) -> tuple[str, ...]:
        """Return what happens if tokens are blocked `where`, one sentence for each group that has tokens."""
        condition = f"if tokens are blocked {where} now."
        said = [f"{_tokens_and_owners(self.stopping)} would stop {condition}"]
        if not self.stopping:
            surely = "would" if not self.may_not_stop and not self.not_told else "is known to"
            said = [f"No token used in the last {self.in_use_days} days {surely} stop {condition}"]
        if self.may_not_stop:
            said.append(f"{_tokens_and_owners(self.may_not_stop)} may not stop: {FOR_BITBUCKET}.")
        if self.not_told:
            said.append(f"For {_tokens_and_owners(self.not_told)} it cannot be told: scopes or status are not known.")
        return tuple(said)

    @property
    def advice(self) -> str:
        """Return what can be done about those that a block may not stop; empty where there are none."""
        return ADVICE_FOR_GIT if self.may_not_stop else ""

    @property
    def is_ready(self) -> bool:
        return not self.steps


def readiness(
    tokens: Iterable[ReadyToken],
    *,
    policy_id: str,
    name: str,
    setting: str,
    users: int,
    in_use_days: int,
    now: int,
    within: str,
    not_counted: tuple[str, ...] = (),
) -> Readiness:
    """Count over the usable tokens of a policy's members. `within`: the filter that shows exactly these."""
    usable = list(tokens)
    days = sorted({*WINDOWS, in_use_days})
    used = [t for t in usable if t.was_used(in_use_days, now)]
    return Readiness(
        policy_id, name, setting, in_use_days, users,
        tuple([_window(usable, d, now) for d in days] + [_window(usable, None, now)]),
        tuple(_steps(used, usable, policy_id, in_use_days, within)),
        tuple(sorted(used, key=lambda t: (-(t.last_used or 0), t.token_id))),
        not_counted,
    )  # fmt: skip


def _window(tokens: list[ReadyToken], days: int | None, now: int) -> Window:
    found = [t for t in tokens if days is None or t.was_used(days, now)]
    return Window(
        days, len(found), len({t.owner_id for t in found}), sum(t.purpose is not None for t in found),
        sum(t.decision != "undecided" for t in found),
        *(sum(t.stops == stops for t in found) for stops in (STOPS, MAY_NOT_STOP, NOT_TOLD)),
    )  # fmt: skip


def _tokens_and_owners(tokens: Sequence[ReadyToken]) -> str:
    owners = len({token.owner_id for token in tokens})
    return f"{counted(len(tokens), 'token')} of {counted(owners, 'owner')}"


_Rule = tuple[str, str, str, bool, Callable[[ReadyToken], bool]]
_RULES: tuple[_Rule, ...] = (
    ("find out what they are for", "purpose:none", "", True, lambda t: t.purpose is None),
    ("decide what becomes of them", "decision:undecided", "", True, lambda t: t.decision == "undecided"),
    ("decide on Bitbucket tokens, which may not stop", "stops:may-not decision:undecided", "", True,
     lambda t: t.stops == MAY_NOT_STOP and t.decision == "undecided"),
    ("decide on those of unknown scopes or status", "stops:not-told decision:undecided", "", True,
     lambda t: t.stops == NOT_TOLD and t.decision == "undecided"),
    ("wait for answers", "decision:ask answer:none", "", True, lambda t: t.decision == "ask" and not t.answer),
    ("move the owners, as was decided", "decision:move", "move", False, lambda t: t.decision == "move"),
    ("move the owners of what is kept", "decision:keep", "move", True, lambda t: t.decision == "keep"),
    ("revoke, as was decided", "decision:revoke", "revoke", False, lambda t: t.decision == "revoke"),
    ("find out who depends on them: the owner is inactive", "-owner.status:active", "", True,
     lambda t: not t.owner_is_active),
)  # fmt: skip
"""What to do, for which of the tokens, whether for those in use only."""


def _steps(
    used: list[ReadyToken], usable: list[ReadyToken], policy_id: str, in_use_days: int, within: str
) -> Iterable[Step]:
    for title, narrowing, plan, only_used, rule in _RULES:
        found = [t for t in (used if only_used else usable) if rule(t)]
        if plan == "move":
            found = [t for t in found if t.target != policy_id]
        if found:
            recent = f" used:..{in_use_days}d" if only_used else ""
            yield Step(title, len(found), len({t.owner_id for t in found}), f"{within}{recent} {narrowing}", plan)
