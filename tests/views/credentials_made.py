"""The credentials of the practice organization as plain values."""

from collections.abc import Iterator, Sequence

from tests.practice import NOW
from tests.reach_told import power_told, reach_told
from tests.views.filters_made import Record, Value
from tokendesk.sandbox.credential_scenario import CredentialSizes
from tokendesk.sandbox.credential_series import Credential, CredentialSeries
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.people import Person
from tokendesk.sandbox.service_accounts import account_item, key_item

SIZES = CredentialSizes(keys=12, service_accounts=16, service_tokens=30, oauth_clients=12)
PRESENT = int(NOW.timestamp())


def state_of(person: Person) -> str:
    return "closed" if person.account_status == "closed" else person.status


def credentials_of(made: Organization) -> dict[str, Record]:
    found = {str(record["record"][0]): record for record in (*_keys(made), *_tokens(made), *_clients(made))}
    accounts = {str(record["record"][0]): record for record in _accounts(made, list(found.values()))}
    records = {**found, **accounts}
    for name, told in (("used", "_tells_use"), ("ends", "_tells_end")):
        kinds = {record["kind"] for record in found.values() if record[name][0] is not None}
        records = {key: {**record, told: (record["kind"] in kinds,)} for key, record in records.items()}
    return records


def _keys(made: Organization) -> Iterator[Record]:
    for life in _lives(made, made.credentials.keys):
        system = key_item(made, life)["systemAccountId"]  # an id that only its list tells
        yield _record(made, "key", made.credentials.keys, life, maker=life.owner) | {"account.id": (system,)}


def _tokens(made: Organization) -> Iterator[Record]:
    for life in _lives(made, made.credentials.tokens):
        yield _record(made, "service-token", made.credentials.tokens, life, account=life.owner)


def _clients(made: Organization) -> Iterator[Record]:
    roles = made.credentials.roles
    for life in _lives(made, made.credentials.clients):
        maker = roles.creator(life.owner) if life.owner >= 0 else roles.admin(life.slot)
        record = _record(made, "oauth-client", made.credentials.clients, life, account=life.owner, maker=maker)
        yield record | {"ends": (None,)}


def _accounts(made: Organization, others: Sequence[Record]) -> Iterator[Record]:
    roles = made.credentials.roles
    for number in range(SIZES.service_accounts):
        account, item = roles.account(number), account_item(made, number)
        own = [other for other in others if other["account.id"] == (item["id"],)]
        uses = [int(use) for other in own for use in other["used"] if use is not None]
        used = max(uses, default=None)
        kinds = [other["kind"][0] for other in own]
        yield {
            "name": (account.name,), "kind": ("service-account",), "account": (None,), "account.id": (None,),
            "account.maker.status": (None,),
            "email": (item["email"],), "description": (account.description or None,),
            **_maker(made, roles.creator(number)), "status": ("ACTIVE" if account.active else "INACTIVE",),
            "used": (used,), "idle": (used,), "created": (None,), "ends": (None,), "scope": (), "reach": (),
            "power": (), "_reach": (None,), "tokens": (kinds.count("service-token"),),
            "clients": (kinds.count("oauth-client"),), "id": (item["id"],),
            "record": (f"service-account:{item['id']}",), "whose": (made.person(roles.creator(number)).name,),
        }  # fmt: skip


def _lives(made: Organization, series: CredentialSeries) -> Iterator[Credential]:
    return (life for _, life in series.listed(PRESENT))


def _record(
    made: Organization, kind: str, series: CredentialSeries, life: Credential, account: int = -1, maker: int = -1
) -> dict[str, tuple[Value, ...]]:
    credential_id, scopes, used = series.id(life.number), series.role(life.slot).scopes, series.last_use(life, PRESENT)
    item = account_item(made, account) if account >= 0 else {"displayName": None, "id": None}
    made_by = _maker(made, maker)
    above = _maker(made, made.credentials.roles.creator(account) if account >= 0 else -1)["maker.status"]
    reach = _reach(scopes)
    return {
        "name": (life.label,), "kind": (kind,), "account": (item["displayName"],), "account.id": (item["id"],),
        "account.maker.status": above, "email": (None,),
        "description": (None,), **made_by, "whose": (item["displayName"] or made_by["maker"][0],),
        "status": (None,), "used": (used,), "idle": (used,), "created": (life.created,), "ends": (life.ends,),
        "scope": scopes, "reach": reach, "power": (power_told(scopes),),
        "_reach": (", ".join("organization" if name == "organization" else name.title() for name in reach),),
        "tokens": (0,), "clients": (0,), "id": (credential_id,), "record": (f"{kind}:{credential_id}",),
    }  # fmt: skip


def _reach(scopes: Sequence[str]) -> tuple[str, ...]:
    """Return the products: without scopes a key may do all in the organization; no other credential here has none."""
    if all(scope.endswith(":admin") for scope in scopes):
        return ("organization",)
    return reach_told(scopes)


def _maker(made: Organization, index: int) -> dict[str, tuple[Value, ...]]:
    if index < 0:
        return dict.fromkeys(("maker", "maker.email", "maker.status", "maker.id"), (None,))
    person = made.person(index)
    email = person.email or made.accounts.names(index)[2]
    return {
        "maker": (person.name,), "maker.email": (email,), "maker.status": (state_of(person),),
        "maker.id": (person.account_id,),
    }  # fmt: skip
