"""The Admin Control API: moves users between authentication policies, and reads the policies of users."""

import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tokendesk.sandbox.responses import base_url, json_body, organization_of, refuse, strings

MOST_EMAILS, MOST_IDS = 500, 500


async def add_users(request: Request) -> Response:
    organization = organization_of(request)
    body = await json_body(request)
    emails = strings(body, "users")
    if not emails or len(emails) > MOST_EMAILS:
        refuse(400, "ADMIN-400-24", "Invalid request body", f"users needs 1 to {MOST_EMAILS} addresses.")
    policy = organization.policy(request.path_params["policy_id"])
    if policy is None:
        refuse(404, "ADMIN-404-5", "Policy not found")
    task_id = organization.tasks.add(policy.id, emails)
    link = f"{base_url(request)}/admin/control/v1/orgs/{organization.id}/auth-policy/task/{task_id}"
    return JSONResponse({"taskId": task_id, "taskLink": link}, 202)


async def task(request: Request) -> Response:
    task_id = request.path_params["task_id"]
    try:
        uuid.UUID(task_id)
    except ValueError:
        refuse(400, "ADMIN-400-24", "Invalid task id")
    status = organization_of(request).tasks.poll(task_id)
    if status is None:
        refuse(404, "ADMIN-404-5", "Task not found")
    return JSONResponse(status)


async def bulk_fetch(request: Request) -> Response:
    organization = organization_of(request)
    account_ids = strings(await json_body(request), "accountIds")
    if not account_ids or len(account_ids) > MOST_IDS:
        refuse(400, "ADMIN-400-24", "Invalid request body", f"accountIds needs 1 to {MOST_IDS} ids.")
    found = []
    for account_id in account_ids:
        index = organization.accounts.find_id(account_id)
        if index is None or index >= organization.users:
            continue
        element: dict[str, Any] = {}
        if email := organization.accounts.names(index)[2]:
            element["email"] = email
        element |= {"accountId": account_id, "policyId": organization.policy_of(index)}
        found.append(element)
    return JSONResponse(found)


_ORG = "/admin/control/v1/orgs/{org_id}"
ROUTES = [
    Route(_ORG + "/auth-policy/{policy_id}/add-users", add_users, methods=["POST"]),
    Route(_ORG + "/auth-policy/task/{task_id}", task),
    Route(_ORG + "/users/auth-policies/bulk-fetch", bulk_fetch, methods=["POST"]),
]
