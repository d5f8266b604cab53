"""Faults in reading the policies of users, and in moving users."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from zlib import crc32

from tokendesk.sandbox.fault import Answer, Fault, Replacement, RequestInfo, Rewrite, error, on_path


def bulk(change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Rewrite:
    def rewrite(asked: RequestInfo, answer: Answer) -> Answer:
        content = answer.content
        if not asked.path.endswith("bulk-fetch") or not isinstance(content, list):
            return answer
        return answer.holding([change(item) if isinstance(item, dict) else item for item in content])

    return rewrite


Layout = Callable[[dict[str, Any]], dict[str, Any]]


def _laid_out(layout: Layout) -> Rewrite:
    """Return the policy in another layout, and identify the user by e-mail address only."""

    def change(item: dict[str, Any]) -> dict[str, Any]:
        if "policyId" not in item:
            return item  # changed already by another fault
        email = {"email": item["email"]} if "email" in item else {}
        return email | layout(item)

    return bulk(change)


def _flat(item: dict[str, Any]) -> dict[str, Any]:
    policy = {"policyId": item["policyId"], "policyName": _policy_name(item), "policyType": "authentication"}
    return policy | {"directoryId": "00000000-0000-4000-8000-000000000001", "isDefault": False, "userStatus": "active"}


def _with_error(item: dict[str, Any]) -> dict[str, Any]:
    if is_odd(item.get("accountId", "")):
        return {"details": {"status": 404, "title": "User not found", "detail": "The user is in no directory."}}
    return {"policyId": item["policyId"], "details": {"status": 200, "title": "OK", "detail": ""}}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"authenticationPolicies": [{"id": item["policyId"], "name": _policy_name(item)}]}


def _object(item: dict[str, Any]) -> dict[str, Any]:
    return {"authPolicy": {"id": item["policyId"], "name": _policy_name(item), "type": "authentication", "rank": 1}}


def _unreadable(item: dict[str, Any]) -> dict[str, Any]:
    return {"assignment": {"ref": item["policyId"], "since": "2026-01-01"}}


def _nested(item: dict[str, Any]) -> dict[str, Any]:
    return {"authPolicy": {"id": item["policyId"], "name": _policy_name(item)}}


def _policy_name(item: dict[str, Any]) -> str:
    return f"Policy {item['policyId'][:4]}"


def is_odd(account_id: str) -> bool:
    """Whether this is one of the few accounts that some faults affect."""
    return crc32(account_id.encode()) % 41 == 0


def _odd_account(answer: Callable[[], Answer]) -> Replacement:
    """Refuse every bulk-fetch that includes an affected account, even on its own."""
    return lambda asked: answer() if any(map(is_odd, asked.account_ids)) else None


def _first_hundred(asked: RequestInfo, answer: Answer) -> Answer:
    content = answer.content if asked.path.endswith("bulk-fetch") else None
    return answer.holding(content[:100]) if isinstance(content, list) else answer


def _many_accounts(most: int, answer: Callable[[], Answer]) -> Replacement:
    return lambda asked: answer() if len(asked.account_ids) > most else None


def _gateway_error(status: int, message: str) -> Callable[[], Answer]:
    """The Control API's error for 403 and 404: a number and a text, not a list of errors."""
    body = json.dumps({"code": status, "message": message}).encode()
    return lambda: Answer(status, body, {"content-type": "application/json"})


def _lost_after_move(asked: RequestInfo) -> Answer | None:
    if not asked.path.endswith("bulk-fetch") or not 1 <= asked.since_move <= 2:
        return None
    return _gateway_error(404, "User not found")()


POLICY_FAULTS: Mapping[str, Fault] = {
    "policy-nested": Fault("policies inside an object, users by e-mail only", rewrite=_laid_out(_nested)),
    "policy-flat": Fault("a policy in seven flat members, users by e-mail only", rewrite=_laid_out(_flat)),
    "policy-error": Fault("some users with an error in place of a policy", rewrite=_laid_out(_with_error)),
    "policy-list": Fault("a policy in a list of objects", rewrite=_laid_out(_list)),
    "policy-object": Fault("a policy in an object of four members", rewrite=_laid_out(_object)),
    "policy-unreadable": Fault("a policy in an unexpected place", rewrite=_laid_out(_unreadable)),
    "policy-null": Fault("users without a known policy are left out", rewrite=bulk(
        lambda item: None if is_odd(item.get("accountId", "")) else item
    )),
    "404-one-user": Fault(
        "bulk-fetch does not find some accounts", _odd_account(_gateway_error(404, "User not found"))
    ),
    "500-one-user": Fault("bulk-fetch fails for some accounts", _odd_account(lambda: error(500, "Server error"))),
    "404-policies": Fault("bulk-fetch finds nobody", on_path("bulk-fetch", _gateway_error(404, "Not found"))),
    "500-policies": Fault("bulk-fetch always fails", on_path("bulk-fetch", lambda: error(500, "Server error"))),
    "100-bulk": Fault(
        "bulk-fetch takes a hundred ids at most", _many_accounts(100, lambda: error(400, "Too many ids"))
    ),
    "truncated-bulk": Fault("bulk-fetch answers about the first hundred ids only", rewrite=_first_hundred),
    "413-bulk": Fault("bulk-fetch takes ten ids at most", _many_accounts(10, lambda: error(413, "Too large"))),
    "500-bulk": Fault(
        "bulk-fetch fails for more than ten ids", _many_accounts(10, lambda: error(500, "Server error"))
    ),
    "404-after-move": Fault("bulk-fetch finds nobody for a while after a move", _lost_after_move),
    "404-policy-id": Fault("the policy of a move is missing", on_path("/add-users", _gateway_error(404, "Not found"))),
}  # fmt: skip
