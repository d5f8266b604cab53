"""The credentials as a pane: its columns and the fields to filter by. It is read only."""

from tokendesk.desk.note_fields import CREDENTIAL_DECISIONS
from tokendesk.filtering.fields import Field, FieldTable, Flag, Kind
from tokendesk.model.credential_kinds import CREDENTIAL_KINDS
from tokendesk.model.findings import Finding, Thresholds, credential_findings
from tokendesk.model.scope_patterns import POWERS
from tokendesk.model.token_reach import NOT_TOLD, REACHES
from tokendesk.views.columns_of_panes import CREDENTIAL_COLUMNS
from tokendesk.views.credential_reach import HAS_POWER
from tokendesk.views.credential_reach import REACHES as HAS_REACH
from tokendesk.views.note_fields import (
    choice,
    note_fields,
    note_flags,
    note_has,
    renewal_field,
    renewal_flag,
    tag_field,
)  # fmt: skip
from tokendesk.views.panes import SCOPES, Pane, finding_flags, unread_time

_ENDLESS = "ends IS NULL AND tells_end AND NOT ({})".format(unread_time("ends", "r"))
_NEVER_USED = "last_used IS NULL AND tells_use AND NOT ({})".format(unread_time("last_used", "r"))
_STRANGER = """maker_id IS NOT NULL AND maker IS NULL
    AND NOT EXISTS (SELECT 1 FROM main.meta WHERE name = 'only_owners' AND value = 'yes')"""
"""Whoever has not been read yet is no stranger."""


def credential_pane(thresholds: Thresholds) -> Pane:
    findings = credential_findings(thresholds)
    return Pane(
        "credentials", "Credentials", "credential", "credentials", "credential_row", "record", CREDENTIAL_COLUMNS,
        ("ends",), _fields(findings), findings,
    )  # fmt: skip


def _fields(findings: tuple[Finding, ...]) -> FieldTable:
    return FieldTable(
        fields=(
            Field("name", Kind.TEXT, "name", "what it is called", aliases=("label",), folded_sql="name_folded"),
            choice("kind", "kind", "what kind of credential it is", values=CREDENTIAL_KINDS, closed=True),
            Field("whose", Kind.TEXT, "whose", "the service account it belongs to, or else who made it"),
            Field("account", Kind.TEXT, "account_name", "the service account it belongs to"),
            Field("account.id", Kind.CHOICE, "account_id", "id of the account it belongs to"),
            Field("email", Kind.TEXT, "email", "e-mail address of a service account"),
            Field("description", Kind.TEXT, "description", "the description of a service account"),
            Field("maker", Kind.TEXT, "maker_name", "who made it", aliases=("owner",)),
            Field("maker.email", Kind.TEXT, "maker_email", "e-mail address of who made it"),
            choice("maker.status", "maker_state", "account status of who made it, if that is a managed user",
                   values=("active", "deactivated", "suspended", "closed")),
            choice("account.maker.status", "(SELECT a.maker_state FROM credential AS a WHERE a.id = r.account)",
                   "account status of who made the service account it belongs to",
                   values=("active", "deactivated", "suspended", "closed")),
            Field("maker.id", Kind.CHOICE, "maker_id", "account id of who made it"),
            choice("status", "status", "as Atlassian reports it", values=("active", "inactive", "revoked")),
            Field("used", Kind.PAST, "last_used", "last use", unread=unread_time("last_used", "r")),
            Field("idle", Kind.PAST, "last_used", "time since the last use", unread=unread_time("last_used", "r")),
            Field("created", Kind.PAST, "created", "when it was made", unread=unread_time("created", "r")),
            Field("ends", Kind.FUTURE, "ends", "when it ends", aliases=("expires",),
                  unread=unread_time("ends", "r")),
            Field("scope", Kind.TEXT, "sc.value", "a scope it has", many=SCOPES),
            Field("reach", Kind.CHOICE, "cv.value", "a product that it can reach, or an unknown scope",
                  values=REACHES, many=HAS_REACH, slips=True),
            choice("power", "cr.power", "the most that it may do", values=(*POWERS, NOT_TOLD), many=HAS_POWER,
                   closed=True),
            Field("tokens", Kind.NUMBER, "tokens", "how many tokens a service account has"),
            Field("clients", Kind.NUMBER, "clients", "how many OAuth clients a service account has"),
            Field("id", Kind.CHOICE, "credential_id", "its id"),
            Field("record", Kind.CHOICE, "record", "its kind and id, as notes name it"),
            renewal_field("credentials"),
            *note_fields(CREDENTIAL_DECISIONS),
            tag_field("'credential'", "record"),
        ),
        flags=(
            renewal_flag("credentials"),
            *finding_flags(findings),
            Flag("endless", "has no end, though others of its kind do", sql=_ENDLESS),
            Flag("unused", "was never used, though others of its kind were", sql=_NEVER_USED),
            Flag("made-by-stranger", "its maker is not among the managed users", sql=_STRANGER),
            Flag("revoked", "is revoked, as Atlassian reports it", sql="upper(status) IS 'REVOKED'"),
            *note_flags(),
            Flag("marked", "is marked", sql="record IN (SELECT record FROM temp.marked_credentials)"),
        ),
        has=note_has(),
        words=lambda word: (f"{word.test('words_folded')} OR {word.test('note_folded')}", [word.parameter] * 2),
    )  # fmt: skip
