"""The v2 user search: its filters, cheapest checks first."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.datastructures import QueryParams

from tokendesk.sandbox.accounts import Kind
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.people import ACCOUNT_STATUS, MEMBERSHIP, ORG_ADMIN, STATUS
from tokendesk.sandbox.responses import refuse, strings

_LISTS = (
    "accountIds", "directoryIds", "resourceIds", "groupIds", "status", "accountStatus", "membershipStatus",
    "roleIds", "emailDomains", "emails", "expand",
)  # fmt: skip
_TEXTS = ("claimStatus", "searchTerm", "in")
_BAD = "ADMIN-UAM-400-1"


class UserFilter:
    """The filters of one search; `raw`: the request, for the cursor."""

    def __init__(self, body: Mapping[str, Any], directory_id: str = "-") -> None:
        self.lists = {name: strings(body, name, _BAD) for name in _LISTS}
        self.raw: dict[str, Any] = {name: values for name, values in self.lists.items() if values}
        for name in _TEXTS:
            value = body.get(name)
            if value is not None and not isinstance(value, str):
                refuse(400, _BAD, "Invalid request body", f"{name} is not a string.")
            if value is not None:
                self.raw[name] = value
        if directory_id != "-":
            self.raw["in"] = directory_id
        self.mfa = body.get("mfaEnabled")
        if self.mfa is not None:
            if not isinstance(self.mfa, bool):
                refuse(400, _BAD, "Invalid request body", "mfaEnabled is not a boolean.")
            self.raw["mfaEnabled"] = self.mfa
        self.sorted = body.get("sortBy") or []
        if self.sorted:
            self._check_sort()
            self.raw["sortBy"] = self.sorted
        if self.lists["emails"] and self.raw.get("searchTerm"):
            refuse(400, _BAD, "Invalid request body", "searchTerm and emails exclude each other.")
        self.expand = self.lists["expand"]

    @classmethod
    def of_query(cls, query: QueryParams, directory_id: str) -> "UserFilter":
        body: dict[str, Any] = {name: query.getlist(name) for name in _LISTS if name in query}
        body |= {name: query[name] for name in _TEXTS if name in query and name != "in"}
        if "mfaEnabled" in query:
            body["mfaEnabled"] = query["mfaEnabled"].lower() == "true"
        return cls(body, directory_id)

    def _check_sort(self) -> None:
        rule = self.sorted[0] if isinstance(self.sorted, list) else None
        if not isinstance(rule, dict) or rule.get("field") not in ("nick_name", None):
            refuse(400, _BAD, "Invalid request body", "sortBy knows the field nick_name only.")

    @property
    def everyone_managed(self) -> bool:
        return self.raw == {"claimStatus": "managed"}

    def candidates(self, organization: Organization) -> Iterable[int]:
        """Return the indexes that may match, in list order; few if an id or address is given."""
        accounts = organization.accounts
        found: Iterable[int | None]
        if self.lists["accountIds"]:
            found = map(accounts.find_id, self.lists["accountIds"])
        elif self.lists["emails"]:
            found = map(accounts.find_email, self.lists["emails"])
        elif self.lists["roleIds"] == [ORG_ADMIN]:
            found = [accounts.index(Kind.ADMIN, i) for i in range(accounts.sizes[Kind.ADMIN])]
        else:
            managed = self.raw.get("claimStatus") == "managed"
            return range(organization.users if managed else accounts.total)
        return sorted({index for index in found if index is not None})

    def accepts(self, organization: Organization, index: int) -> bool:
        kind, _ = organization.accounts.place(index)
        claim = "unmanaged" if kind is Kind.GUEST else "managed"
        directory = organization.directories[kind is Kind.CONTRACTOR][0]
        lists = self.lists
        if (
            self.raw.get("claimStatus", claim) != claim
            or self.raw.get("in", directory) != directory
            or (lists["directoryIds"] and directory not in lists["directoryIds"])
            or (lists["status"] and STATUS.get(kind, "active") not in lists["status"])
            or (lists["accountStatus"] and ACCOUNT_STATUS.get(kind, "active") not in lists["accountStatus"])
            or (lists["membershipStatus"] and MEMBERSHIP.get(kind, "active") not in lists["membershipStatus"])
            or (lists["roleIds"] and not set(lists["roleIds"]).intersection(organization.roles(index)))
            or lists["resourceIds"]
        ):
            return False
        if term := self.raw.get("searchTerm", "").casefold():
            name, _, email = organization.accounts.names(index)
            if term not in name.casefold() and term not in (email or "").casefold():
                return False
        if emails := lists["emails"]:
            email = organization.accounts.names(index)[2] or ""
            if email not in {e.lower() for e in emails}:
                return False
        if domains := lists["emailDomains"]:
            email = organization.accounts.names(index)[2] or ""
            if email.partition("@")[2] not in domains:
                return False
        if self.mfa is None and not lists["groupIds"]:
            return True
        person = organization.person(index)
        in_group = not lists["groupIds"] or any(g in organization.group_ids(person) for g in lists["groupIds"])
        return in_group and (self.mfa is None or person.mfa == self.mfa)


def matching(organization: Organization, wanted: UserFilter, start: int, limit: int) -> tuple[list[int], int | None]:
    """Return up to `limit` indexes from `start`, and the start of the next page, if any."""
    found: list[int] = []
    candidates = wanted.candidates(organization)
    if isinstance(candidates, range):
        candidates = candidates[start:]
    for index in candidates:
        if index >= start and wanted.accepts(organization, index):
            if len(found) == limit:
                return found, index
            found.append(index)
    return found, None


def by_nickname(organization: Organization, wanted: UserFilter) -> list[int]:
    """Return all matching indexes, sorted: this checks all accounts."""
    found, _ = matching(organization, wanted, 0, organization.accounts.total)
    down = wanted.sorted[0].get("direction") == "desc"
    return sorted(found, key=lambda i: organization.accounts.names(i)[1].casefold(), reverse=down)
