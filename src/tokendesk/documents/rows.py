"""The rows of `list` and `snapshot diff`. With `--columns`, a row has the members that were asked for."""

from typing import Annotated, NotRequired, TypedDict

from tokendesk.documents.about import about

Text = str | None
Moment = Annotated[str | None, about("As Atlassian sent it: a time in ISO 8601. Null: it sent none.")]
Found = Annotated[list[str], about("The findings that it belongs to: names, as in the filter is:NAME.")]
Scopes = Annotated[list[str] | None, about("Null: not known.")]
Reach = Annotated[list[str] | None, about("The products that the scopes reach. Null: not known.")]
Power = Annotated[Text, about("What the scopes allow at most, such as read, write or admin. Null: not known.")]
Renewal = Annotated[Text, about("How far the renewal is. Null: none is due, or nobody asked for it.")]
Status = Annotated[Text, about("As Atlassian sent it. Null: not known.")]


class Note(TypedDict):
    """What admins wrote about a row."""

    purpose: Annotated[Text, about("What it is for.")]
    contact: Annotated[Text, about("Whom to ask.")]
    decision: Annotated[str, about("What will become of it; undecided if nobody decided.")]
    tags: list[str]
    review: Annotated[Text, about("The day on which to review it again.")]
    remarks: Text
    asked: Annotated[Text, about("The day on which somebody was asked about it.")]
    reply: Annotated[Text, about("The day by which an answer is needed.")]
    answer: Annotated[Text, about("What was answered.")]
    replaces: Annotated[Text, about("The id of the one that this one replaces.")]
    noted: Annotated[Text, about("When the note was last changed.")]
    noted_by: Annotated[Text, about("Who changed it.")]


class Target(TypedDict):
    """The target of the decision move."""

    target: Annotated[Text, about("The id of the policy that a decision moves it to.")]
    to: Annotated[Text, about("The name of that policy. Null also if the policy has no name.")]


class TokenRow(Note, Target):
    """A user API token."""

    id: str
    label: Annotated[Text, about("The name that its owner gave it.")]
    status: Annotated[Text, about("ALLOWED, BLOCKED, REVOKED, or what else Atlassian sent. Null: not known.")]
    created: Moment
    expires: Moment
    used: Annotated[Text, about("Its last use, as Atlassian sent it. Null: it was never seen in use.")]
    owner: Annotated[Text, about("The name of its owner.")]
    email: Annotated[Text, about("The address of its owner.")]
    owner_id: Annotated[Text, about("The account id of its owner.")]
    owner_status: Annotated[Text, about("The status of its owner's account.")]
    policy: Annotated[Text, about("The name of its owner's policy. Null: not known, or without a name.")]
    policy_id: Annotated[Text, about("The id of its owner's policy. Null: not known.")]
    scopes: Scopes
    rhythm: Annotated[str, about("How regularly it is used; unknown as long as it cannot be told.")]
    renewal: Renewal
    activity: Annotated[Text, about("Its last action in the audit log. Null: none was read.")]
    findings: Found
    reach: Reach
    power: Power
    stops: Annotated[str, about("Whether a policy that blocks tokens stops it: yes, may-not or not-told.")]


class UserRow(Note, Target):
    """A managed user."""

    id: Annotated[str, about("The account id.")]
    name: Text
    email: Text
    status: Status
    policy: Annotated[Text, about("The name of the policy. Null: not known, or without a name.")]
    policy_id: Annotated[Text, about("The id of the policy. Null: not known.")]
    tokens: Annotated[int, about("How many tokens the user has.")]
    active: Annotated[Text, about("When the user was last active, as Atlassian sent it.")]
    added: Moment
    deactivated: Moment
    title: Annotated[Text, about("The job title.")]
    department: Text
    org_admin: Annotated[bool | None, about("Whether it is an organization admin. Null: not known.")]
    findings: Found
    roles: Annotated[list[str] | None, about("Null: not known.")]
    access: Annotated[list[str] | None, about("The products that the user may use. Null: not known.")]


