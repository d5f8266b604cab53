"""The readiness of a policy as JSON objects and lists."""

from typing import TYPE_CHECKING

from tokendesk.model.readiness import Readiness, ReadyToken
from tokendesk.model.timestamps import iso
from tokendesk.snapshot.file import SnapshotInfo

if TYPE_CHECKING:
    from tokendesk.documents import facts


def readiness_record(found: Readiness, info: SnapshotInfo | None) -> "facts.ReadinessDocument":
    return {
        "document": "readiness",
        "version": 1,
        "policy_id": found.policy_id,
        "name": found.name,
        "setting": found.setting,
        "users": found.users,
        "in_use_days": found.in_use_days,
        "pulled_at": iso(info.tokens_at) if info else None,
        "ready": found.is_ready,
        "words": list(found.sentences(f"in {found.name}")),
        "not_counted": list(found.not_counted),
        "windows": [
            {
                "days": window.days,
                "tokens": window.tokens,
                "owners": window.owners,
                "with_purpose": window.with_purpose,
                "decided": window.decided,
                "stop": window.stop,
                "may_not_stop": window.may_not_stop,
                "not_told": window.not_told,
            }
            for window in found.windows
        ],
        "steps": [
            {
                "title": step.title,
                "tokens": step.tokens,
                "owners": step.owners,
                "filter": step.filter,
                "plan": step.plan or None,
            }
            for step in found.steps
        ],
        "in_use": [_token(token) for token in found.used],
    }


def _token(token: ReadyToken) -> "facts.ReadyToken":
    return {
        "id": token.token_id,
        "label": token.label,
        "owner_id": token.owner_id,
        "owner": token.owner,
        "owner_is_active": token.owner_is_active,
        "used": iso(token.last_used),
        "expires": iso(token.expires),
        "purpose": token.purpose,
        "decision": token.decision,
        "target": token.target,
        "answer": token.answer,
        "stops": token.stops,
        "reach": token.reach,
    }
