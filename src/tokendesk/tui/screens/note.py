"""The form for notes: purpose, contact, decision."""

from collections.abc import Iterable, Mapping, Sequence

from tokendesk.desk.note_fields import RENEWALS, TAG, decisions_on
from tokendesk.model.dates import EXAMPLES
from tokendesk.tui.screens.form import Form, FormField
from tokendesk.views.note_form import SharedNote, find_policy
from tokendesk.views.policies import PolicyChoice


class NoteForm(Form):
    """Edits the note of one record or many; fields that differ are saved only if changed."""

    def shape(self) -> None:
        moving = self.value_of("decision") == "move"
        self.show_row("target", moving)

    def wrong_together(self) -> Iterable[tuple[str, str]]:
        if self.was_touched("decision") and self.value_of("decision") == "move" and not self.value_of("target").strip():
            yield "target", "Choose where its owner moves to: press ↓ to list the policies."


def note_fields(
    note: SharedNote,
    policies: Sequence[PolicyChoice],
    used: Mapping[str, Sequence[str]],
    predecessors: Mapping[str, str],
    owner: str,
    about: str = "token",
    *,
    is_due: bool = False,
) -> list[FormField]:
    """Return the fields of a note, with the values of `note`.

    `used`: earlier values by field. `predecessors`: descriptions, by id, of those that this one may replace.
    `owner`: the address to suggest as contact. `is_due`: whether a renewal is.
    """

    def begin(name: str, title: str, kind: str = "text", hint: str = "") -> FormField:
        shared = note.fields[name]
        return FormField(name, title, kind, shared.value, shared.various, suggestions=used.get(name, ()), hint=hint)

    def to_policy(text: str) -> str:
        return find_policy(policies, text).policy_id if text.strip() else ""

    decision, target, replaces = (note.fields[name] for name in ("decision", "target", "replaces"))
    decisions = decisions_on(about)
    keys = " ".join(dict.fromkeys(word[0] for word in decisions))
    name_of = {policy.policy_id: policy.name for policy in policies}
    fields = [
        begin("purpose", "Purpose", hint="What it is for: your colleagues will read this."),
        FormField(
            "contact", "Contact", "text", note.fields["contact"].value, note.fields["contact"].various,
            suggestions=[owner, *used.get("contact", ())] if owner else used.get("contact", ()),
            hint="Whom to ask about it.", placeholder=f"{owner} (the owner)" if owner else "",
        ),
        FormField(
            "tags", "Tags", "tags", ", ".join(note.tags), note.more_tags and not note.tags,
            suggestions=used.get("tags", ()),
            hint="Separated by commas." + (" Some have others, which stay." if note.more_tags else ""),
        ),
        FormField(
            "decision", "Decision", "choice", "" if decision.various else decision.value or "undecided",
            decision.various, words=decisions, hint=f"{keys}, or the arrows.",
        ),
        FormField(
            "target", "Move to", "text", name_of.get(target.value, target.value), target.various,
            suggestions=list(name_of.values()), hint="The policy its owner moves to.", check=to_policy,
        ),
        begin("review_by", "Review by", "day", f"The day to look at it again: {EXAMPLES}."),
        begin("remarks", "Remarks", "long", "Anything else, in several lines; tab leaves."),
        *_renewal(note, is_due=is_due),
        begin("asked_on", "Asked on", "day", f"The day its owner was asked: today, or {EXAMPLES}."),
        begin("reply_by", "Reply by", "day", f"The day you want the answer by: {EXAMPLES}."),
        begin("answer", "Answer", hint="What they said."),
    ]  # fmt: skip
    if predecessors or replaces.value:
        words = {record: record for record in [replaces.value] if record} | dict(predecessors)
        fields.append(
            FormField(
                "replaces", "Replaces", "text", words.get(replaces.value, ""), replaces.various,
                suggestions=list(words.values()), hint=f"The {about} that this one replaces.",
                check=lambda text: _record_of(words, text),
            )
        )  # fmt: skip
    return fields


def _renewal(note: SharedNote, *, is_due: bool) -> list[FormField]:
    shared = note.fields["renewal"]
    if not (is_due or shared.value or shared.various):
        return []
    return [
        FormField(
            "renewal", "Renewal", "choice", "" if shared.various else shared.value or _NONE, shared.various,
            words=(_NONE, *RENEWALS), check=lambda word: "" if word == _NONE else word,
            hint="How far the renewal is of what ends; n a p l, or the arrows.",
        )
    ]  # fmt: skip


_NONE = "none"


def _record_of(words: Mapping[str, str], text: str) -> str:
    if not text.strip():
        return ""
    for record, known in words.items():
        if text.strip() in (known, record):
            return record
    raise ValueError("Not a likely predecessor. Press ↓ to list them.")


def as_entry(fields: Mapping[str, str], tags_before: Sequence[str]) -> dict[str, str | bool | None]:
    """Return the fields of the entry for those of the form; each tag is a field."""
    entry: dict[str, str | bool | None] = {name: value for name, value in fields.items() if name != "tags"}
    if "tags" in fields:
        now = [tag for part in fields["tags"].split(",") if (tag := part.strip())]
        entry |= {f"{TAG}{tag}": True for tag in now if tag not in tags_before}
        entry |= {f"{TAG}{tag}": None for tag in tags_before if tag not in now}
    if fields.get("decision", "move") != "move":
        entry["target"] = None
    return entry
