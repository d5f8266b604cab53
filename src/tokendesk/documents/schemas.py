"""Every JSON document that commands print, and its schema."""

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from tokendesk.documents import facts, notes, plans, rows, spec

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """`commands`: those that print it. `lines`: one value on each line, and the schema is of each of them."""

    type: Any
    commands: tuple[str, ...]
    title: str = ""
    version: int = 1
    lines: bool = False

    @property
    def shape(self) -> Literal["object", "list", "lines"]:
        is_list = getattr(self.type, "__origin__", None) is list
        return "lines" if self.lines else "list" if is_list else "object"


_PLANNED = ("move", "revoke", "undo", "quarantine")
DOCUMENTS = {
    "tokens": DocumentKind(list[rows.TokenRow], ("list",), "The rows of list tokens"),
    "users": DocumentKind(list[rows.UserRow], ("list",), "The rows of list users"),
    "policies": DocumentKind(list[rows.PolicyRow], ("list",), "The rows of list policies"),
    "changes": DocumentKind(list[rows.ChangeRow], ("list", "snapshot diff"), "The rows of list changes"),
    "credentials": DocumentKind(list[rows.CredentialRow], ("list",), "The rows of list credentials"),
    "journal": DocumentKind(list[rows.RunRow], ("list",), "The rows of list journal"),
    "groups": DocumentKind(list[rows.GroupRow], ("list",), "The rows of list --by"),
    "check": DocumentKind(list[facts.Capability], ("check",), "What the key can do"),
    "pull": DocumentKind(facts.PullDocument, ("pull",)),
    "pull-events": DocumentKind(facts.EventsDocument, ("pull",)),
    "pull-progress": DocumentKind(facts.PullProgress, ("pull",), lines=True),
    "snapshot": DocumentKind(facts.SnapshotDocument, ("snapshot info", "snapshot save")),
    "goal": DocumentKind(facts.GoalDocument, ("goal",)),
    "readiness": DocumentKind(facts.ReadinessDocument, ("readiness",)),
    "plan": DocumentKind(plans.PlanDocument, _PLANNED),
    "run": DocumentKind(plans.RunDocument, (*_PLANNED, "apply", "settle"), lines=True),
    "report": DocumentKind(plans.ReportDocument, ("report",)),
    "quarantine": DocumentKind(list[plans.QuarantineRow], ("quarantine",), "The runs in quarantine"),
    "quarantine-end": DocumentKind(plans.QuarantineEndDocument, ("quarantine",), lines=True),
    "note": DocumentKind(notes.NoteDocument, ("note", "policies name", "policies add")),
    "import": DocumentKind(notes.ImportDocument, ("notes", "desk")),
    "export": DocumentKind(notes.ExportDocument, ("notes", "desk")),
    "clocks": DocumentKind(notes.ClocksDocument, ("desk",)),
    "policy-names": DocumentKind(notes.NamesDocument, ("policies import",)),
    "letters": DocumentKind(notes.LettersDocument, ("letters",)),
    "config": DocumentKind(list[facts.SettingRow], ("config show",), "The settings in effect"),
    "config-check": DocumentKind(facts.ConfigCheckDocument, ("config check",)),
    "version": DocumentKind(facts.VersionDocument, ("version",)),
    "profiles": DocumentKind(list[facts.ProfileRow], ("profiles",), "The profiles there are"),
    "sandbox": DocumentKind(facts.SandboxDocument, ("sandbox",)),
    "spec": DocumentKind(spec.SpecDocument, ("--spec",)),
}


def document_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a document."""
    kind = DOCUMENTS[name]
    made = msgspec.json.schema(kind.type)
    if name == "groups":  # the columns that were asked for have names of their own
        made["$defs"]["GroupRow"]["additionalProperties"] = {"type": ["string", "integer", "number", "boolean", "null"]}
    title = kind.title or " ".join((kind.type.__doc__ or "").split())
    return {"$schema": _DIALECT, "$id": f"urn:tokendesk:document:{name}:{kind.version}", "title": title, **made}
