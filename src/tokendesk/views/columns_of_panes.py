"""The columns of each pane: those that are shown, and those that can be chosen."""

from typing import NamedTuple

from tokendesk.views.credential_reach import POWER as CREDENTIAL_POWER
from tokendesk.views.credential_reach import WORDS as CREDENTIAL_WORDS
from tokendesk.views.reach import POWER, STOPS, WORDS
from tokendesk.views.renewal_tables import STATE


class PaneColumn(NamedTuple):
    """A column of a pane.

    `kind`: text, age (how long ago), left (time left), use and end (the same of a credential), day, count, yes-no,
    list (JSON), told (JSON, or NULL for a list that was not told), lines, setting, findings …
    `priority`: the highest number is dropped first on a narrow screen; `beside`: the same while the details are
    open, if it differs. `width`: the fewest cells; `readable`: more of them are not needed for an optional column
    to be shown; `grow`: gets a share of the remaining width; `whole`: it needs the room of its longest text, not
    of nine in ten. `extra`: shown only where somebody chose it.
    """

    name: str
    title: str
    key: str
    kind: str = "text"
    width: int = 10
    grow: int = 0
    priority: int = 5
    sort: str | tuple[str, ...] | None = None
    """SQL to sort by instead of `key`: mostly the folded text in the snapshot. Several: in this order."""

    beside: int | None = None
    readable: int = 20
    whole: bool = False
    extra: bool = False

    @property
    def right(self) -> bool:
        return self.kind in ("age", "left", "use", "end", "count")

    @property
    def order(self) -> tuple[str, ...]:
        """The SQL that sorts by this column. As in filters, an empty text is not a value."""
        sort = self.sort or (
            f"fold({self.key})" if self.kind in ("text", "policy", "setting", "list", "told", "lines") else self.key
        )
        return tuple(f"nullif({sql}, '')" for sql in ((sort,) if isinstance(sort, str) else sort))


_NOTES = (
    PaneColumn("purpose", "Purpose", "purpose", width=12, grow=2, extra=True),
    PaneColumn("decision", "Decision", "decision", width=9, extra=True),
    PaneColumn("contact", "Contact", "contact", width=14, grow=1, extra=True),
    PaneColumn("tags", "Tags", "tags", "lines", width=10, grow=1, extra=True),
    PaneColumn("to", "Move to", "target_name", width=11, extra=True),
    PaneColumn("review", "Review by", "review_by", width=10, extra=True),
    PaneColumn("asked", "Asked on", "asked_on", width=10, extra=True),
    PaneColumn("reply", "Reply by", "reply_by", width=10, extra=True),
    PaneColumn("answer", "Answer", "answer", width=12, grow=1, extra=True),
    PaneColumn("remarks", "Remarks", "remarks", width=12, grow=1, extra=True),
    PaneColumn("replaces", "Replaces", "replaces", width=36, extra=True),
    PaneColumn("noted", "Noted on", "note_changed", "day", width=10, extra=True),
    PaneColumn("noted_by", "Noted by", "note_author", width=10, extra=True),
    PaneColumn("target", "Target id", "target", width=36, extra=True),
)


def _extra_of_notes(*others: str) -> tuple[PaneColumn, ...]:
    """Return the columns of notes but for `others`, which the pane shows anyway."""
    return tuple(column for column in _NOTES if column.name not in others)


