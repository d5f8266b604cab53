"""What `check`, `pull`, `goal`, `readiness`, `snapshot info` and `sandbox` print."""

from typing import Annotated, Literal, NotRequired, TypedDict

from tokendesk.documents.about import about
from tokendesk.documents.rows import Text


class Capability(TypedDict):
    """Whether the key can do something."""

    name: str
    answer: Literal["yes", "no", "unknown"]
    endpoint: Annotated[str, about("What was tested.")]
    words: Annotated[str, about("Why, or what to do; may be empty.")]


class PullDocument(TypedDict):
    """What a pull read."""

    document: Literal["pull"]
    version: Literal[1]
    event: Literal["done"]
    org_id: str
    org_name: Text
    pulled_at: Annotated[int, about("Seconds since 1970.")]
    tokens: int
    users: int
    policies: Annotated[int | None, about("Null: they cannot be read, see policies_problem.")]
    policies_problem: Annotated[Text, about("Why policies cannot be read. Null: they can.")]
    policies_unknown: Annotated[int, about("How many users have no known policy.")]
    policies_unknown_why: Annotated[Text, about("The most frequent reason.")]
    oldest_at: Annotated[int, about("When the oldest part was read, in seconds since 1970.")]
    only_owners: Annotated[bool, about("Whether users without tokens were never read.")]
    credentials: Annotated[int | None, about("API keys, service accounts and OAuth clients. Null: never read.")]
    credentials_problem: Annotated[Text, about("Which list of these is not complete, and why.")]


class EventsDocument(TypedDict):
    """What a pull of audit events read."""

    document: Literal["pull-events"]
    version: Literal[1]
    event: Literal["done"]
    what: Annotated[str, about("events.")]
    read: Annotated[int, about("How many events were read.")]
    kept: Annotated[int, about("How many of them are new and were done with API tokens.")]
    since: Annotated[Text, about("From when on.")]


class PullProgress(TypedDict):
    """A line on standard error while a pull goes on."""

    event: Literal["progress", "waiting"]
    what: NotRequired[Annotated[str, about("Of progress: what is read.")]]
    done: NotRequired[int]
    total: NotRequired[Annotated[int | None, about("Null: not known.")]]
    answers: NotRequired[Annotated[int, about("How many answers came.")]]
    expected: NotRequired[Annotated[int | None, about("How many answers there will be. Null: not known.")]]
    per_second: NotRequired[Annotated[float | None, about("Null: not measured yet.")]]
    seconds_left: NotRequired[Annotated[float | None, about("An estimate. Null: none yet.")]]
    reached: NotRequired[Annotated[Text, about("Of audit events: up to when they were read.")]]
    minutes_left: NotRequired[Annotated[int | None, about("Of audit events: an estimate. Null: none yet.")]]
    why: NotRequired[Annotated[str, about("Of waiting: the reason.")]]
    seconds: NotRequired[Annotated[float, about("Of waiting: how long.")]]
    until: NotRequired[Annotated[str, about("Of waiting: until when, by this computer's clock.")]]


class SnapshotDocument(TypedDict):
    """A snapshot: its content and date."""

    document: Literal["snapshot"]
    version: Literal[1]
    file: str
    org_id: str
    org_name: Text
    pulled_at: str
    oldest_at: Annotated[str, about("When the oldest part was read.")]
    tokens: int
    users: int
    users_total: Annotated[int | None, about("How many managed users there are, if only owners were read.")]
    only_owners: Annotated[bool, about("Whether users without tokens were never read.")]
    policies: Annotated[int | None, about("Null: they cannot be read, see policies_problem.")]
    policies_problem: Annotated[Text, about("Why policies cannot be read. Null: they can.")]
    policies_unknown: Annotated[int, about("How many users have no known policy.")]
    policies_unknown_why: Annotated[Text, about("The most frequent reason.")]
    credentials: Annotated[int | None, about("API keys, service accounts and OAuth clients. Null: never read.")]
    credentials_problem: Annotated[Text, about("Which list of these is not complete, and why.")]
    saved_at: Annotated[Text, about("When it was saved as a file. Null: it is a profile's snapshot.")]
    with_notes: Annotated[bool, about("Whether the file contains notes, decisions and the journal.")]


class GoalProgress(TypedDict):
    """The tokens of the goal's policy that are not revoked."""

    tokens: int
    in_use: int
    unexplained: Annotated[int, about("In use, without a purpose.")]
    decided: int
    blocked: Annotated[int, about("Listed as BLOCKED.")]
    allowed: Annotated[int, about("Listed as ALLOWED.")]
    stop: Annotated[int, about("In use: a block stops them.")]
    may_not_stop: Annotated[int, about("In use: a block may not stop them, since they reach Bitbucket.")]
    not_told: Annotated[int, about("In use: it cannot be told whether a block stops them.")]
    policy_unknown: Annotated[int, about("Tokens of the organization whose policy is not known: in no other count.")]


