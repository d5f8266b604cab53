"""Plans and runs, for `move`, `revoke`, `undo`, `apply`, `settle`, `quarantine` and `report`."""

from typing import Annotated, Literal, NotRequired, TypedDict

from tokendesk.documents.about import about
from tokendesk.documents.rows import Text

Seconds = Annotated[int | None, about("Seconds since 1970. Null: never, or not known, see unread.")]


class PlanPolicy(TypedDict):
    """A policy in the rows of a plan."""

    policy_id: str
    name: str
    tokens: Annotated[Text, about("allowed or blocked. Null: not known.")]
    source: Annotated[str, about("How that is known: said, inferred, mixed or unknown.")]


class PlanToken(TypedDict):
    """A token at the time of the plan."""

    token_id: str
    label: str
    status: Text
    created_at: Annotated[Text, about("As Atlassian sent it.")]
    last_used: Seconds
    expires: Seconds
    purpose: Text
    decision: Text
    selected: Annotated[bool, about("False: it is here because its owner was selected.")]
    stops: NotRequired[Annotated[Text, about("Whether a policy that blocks tokens stops it.")]]
    unread: NotRequired[Annotated[list[str], about("Which of last_used and expires could not be read.")]]


class PlanRow(TypedDict):
    """A user who moves with all tokens, or a token that is revoked."""

    outcome: Annotated[Literal["do", "there", "refused"], about("It will change, needs no change, or is refused.")]
    reason: Annotated[str, about("Why it is refused; otherwise empty.")]
    account_id: str
    name: str
    email: Text
    from_id: Annotated[Text, about("The id of the current policy. Null: not known.")]
    to_id: Annotated[Text, about("The id of the next policy. Null: a token is revoked.")]
    status: Text
    is_admin: bool
    tokens: list[PlanToken]
    owner_decision: NotRequired[Annotated[str, about("The decision on the user.")]]


class PlanWarning(TypedDict):
    """What to know before applying a plan."""

    code: str
    text: str
    records: Annotated[list[str], about("The ids of its rows.")]
    tokens: Annotated[list[str], about("The ids of the tokens that it lists.")]


class Plan(TypedDict):
    """What will change, what needs no change, and what is refused."""

    kind: Literal["move", "revoke"]
    org_id: str
    org_name: Text
    pull_id: str
    pulled_at: Annotated[int, about("Seconds since 1970.")]
    made_at: Annotated[int, about("Seconds since 1970.")]
    author: str
    rows: list[PlanRow]
    policies: list[PlanPolicy]
    warnings: list[PlanWarning]
    in_use_days: Annotated[int, about("Tokens that were used within this many days count as in use.")]
    undoes: Annotated[Text, about("The run that it undoes.")]
    quarantine_until: Annotated[Text, about("The day on which a quarantine is due.")]
    beside: Annotated[list[PlanRow], about("Tokens that are to be revoked by a plan of their own.")]


class PlanDocument(TypedDict):
    """A plan. Nothing was sent."""

    document: Literal["plan"]
    version: Literal[1]
    plan: Plan
    sha256: Annotated[str, about("The hash of the plan, for its approval.")]


OutcomeRow = TypedDict(
    "OutcomeRow",
    {
        "record": Annotated[str, about("The id of the user, or of the token that was revoked.")],
        "account_id": str,
        "name": str,
        "email": Text,
        "label": Annotated[Text, about("The label of the token that was revoked.")],
        "from": Annotated[Text, about("The policy before. Null: not known.")],
        "to": Annotated[Text, about("The policy that it was to move to.")],
        "planned": Annotated[Literal["do", "there", "refused"], about("What the plan said.")],
        "outcome": Annotated[Text, about("What became of it. Null: nothing yet.")],
        "reason": Annotated[Text, about("Why it was refused, or has this outcome.")],
        "found": Annotated[Text, about("The policy in which the user was found after the run.")],
        "words": Annotated[str, about("The outcome in words.")],
        "matched": Annotated[Text, about("How a token was found in its owner's list.")],
    },
)


class RunDocument(TypedDict):
    """A run and the outcome of each row."""

    document: Literal["run"]
    version: Literal[1]
    run: Annotated[str, about("The id of the run.")]
    title: str
    kind: Annotated[str, about("move or revoke.")]
    state: Annotated[str, about("done, or why not.")]
    words: Annotated[Text, about("Why it is in this state. Null: nothing to say.")]
    author: Annotated[str, about("Who applied it.")]
    digest: Annotated[str, about("The SHA-256 of its plan.")]
    planned: Annotated[int, about("How many rows it was to change.")]
    there: Annotated[int, about("How many rows needed no change.")]
    refused: Annotated[int, about("How many rows were refused.")]
    good: Annotated[int, about("How many rows came out as planned.")]
    bad: Annotated[int, about("How many rows did not.")]
    unsure: Annotated[int, about("How many rows have an unknown outcome.")]
    verified: Annotated[int, about("How many users were found where they were moved to.")]
    differs: Annotated[int, about("How many users were found elsewhere.")]
    began: Text
    ended: Annotated[Text, about("Null: it has not ended, or its end is not known here.")]
    tasks: Annotated[list[str | None], about("Atlassian's tasks, one for each batch. Null: it named none.")]
    rows: list[OutcomeRow]


class Chain(TypedDict):
    """The entries of a desk up to the end of a run."""

    desk: Annotated[str, about("The id of the desk.")]
    entries: Annotated[int, about("How many entries.")]
    sha256: Annotated[str, about("The head of the chain of hashes over these entries.")]
    faults: Annotated[list[int], about("The entries that do not match their id, or are missing.")]


class ReportDocument(TypedDict):
    """A run, for the change ticket."""

    document: Literal["report"]
    version: Literal[1]
    organization: Annotated[Text, about("The name of the organization. Null: it has none, or there is no snapshot.")]
    org_id: Annotated[Text, about("Null: there is no snapshot.")]
    key: Annotated[Text, about("What the profile calls the key. Null: nothing.")]
    run: RunDocument
    chain: Annotated[Chain | None, about("Null: the entries of the run are not of one desk.")]
    made_at: str


class QuarantineRow(TypedDict):
    """The users of a run who are still in quarantine."""

    run: str
    until: Annotated[str, about("The day on which it is due.")]
    due: bool
    users: Annotated[list[str], about("Account ids.")]
    tokens: Annotated[list[str], about("Ids of their tokens.")]
    used: Annotated[list[str], about("Tokens that were used since the move.")]
    may_not_stop: Annotated[list[str], about("Tokens that the policy may not stop: a use proves nothing.")]
    not_told: Annotated[list[str], about("Tokens for which it cannot be told whether the policy stops them.")]


class QuarantineEndDocument(TypedDict):
    """The end of a quarantine."""

    document: Literal["quarantine-end"]
    version: Literal[1]
    run: str
    how: Annotated[str, about("put-back, revoke or keep.")]
    ended: Annotated[bool, about("False: some rows are left, see why.")]
    why: Annotated[Text, about("Why it goes on. Null: it has ended.")]
