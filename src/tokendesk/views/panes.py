"""The panes: columns, fields, findings, sort orders. One table of fields serves filter, completion, help and errors."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tokendesk.desk.note_fields import CREDENTIAL_DECISIONS, DECISIONS
from tokendesk.filtering.fields import Field, FieldTable, Flag, Kind
from tokendesk.model.changes import CHANGE_KINDS
from tokendesk.model.findings import Finding, Thresholds, policy_findings, token_findings, user_findings
from tokendesk.model.scope_patterns import POWERS
from tokendesk.model.timestamps import CADENCES
from tokendesk.model.token_reach import NOT_TOLD, REACHES, STOPPING
from tokendesk.views.access import access_fields
from tokendesk.views.blocking import CONTRADICTING
from tokendesk.views.columns_of_panes import CHANGE_COLUMNS, POLICY_COLUMNS, TOKEN_COLUMNS, USER_COLUMNS, PaneColumn
from tokendesk.views.note_fields import (
    choice,
    note_fields,
    note_flags,
    note_has,
    renewal_field,
    renewal_flag,
    tag_field,
)
from tokendesk.views.reach import OF_POLICY, OF_TOKEN, OF_USER, STOPS, around
from tokendesk.views.text_search import TOKEN_TEXT, USER_TEXT, SearchableText, index_condition, scan_condition


class Pane(NamedTuple):
    name: str
    title: str
    one: str
    many: str
    view: str
    record: str
    """The column of `view` with the record's own id, which marks and notes refer to."""
    columns: tuple[PaneColumn, ...]
    """All that can be shown; see `default_columns`."""
    default_sort: tuple[str, ...]
    fields: FieldTable
    findings: tuple[Finding, ...]
    text: SearchableText | None = None
    """The indexes for free words, for a pane whose row ids follow the order of `default_sort`."""

    @property
    def default_columns(self) -> tuple[PaneColumn, ...]:
        """The columns that are shown where nobody chose others."""
        return tuple(column for column in self.columns if not column.extra)

    def columns_named(self, names: Sequence[str]) -> tuple[PaneColumn, ...]:
        """Return these columns, of which the first is the last to go; the default ones if it has none of them."""
        found = [column for name in dict.fromkeys(names) if (column := self.column(name)) is not None]
        return (
            tuple(c._replace(priority=at - len(found), beside=None) for at, c in enumerate(found))
            or self.default_columns
        )

    def column(self, name: str) -> PaneColumn | None:
        return next((column for column in self.columns if column.name == name), None)


def panes(thresholds: Thresholds) -> Mapping[str, Pane]:
    tokens = Pane(
        "tokens", "Tokens", "token", "tokens", "token_row", "token_id", TOKEN_COLUMNS, ("-used",),
        _token_fields(token_findings(thresholds)), token_findings(thresholds), TOKEN_TEXT,
    )  # fmt: skip
    users = Pane(
        "users", "Users", "user", "users", "user_row", "account_id", USER_COLUMNS, ("-tokens", "name"),
        _user_fields(user_findings(thresholds)), user_findings(thresholds), USER_TEXT,
    )  # fmt: skip
    policies = Pane(
        "policies", "Policies", "policy", "policies", "policy_row", "policy_id", POLICY_COLUMNS, ("-users",),
        _policy_fields(policy_findings()), policy_findings(),
    )  # fmt: skip
    changes = Pane(
        "changes", "Changes", "change", "changes", "change_row", "change_id", CHANGE_COLUMNS, ("-when",),
        _change_fields(), (),
    )  # fmt: skip
    from tokendesk.views.credential_pane import credential_pane  # they import from this module
    from tokendesk.views.journal_pane import journal_pane

    all_panes = (tokens, users, policies, changes, journal_pane(), credential_pane(thresholds))
    return {pane.name: pane for pane in all_panes}


_BY_POLICY = ("coalesce(r.policy, 0) IN (SELECT pn.id FROM temp.policy_name AS pn WHERE ", ")")
"""Evaluated once for the few policies, not for each of their users."""