class Goal(TypedDict):
    """The policy in which tokens should be blocked."""

    policy_id: str
    name: str
    setting: Annotated[Text, about("Whether it allows tokens, as an admin noted it. Null: nobody did.")]
    author: Annotated[str, about("Who set the goal.")]
    time: Annotated[str, about("When it was set.")]
    progress: GoalProgress
    words: Annotated[str, about("The progress in words.")]


class GoalDocument(TypedDict):
    """The goal and its progress."""

    document: Literal["goal"]
    version: Literal[1]
    goal: Annotated[Goal | None, about("Null: there is no goal.")]
    written: Annotated[bool, about("Whether this command set or removed the goal.")]


class ReadyToken(TypedDict):
    """A token of a member of the policy that can be used now."""

    id: str
    label: str
    owner_id: str
    owner: str
    owner_is_active: bool
    used: Annotated[Text, about("Its last use. Null: never seen, or not readable.")]
    expires: Annotated[Text, about("Null: never, or not readable.")]
    purpose: Text
    decision: str
    target: Annotated[Text, about("The id of the policy that a decision moves it to.")]
    answer: Text
    stops: Annotated[str, about("Whether a policy that blocks tokens stops it: yes, may-not or not-told.")]
    reach: Annotated[str, about("What it reaches, in words.")]


class Window(TypedDict):
    """The tokens that were used lately."""

    days: Annotated[int | None, about("Used within this many days. Null: all that can be used.")]
    tokens: int
    owners: int
    with_purpose: int
    decided: int
    stop: int
    may_not_stop: int
    not_told: Annotated[int, about("It cannot be told whether a block stops them.")]


class Step(TypedDict):
    """Something that must happen before."""

    title: str
    tokens: int
    owners: int
    filter: Annotated[str, about("Finds exactly these tokens.")]
    plan: Annotated[Text, about("The command that does it: move or revoke. Null: neither.")]


class ReadinessDocument(TypedDict):
    """What stops if a policy blocks user API tokens now, and what to do before."""

    document: Literal["readiness"]
    version: Literal[1]
    policy_id: str
    name: str
    setting: Annotated[str, about("Whether it allows tokens, in words.")]
    users: int
    in_use_days: Annotated[int, about("Tokens that were used within this many days count as in use.")]
    pulled_at: Annotated[Text, about("When tokens were read. Null: there is no snapshot.")]
    ready: Annotated[bool, about("Whether nothing is left to do before.")]
    words: Annotated[list[str], about("What would stop, in sentences.")]
    not_counted: Annotated[list[str], about("A sentence for each group of tokens that is in no count.")]
    windows: list[Window]
    steps: list[Step]
    in_use: Annotated[list[ReadyToken], about("The latest use first.")]


class SandboxDocument(TypedDict):
    """The practice organization that is served."""

    url: str
    org_id: str
    key: Annotated[str, about("A key of the practice organization.")]
    revoke_key: Annotated[str, about("Its key without scopes.")]
    policies: Annotated[dict[str, str], about("The names of the policies, by id.")]


class SettingRow(TypedDict):
    """A setting in effect."""

    name: str
    value: Annotated[Text, about("Null: not set. Keys and their commands are never shown.")]
    source: Annotated[str, about("An environment variable, config.toml, --profile, or default.")]


class ProfileRow(TypedDict):
    """A profile of config.toml, or the demo."""

    name: str
    selected: Annotated[bool, about("Whether commands use it without --profile.")]
    org_id: Text
    api_url: Text
    allow_writes: Annotated[bool | None, about("Null: not known, see problem.")]
    pulled_at: Annotated[Text, about("When its snapshot was pulled. Null: never, or see problem.")]
    problem: Annotated[Text, about("What is wrong with it. Null: nothing.")]


class VersionDocument(TypedDict):
    """The version, and what it runs on."""

    document: Literal["version"]
    version: Literal[1]
    tokendesk: str
    python: str
    sqlite: str
    platform: str
    libraries: Annotated[dict[str, str], about("Their versions, by name; unknown if they do not say.")]


class ConfigCheckDocument(TypedDict):
    """What is wrong with config.toml."""

    document: Literal["config-check"]
    version: Literal[1]
    file: str
    exists: bool
    profiles: list[str]
    problems: Annotated[list[str], about("A sentence for each; empty: it is valid.")]
