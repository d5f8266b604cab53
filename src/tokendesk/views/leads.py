"""The rows that a fact of the details is about, as queries."""

from collections.abc import Iterable

from tokendesk.views.query import Query, Scope


def record(pane: str, title: str | None, record_id: str) -> Query:
    """Return the query for one row. `record_id`: as notes name it."""
    return Query(pane, scopes=(_scope(title, "record" if pane == "credentials" else "id", record_id),))


def tokens_of_user(name: str | None, account_id: str, *, but: str | None = None) -> Query:
    """`but`: the id of a token to leave out."""
    scope = _scope(name, "owner.id", account_id)
    if but is None:
        return Query("tokens", scopes=(scope,))
    return Query("tokens", scopes=(Scope(f"Other tokens of {scope.title}", f"{scope.filter} -id:{_quote(but)}"),))


def users_of_policy(name: str | None, policy_id: str) -> Query:
    return Query("users", scopes=(_scope(name, "policy.id", policy_id),))


def tokens_of_policy(name: str | None, policy_id: str, text: str = "") -> Query:
    return Query("tokens", scopes=(_scope(name, "policy.id", policy_id),), filter=text)


def credentials_of(title: str | None, field: str, value: str) -> Query:
    """Return the query for the credentials with this value of `field`: maker.id or account.id."""
    return Query("credentials", scopes=(_scope(title, field, value),))


def finding(pane: str, name: str) -> Query:
    return Query(pane, filter=f"is:{name}")


def equal(pane: str, field: str, value: str | None) -> Query | None:
    """Return the query for the rows with exactly this text; None if there is no text."""
    return Query(pane, filter=f"{field}:={_quote(value)}") if value else None


def any_of(pane: str, field: str, values: Iterable[str]) -> Query:
    return Query(pane, filter=f"{field}:{','.join(map(_quote, values))}")


def all_of(pane: str, field: str, values: Iterable[str]) -> Query:
    return Query(pane, filter=" ".join(f"{field}:{_quote(value)}" for value in values))


def _scope(title: str | None, field: str, value: str) -> Scope:
    return Scope(title or "(no name)", f"{field}:{_quote(value)}")


def _quote(value: str) -> str:
    from tokendesk.filtering.format import quote

    return quote(value)