SCOPES = ("EXISTS (SELECT 1 FROM json_each(r.scopes) AS sc WHERE ", ")")
_ACTIVITY = ("r.id IN (SELECT ta.id FROM temp.token_activity AS ta WHERE ", ")")


_REVOKED = "(SELECT token FROM temp.revoked_now)"
_STATUS_NOW = """CASE WHEN (SELECT count(*) FROM temp.revoked_now)
    AND tk.id IN (SELECT token FROM temp.revoked_now) THEN 'REVOKED'
    WHEN (SELECT count(*) FROM temp.moved_now)
        AND tk.user IN (SELECT user FROM temp.moved_now WHERE policy IS NOT was) THEN NULL
    ELSE tk.status END"""
"""As in views.sql for the tokens themselves."""


def _policy_of_owner() -> tuple[Field, ...]:
    return (
        Field("policy", Kind.TEXT, "pn.name", "name of the authentication policy", many=_BY_POLICY),
        Field("policy.id", Kind.CHOICE, "policy_id", "id of the authentication policy"),
        choice("policy.tokens", "policy_setting", "whether the policy lets user API tokens be used",
              values=("allowed", "blocked"), closed=True),
        Field("title", Kind.TEXT, "job_title", "job title", folded_sql="title_folded"),
        Field("department", Kind.TEXT, "department", "department", folded_sql="department_folded"),
    )  # fmt: skip


def unread_time(column: str, of: str = "t") -> str:
    """Return the condition that Atlassian sent a time that cannot be parsed.

    The year 1 and earlier stand for no time, the year 9999 and later for never.
    """
    none = ("", "-*", "+*", "0000-*", "0001-*", "9999-*", "[1-9][0-9][0-9][0-9][0-9]*")
    meant = " OR ".join(f"{of}.{column}_text GLOB '{pattern}'" for pattern in none)
    return f"{of}.{column} IS NULL AND {of}.{column}_text IS NOT NULL AND NOT ({meant})"


def _of_tokens(column: str, those: str = "t.id = r.id") -> str:
    """Return the condition that a time of one of `those` tokens cannot be parsed."""
    # A separate subquery: all other fields are covered by an index, which does not include the text as sent.
    return f"EXISTS (SELECT 1 FROM main.token AS t WHERE {those} AND {unread_time(column)})"


def _reach(which: str, of: tuple[str, str]) -> tuple[Field, ...]:
    return (
        Field("reach", Kind.CHOICE, "k.value", f"a product that {which} can reach, or an unknown scope",
              values=REACHES, many=around(of, "reach_value"), slips=True),
        choice("power", "k.power", f"the most that {which} may do, as far as its owner may",
              values=(*POWERS, NOT_TOLD), many=around(of, "scope_set"), closed=True),
    )  # fmt: skip