TOKEN_COLUMNS = (
    PaneColumn("label", "Label", "label", width=14, grow=3, priority=0, sort="label_folded", readable=18),
    PaneColumn("owner", "Owner", "owner", width=12, grow=1, priority=2, sort="owner_folded", readable=16),
    PaneColumn("used", "Last used", "last_used", "age", width=9, priority=1),
    PaneColumn("expires", "Expires", "expires", "left", width=8, priority=2),
    PaneColumn("status", "Status", "status", width=7, priority=11, sort="lower(status)"),
    PaneColumn("policy", "Policy", "policy_name", "policy", width=12, priority=5, beside=6),
    PaneColumn("findings", "Findings", "findings", "findings", width=9, grow=4, priority=3),
    PaneColumn("decision", "Decision", "decision", width=9, priority=7, beside=9),
    PaneColumn("purpose", "Purpose", "purpose", width=12, grow=3, priority=6, beside=4, readable=40, whole=True),
    PaneColumn("reach", "Reach", "reach_words", width=9, grow=1, priority=10, beside=8, sort=f"fold({WORDS})"),
    PaneColumn("power", "Power", "power", width=7, sort=POWER, extra=True),
    PaneColumn("stops", "Stops if blocked", "stops", width=16, sort=STOPS, extra=True),
    PaneColumn("created", "Created", "created", "age", width=8, extra=True),
    PaneColumn("renewal", "Renewal", "renewal", width=9, sort=STATE["tokens"], extra=True),
    PaneColumn("rhythm", "Rhythm", "rhythm", width=10, extra=True),
    PaneColumn("activity", "Last action", "activity", "age", width=11, extra=True),
    PaneColumn("email", "E-mail", "email", width=20, grow=2, sort="email_folded", extra=True),
    PaneColumn("owner_status", "Owner is", "owner_status", width=11, sort="lower(owner_status)", extra=True),
    PaneColumn("scopes", "Scopes", "scopes", "list", width=20, grow=2, extra=True),
    *_extra_of_notes("purpose", "decision"),
    PaneColumn("id", "Token id", "token_id", width=36, extra=True),
    PaneColumn("owner_id", "Owner's id", "owner_id", width=24, extra=True),
    PaneColumn("policy_id", "Policy id", "policy_id", width=36, extra=True),
)
USER_COLUMNS = (
    PaneColumn("name", "Name", "name", width=16, grow=2, priority=0, sort="name_folded"),
    PaneColumn("email", "E-mail", "email", width=20, grow=3, priority=3, sort="email_folded"),
    PaneColumn("status", "Status", "status", width=11, priority=4, sort="lower(status)"),
    PaneColumn("policy", "Policy", "policy_name", "policy", width=12, grow=1, priority=2),
    PaneColumn("tokens", "Tokens", "tokens", "count", width=6, priority=1),
    PaneColumn("token_used", "Token used", "token_used", "age", width=10, priority=5),
    PaneColumn("active", "Last active", "last_active", "age", width=11, priority=6),
    PaneColumn("title", "Job title", "job_title", width=12, grow=1, priority=7, sort="title_folded"),
    PaneColumn("department", "Department", "department", width=12, grow=1, sort="department_folded", extra=True),
    PaneColumn("findings", "Findings", "findings", "findings", width=12, grow=1, extra=True),
    PaneColumn("org_admin", "Admin", "org_admin", "yes-no", width=5, extra=True),
    PaneColumn("roles", "Roles", "roles", "told", width=14, grow=1, extra=True),
    PaneColumn("access", "Products", "products", "told", width=14, grow=1, extra=True),
    PaneColumn("added", "Added", "added_text", "day", width=10, extra=True),
    PaneColumn("deactivated", "Deactivated", "deactivated_text", "day", width=11, extra=True),
    *_extra_of_notes(),
    PaneColumn("id", "Account id", "account_id", width=24, extra=True),
    PaneColumn("policy_id", "Policy id", "policy_id", width=36, extra=True),
)
POLICY_COLUMNS = (
    PaneColumn("name", "Policy", "name", width=16, grow=2, priority=0),
    PaneColumn("users", "Users", "users", "count", width=7, priority=1),
    PaneColumn("tokens", "Tokens", "tokens", "count", width=6, priority=2),
    PaneColumn("allowed", "Allowed", "allowed", "count", width=7, priority=5),
    PaneColumn("blocked", "Blocked", "blocked", "count", width=7, priority=5),
    PaneColumn("used", "Last used", "last_used", "age", width=9, priority=4),
    PaneColumn("setting", "User API tokens", "setting", "setting", width=18, grow=1, priority=3),
    PaneColumn("id", "Policy id", "policy_id", width=36, priority=7),
    PaneColumn("remarks", "Remarks", "remarks", width=12, grow=1, priority=8),
    PaneColumn("findings", "Findings", "findings", "findings", width=12, grow=1, extra=True),
)


