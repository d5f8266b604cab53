"""Filter fields for notes, in every pane whose rows have notes."""

from tokendesk.desk.note_fields import DECISIONS
from tokendesk.filtering.fields import Field, Flag, Kind
from tokendesk.model.renewal_states import STATES
from tokendesk.views.renewal_tables import STATE

_TAGS = "EXISTS (SELECT 1 FROM desk.note_tag AS nt WHERE nt.about = {about} AND nt.subject = {subject} AND "
_TARGETS = ("coalesce(r.target, '') IN (SELECT pn.policy_id FROM temp.policy_name AS pn WHERE ", ")")
_ASKED = "CAST(strftime('%s', asked_on) AS INTEGER)"


def choice(
    name: str,
    sql: str,
    help: str,  # noqa: A002 - as in Field
    values: tuple[str, ...] | None = None,
    many: tuple[str, str] | None = None,
    nothing: str = "",
    closed: bool = False,
) -> Field:
    """Return a field with Atlassian's or our own ASCII values, which need no costly folding.

    `closed`: no other values are possible; Atlassian may have values that are unknown here.
    """
    return Field(
        name, Kind.CHOICE, sql, help, values=values, many=many, folded_sql=f"lower({sql})", nothing=nothing,
        closed=closed,
    )  # fmt: skip


def tag_field(about: str, subject: str) -> Field:
    """Return the field for tags; `about` and `subject` are SQL expressions that identify the note."""
    prefix = _TAGS.format(about=about, subject=subject)
    return Field("tag", Kind.CHOICE, "nt.tag", "a tag of the note", folded_sql="nt.folded", many=(prefix, ")"))


def note_fields(decisions: tuple[str, ...] = DECISIONS) -> tuple[Field, ...]:
    """`decisions`: those that can be made on the rows."""
    return (
        Field("purpose", Kind.TEXT, "purpose", "its purpose, as noted"),
        Field("contact", Kind.TEXT, "contact", "the contact, as noted"),
        Field("remarks", Kind.TEXT, "remarks", "remarks of the note"),
        Field("note", Kind.TEXT, "note_folded", "any text of the note", folded_sql="note_folded"),
        choice("decision", "decision", "the decision",
              values=decisions, nothing="undecided", closed=True),
        Field("target", Kind.TEXT, "pn.name", "the policy that a decision to move names", many=_TARGETS),
        Field("review", Kind.DAY, "review_by", "the day to look at it again"),
        Field("asked", Kind.PAST, _ASKED, "when somebody was asked about it"),
        Field("reply", Kind.DAY, "reply_by", "the day an answer is due", aliases=("reply_by",)),
        Field("answer", Kind.TEXT, "answer", "the answer"),
        Field("replaces", Kind.CHOICE, "replaces", "id of the token it replaces"),
        Field("noted", Kind.PAST, "CAST(strftime('%s', note_changed) AS INTEGER)", "when its note was last written"),
        Field("noted.by", Kind.TEXT, "note_author", "who wrote its note last"),
    )  # fmt: skip


def renewal_field(pane: str) -> Field:
    return choice("renewal", STATE[pane], "how far its renewal is, if one is due", values=STATES, closed=True)


def renewal_flag(pane: str) -> Flag:
    return Flag("renewal", "ends soon, or ended lately, while in use", sql=f"{STATE[pane]} IS NOT NULL")


def note_flags() -> tuple[Flag, ...]:
    return (
        Flag("untagged", "has no tag", sql="tags IS NULL"),
        Flag("decided", "a decision was made", sql="decision != 'undecided'"),
        Flag("undecided", "no decision was made", sql="decision = 'undecided'"),
        Flag("waiting", "asked, and no answer yet", sql="asked_on IS NOT NULL AND answer IS NULL"),
    )


def note_has() -> tuple[Flag, ...]:
    return (
        Flag("note", "has a note", sql="note_folded IS NOT NULL"),
        Flag("purpose", "has a purpose", sql="purpose IS NOT NULL"),
        Flag("tag", "has a tag", sql="tags IS NOT NULL"),
        Flag("decision", "has a decision", sql="coalesce(decision, 'undecided') != 'undecided'"),
    )