def _token_fields(findings: tuple[Finding, ...]) -> FieldTable:
    return FieldTable(
        fields=(
            Field("label", Kind.TEXT, "label", "the token's label", folded_sql="label_folded"),
            Field("owner", Kind.TEXT, "owner", "name of the user it belongs to", folded_sql="owner_folded"),
            Field("email", Kind.TEXT, "email", "e-mail address of its owner", folded_sql="email_folded"),
            choice("status", "status", "as Atlassian reports it", values=("allowed", "blocked", "revoked")),
            Field("used", Kind.PAST, "last_used", "last use", unread=_of_tokens("last_used")),
            Field("idle", Kind.PAST, "last_used", "time since the last use", unread=_of_tokens("last_used")),
            Field("created", Kind.PAST, "created", "when it was made", unread=_of_tokens("created")),
            Field("expires", Kind.FUTURE, "expires", "when it expires", unread=_of_tokens("expires")),
            Field("scope", Kind.TEXT, "sc.value", "a scope it has", many=SCOPES),
            *_reach("it", OF_TOKEN),
            choice("stops", STOPS, "whether a policy that blocks tokens stops it", values=STOPPING, closed=True),
            *_policy_of_owner(),
            choice("owner.status", "owner_status", "account status of its owner",
                  values=("active", "deactivated", "suspended", "closed")),
            Field("owner.active", Kind.PAST, "owner_active", "when its owner last used a product"),
            Field("owner.tokens", Kind.NUMBER, "owner_tokens", "how many tokens its owner has"),
            Field("owner.id", Kind.CHOICE, "owner_id", "account id of its owner"),
            *access_fields("its owner", "coalesce(r.user, 0)", "owner."),
            Field("quarantine", Kind.DAY, "quarantine", "the day its owner's quarantine ends"),
            Field("id", Kind.CHOICE, "token_id", "the token's id"),
            choice("rhythm", "rhythm", "how often it is used, as the pulls so far show", values=CADENCES, closed=True),
            Field("activity", Kind.PAST, "activity", "last audited action done with it"),
            Field("ip", Kind.TEXT, "ta.ip", "an address that an audited action came from",
                  folded_sql="lower(ta.ip)", many=_ACTIVITY),
            choice("product", "ta.product", "a product of an audited action",
                    values=("bitbucket", "confluence", "jira"), many=_ACTIVITY),
            renewal_field("tokens"),
            *note_fields(),
            tag_field("'token'", "token_id"),
        ),
        flags=(
            renewal_flag("tokens"),
            *finding_flags(findings),
            Flag("revoked", "was revoked, or found to be gone, since the pull", sql=f"r.id IN {_REVOKED}"),
            *note_flags(),
            Flag("marked", "is marked", sql="token_id IN (SELECT record FROM temp.marked_tokens)"),
        ),
        has=note_has(),
        words=index_condition(TOKEN_TEXT),
        scanned=scan_condition(TOKEN_TEXT),
    )  # fmt: skip


def _user_fields(findings: tuple[Finding, ...]) -> FieldTable:
    holding = "r.id IN (SELECT tk.user FROM main.token AS tk WHERE tk.user IS NOT NULL AND "
    of_tokens = f"{holding}tk.id NOT IN {_REVOKED} AND "
    return FieldTable(
        fields=(
            Field("name", Kind.TEXT, "name", "the user's name", aliases=("owner",), folded_sql="name_folded"),
            Field("email", Kind.TEXT, "email", "e-mail address", folded_sql="email_folded"),
            choice("status", "status", "account status",
                  values=("active", "deactivated", "suspended", "closed")),
            Field("tokens", Kind.NUMBER, "tokens", "how many tokens the user has"),
            Field("active", Kind.PAST, "last_active", "when the user last used a product"),
            Field("used", Kind.PAST, "token_used", "last use of any of the user's tokens",
                  unread=_of_tokens("last_used", f"t.user = r.id AND t.id NOT IN {_REVOKED}")),
            *_policy_of_owner(),
            Field("token.label", Kind.TEXT, "tk.label", "label of one of the tokens", folded_sql="tk.label_folded",
                  many=(of_tokens, ")")),
            Field("token.idle", Kind.PAST, "tk.last_used", "one token unused for", many=(of_tokens, ")"),
                  unread=unread_time("last_used", "tk")),
            Field("token.used", Kind.PAST, "tk.last_used", "one token last used", many=(of_tokens, ")"),
                  unread=unread_time("last_used", "tk")),
            Field("token.created", Kind.PAST, "tk.created", "one token made", many=(of_tokens, ")"),
                  unread=unread_time("created", "tk")),
            Field("token.expires", Kind.FUTURE, "tk.expires", "one token expires", many=(of_tokens, ")"),
                  unread=unread_time("expires", "tk")),
            choice("token.status", _STATUS_NOW, "status of one token", many=(holding, ")")),
            *_reach("one of the tokens", OF_USER),
            *access_fields("the user", "r.id"),
            Field("id", Kind.CHOICE, "account_id", "the account id"),
            *note_fields(),
            tag_field("'user'", "account_id"),
        ),
        flags=(
            *finding_flags(findings),
            Flag("admin", "is an organization admin", sql="org_admin IS 1"),
            *note_flags(),
            Flag("marked", "is marked", sql="account_id IN (SELECT record FROM temp.marked_users)"),
        ),
        has=note_has(),
        words=index_condition(USER_TEXT),
        scanned=scan_condition(USER_TEXT),
    )  # fmt: skip