class PolicyRow(TypedDict):
    """An authentication policy."""

    id: str
    name: Annotated[Text, about("The name that an admin noted. Null: none; the API does not return names.")]
    users: int
    tokens: int
    allowed: Annotated[int, about("How many of the tokens are listed as ALLOWED.")]
    blocked: Annotated[int, about("How many of the tokens are listed as BLOCKED.")]
    setting: Annotated[Text, about("Whether it allows tokens, as an admin noted it. Null: nobody did.")]
    remarks: Text
    findings: Found


class ChangeRow(Note, Target):
    """A change between two pulls."""

    at: Annotated[Text, about("When it was seen.")]
    kind: Annotated[str, about("What changed, such as created, revoked or policy.")]
    subject: Annotated[str, about("What it is about: token, user, policy or credential.")]
    id: Annotated[str, about("The id of what it is about.")]
    label: Annotated[Text, about("The label or name of what it is about.")]
    owner: Text
    email: Annotated[Text, about("The address of the owner.")]
    before: Annotated[Text, about("The value before. Null: there was none.")]
    after: Annotated[Text, about("The value after. Null: there is none.")]
    renewal: Renewal


class CredentialRow(Note):
    """An API key, a service account, one of its tokens, or an OAuth client."""

    kind: Annotated[str, about("key, service-account, service-token or oauth-client.")]
    id: str
    name: Text
    email: Text
    description: Text
    status: Status
    account: Annotated[Text, about("The name of the service account that it belongs to.")]
    account_id: Annotated[Text, about("The id of the service account that it belongs to.")]
    maker: Annotated[Text, about("The name of who made it.")]
    maker_email: Text
    maker_id: Text
    maker_status: Annotated[Text, about("The status of the maker's account.")]
    created: Moment
    ends: Annotated[Text, about("When it expires, as Atlassian sent it.")]
    used: Annotated[Text, about("Its last use. Null: not known, or never.")]
    scopes: Scopes
    tokens: Annotated[int, about("How many tokens a service account has.")]
    clients: Annotated[int, about("How many OAuth clients a service account has.")]
    findings: Found
    reach: Reach
    power: Power
    renewal: Renewal


class RunRow(TypedDict):
    """A run of the journal."""

    id: str
    kind: Annotated[str, about("move or revoke.")]
    at: Annotated[Text, about("When it began.")]
    by: Annotated[str, about("Who applied it.")]
    state: str
    words: Annotated[Text, about("Why it is in this state. Null: nothing to say.")]
    to: Annotated[Text, about("The name of the policy that it moved to.")]
    planned: Annotated[int, about("How many rows it was to change.")]
    there: Annotated[int, about("How many rows needed no change.")]
    refused: Annotated[int, about("How many rows were refused.")]
    good: Annotated[int, about("How many rows came out as planned.")]
    bad: Annotated[int, about("How many rows did not.")]
    unsure: Annotated[int, about("How many rows have an unknown outcome.")]
    verified: Annotated[int, about("How many users were found where they were moved to.")]
    differs: Annotated[int, about("How many users were found elsewhere.")]
    ended: Annotated[Text, about("When it ended. Null: not yet, or not known here.")]
    undoes: Annotated[Text, about("The run that it undoes.")]
    undone_by: Annotated[Text, about("The run that undoes it.")]
    quarantine: Annotated[Text, about("The day until which its users are in quarantine, or how that ended.")]
    plan: Annotated[Text, about("The SHA-256 of its plan.")]
    findings: Found


class GroupRow(TypedDict):
    """How many rows have the same values, for `list --by`. The values have the names of their columns."""

    rows: int
    in_use: NotRequired[Annotated[int, about("How many are in use; in panes in which that can be told.")]]
    undecided: NotRequired[Annotated[int, about("How many are not decided; in panes with decisions on tokens.")]]
    filter: Annotated[str, about("Finds exactly these rows.")]