CREDENTIAL_COLUMNS = (
    PaneColumn("name", "Name", "name", width=14, grow=3, priority=0, sort="name_folded", readable=18),
    PaneColumn("kind", "Kind", "kind", "credential-kind", width=7, priority=2),
    PaneColumn("whose", "Account or maker", "whose", width=16, grow=1, priority=4, beside=3),
    PaneColumn("used", "Last used", "last_used", "use", width=9, priority=1),
    PaneColumn("ends", "Ends", "ends", "end", width=8, priority=1),
    PaneColumn("findings", "Findings", "findings", "findings", width=9, grow=3, priority=3),
    PaneColumn("purpose", "Purpose", "purpose", width=12, grow=3, priority=6, readable=40, whole=True),
    PaneColumn("power", "Power", "power", width=8, sort=CREDENTIAL_POWER, priority=8),
    PaneColumn("decision", "Decision", "decision", width=9, priority=9),
    PaneColumn("reach", "Reach", "reach_words", width=9, grow=1, priority=10, sort=f"fold({CREDENTIAL_WORDS})"),
    PaneColumn("status", "Status", "status", width=8, sort="lower(status)", priority=11),
    PaneColumn("renewal", "Renewal", "renewal", width=9, sort=STATE["credentials"], extra=True),
    PaneColumn("account", "Account", "account_name", width=12, grow=1, extra=True),
    PaneColumn("maker", "Made by", "maker_name", width=12, grow=1, extra=True),
    PaneColumn("created", "Created", "created", "age", width=8, extra=True),
    PaneColumn("email", "E-mail", "email", width=20, grow=2, extra=True),
    PaneColumn("description", "Description", "description", width=16, grow=2, extra=True),
    PaneColumn("maker_email", "Maker's e-mail", "maker_email", width=20, grow=1, extra=True),
    PaneColumn("maker_status", "Maker is", "maker_state", width=11, sort="lower(maker_state)", extra=True),
    PaneColumn("scopes", "Scopes", "scopes", "list", width=20, grow=2, extra=True),
    PaneColumn("tokens", "Tokens", "tokens", "count", width=6, extra=True),
    PaneColumn("clients", "Clients", "clients", "count", width=7, extra=True),
    *_extra_of_notes("purpose", "decision", "to", "target"),
    PaneColumn("id", "Id", "credential_id", width=36, extra=True),
    PaneColumn("account_id", "Account id", "account_id", width=36, extra=True),
    PaneColumn("maker_id", "Maker's id", "maker_id", width=24, extra=True),
)


_POLICY_OR = "fold(coalesce({0}_policy, {0}))"
CHANGE_COLUMNS = (
    PaneColumn("when", "When", "at", "age", width=7, priority=1),
    PaneColumn("label", "Token or user", "label", width=20, grow=2, priority=0, readable=32, whole=True),
    PaneColumn("what", "What", "kind", "change", width=22, grow=2, priority=1),
    PaneColumn("owner", "Owner", "owner", width=12, grow=1, priority=3),
    PaneColumn("email", "E-mail", "email", width=20, grow=1, priority=5),
    PaneColumn("subject", "Subject", "subject", width=10, extra=True),
    PaneColumn("renewal", "Renewal", "renewal", width=9, sort=STATE["changes"], extra=True),
    PaneColumn(
        "before", "Was", "before", "changed", width=12, sort="fold(coalesce(before_policy, before))", extra=True
    ),
    PaneColumn("after", "Is now", "after", "changed", width=12, sort=_POLICY_OR.format("after"), extra=True),
    *_extra_of_notes(),
    PaneColumn("id", "Subject id", "record", width=36, extra=True),
)
JOURNAL_COLUMNS = (
    PaneColumn("when", "When", "began", "age", width=8, priority=1),
    PaneColumn(
        "title", "What", "kind", "run", width=22, grow=3, priority=0, sort=("kind", "planned"), readable=40, whole=True
    ),
    PaneColumn("state", "State", "state", width=11, priority=2),
    PaneColumn("good", "Done", "good", "count", width=6, priority=3),
    PaneColumn("bad", "Not done", "bad", "count", width=8, priority=4),
    PaneColumn("unsure", "Unknown", "unsure", "count", width=7, priority=5),
    PaneColumn("verified", "Verified", "verified", "count", width=8, priority=6),
    PaneColumn("author", "By", "author", width=10, grow=1, priority=4),
    PaneColumn("quarantine", "Quarantine until", "quarantine", width=16, priority=5),
    PaneColumn("id", "Run", "run_id", "run-id", width=8, priority=7),
    PaneColumn("kind", "Kind", "kind", width=6, extra=True),
    PaneColumn("to", "To", "target_known", width=12, grow=1, extra=True),
    PaneColumn("words", "Why it ended", "words", width=20, grow=1, extra=True),
    PaneColumn("planned", "Planned", "planned", "count", width=7, extra=True),
    PaneColumn("there", "Already there", "there", "count", width=13, extra=True),
    PaneColumn("refused", "Refused", "refused", "count", width=7, extra=True),
    PaneColumn("differs", "Differs", "differs", "count", width=7, extra=True),
    PaneColumn("ended", "Ended", "ended", "age", width=8, extra=True),
    PaneColumn("undoes", "Undoes", "undoes", "run-id", width=8, extra=True),
    PaneColumn("undone_by", "Undone by", "undone_by", "run-id", width=9, extra=True),
    PaneColumn("findings", "Findings", "findings", "findings", width=12, extra=True),
    PaneColumn("plan", "Plan", "digest", width=20, extra=True),
)