def _policy_fields(findings: tuple[Finding, ...]) -> FieldTable:
    return FieldTable(
        fields=(
            Field("name", Kind.TEXT, "known", "the policy's name", aliases=("policy",)),
            Field("id", Kind.CHOICE, "policy_id", "the policy's id"),
            Field("users", Kind.NUMBER, "users", "how many users are in it"),
            Field("tokens", Kind.NUMBER, "tokens", "how many tokens its users have"),
            Field("allowed", Kind.NUMBER, "allowed", "how many of them are ALLOWED"),
            Field("blocked", Kind.NUMBER, "blocked", "how many of them are BLOCKED"),
            Field("used", Kind.PAST, "last_used", "last use of any of these tokens",
                  unread=_of_tokens("last_used", f"t.policy = r.id AND t.id NOT IN {_REVOKED}")),
            Field("contradicting", Kind.NUMBER, CONTRADICTING, "how many of them contradict what was said"),
            *_reach("one of these tokens", OF_POLICY),
            choice("setting", "setting", "whether it lets user API tokens be used",
                   values=("allowed", "blocked"), closed=True),
            Field("remarks", Kind.TEXT, "remarks", "remarks"),
        ),
        flags=(
            *finding_flags(findings),
            Flag("marked", "is marked", sql="policy_id IN (SELECT record FROM temp.marked_policies)"),
        ),
        has=(),
        words=lambda word: (word.test(_POLICY_TEXT), [word.parameter]),
    )  # fmt: skip


def _change_fields() -> FieldTable:
    return FieldTable(
        fields=(
            choice("kind", "kind", "what happened", CHANGE_KINDS, closed=True),
            Field("at", Kind.PAST, "at", "when the pull saw it", aliases=("when",)),
            Field("label", Kind.TEXT, "label", "label of the token, or name of the user or credential"),
            Field("owner", Kind.TEXT, "owner", "whose token it is"),
            Field("email", Kind.TEXT, "email", "e-mail address of the owner"),
            Field("before", Kind.TEXT, "coalesce(before_policy, before)", "what it was"),
            Field("after", Kind.TEXT, "coalesce(after_policy, after)", "what it is now"),
            Field("id", Kind.CHOICE, "record", "id of the token or user; of a credential, its kind and id"),
            renewal_field("changes"),
            *note_fields(tuple(dict.fromkeys((*DECISIONS, *CREDENTIAL_DECISIONS)))),
            tag_field("r.subject", "record"),
        ),
        flags=(
            renewal_flag("changes"),
            _subject("token"),
            _subject("user"),
            _subject("credential"),
            *note_flags(),
            Flag("marked", "is marked", sql="change_id IN (SELECT record FROM temp.marked_changes)"),
        ),
        has=note_has(),
        words=lambda word: (f"{word.test(_CHANGE_TEXT)} OR {word.test('note_folded')}", [word.parameter] * 2),
    )


def _subject(name: str) -> Flag:
    return Flag(name, f"is about a {name}", sql=f"subject = '{name}'")


_CHANGE_TEXT = """fold(coalesce(label, '') || char(10) || coalesce(owner, '') || char(10) || coalesce(email, '')
    || char(10) || kind)"""
_POLICY_TEXT = "fold(name || char(10) || policy_id || char(10) || coalesce(remarks, ''))"


def finding_flags(findings: tuple[Finding, ...]) -> tuple[Flag, ...]:
    own = [finding for finding in findings if finding.filter != f"is:{finding.name}"]
    return tuple(Flag(finding.name, f"finding: {finding.title}", filter=finding.filter) for finding in own)
