"""The roles of users and the products they can use, for filters, groups and completion.

Most users have the same few lists: each different list is read once, and its users are looked up by an index.
"""

import sqlite3

from tokendesk.filtering.fields import Field, Kind
from tokendesk.model.user_access import KNOWN_PRODUCTS, KNOWN_ROLES, NOT_TOLD, product_name, role_name
from tokendesk.snapshot.file import access_columns

_VIEWS = """
CREATE TEMP VIEW user_access AS SELECT id, {columns} FROM main.user;
"""
_OF_LIST = """
CREATE TEMP VIEW {one}_of_list AS
SELECT list, folded, min(name) AS name FROM (
    SELECT d.list, {one}_name(e.value) AS name, fold({one}_name(e.value)) AS folded
    FROM (SELECT DISTINCT {column} AS list FROM temp.user_access) AS d CROSS JOIN json_each(d.list) AS e
) GROUP BY list, folded
UNION ALL SELECT '', '{untold}', '{untold}';
CREATE TEMP VIEW user_{one} AS
SELECT u.id, l.name, l.folded
FROM temp.{one}_of_list AS l CROSS JOIN temp.user_access AS u ON u.{column} IS nullif(l.list, '')
UNION ALL SELECT 0, '{untold}', '{untold}';
"""
"""The empty list stands for one that Atlassian did not tell, and the id 0 for an owner who is not among the users."""


def create_views(db: sqlite3.Connection) -> None:
    """Create the views over the users of `main`, also over those of an older snapshot, which have no lists."""
    db.create_function("role_name", 1, role_name, deterministic=True)
    db.create_function("product_name", 1, product_name, deterministic=True)
    lists = (_OF_LIST.format(one=one, column=f"{one}s", untold=NOT_TOLD) for one in ("role", "product"))
    db.executescript(_VIEWS.format(columns=access_columns(db)) + "".join(lists))


def access_fields(whose: str, user: str, prefix: str = "") -> tuple[Field, Field]:
    """Return the fields for roles and products. `user`: SQL for the user's row id; 0 if there is none."""

    def field(name: str, one: str, about: str, values: tuple[str, ...]) -> Field:
        those = f"{user} IN (SELECT ua.id FROM temp.user_{one} AS ua WHERE "
        return Field(
            f"{prefix}{name}", Kind.CHOICE, "ua.name", about, folded_sql="ua.folded", values=(*values, NOT_TOLD),
            many=(those, ")"), untold=NOT_TOLD,
        )  # fmt: skip

    return (
        field("role", "role", f"a role of {whose}", tuple(KNOWN_ROLES)),
        field("access", "product", f"a product that {whose} can use", KNOWN_PRODUCTS),
    )


def _join(one: str, column: str) -> tuple[str, str, str]:
    """Return key, text and join of a dimension; `column`: that of the row with the list."""
    of = f"{one}_list"
    return f"{of}.folded", f"{of}.name", f"LEFT JOIN temp.{one}_of_list AS {of} ON {of}.list = coalesce(r.{column}, '')"


JOINS = {
    ("users", "role"): _join("role", "roles"),
    ("users", "access"): _join("product", "products"),
    ("tokens", "owner.role"): _join("role", "owner_roles"),
    ("tokens", "owner.access"): _join("product", "owner_products"),
}
"""Key, text and join of what rows are grouped by: pane and field."""

_VALUES = """
SELECT min(l.name) AS v, sum(c.n) AS n FROM temp.{one}_of_list AS l
JOIN (SELECT coalesce(a.{one}s, '') AS list, count(*) AS n FROM {rows} GROUP BY 1) AS c USING (list) GROUP BY l.folded
"""
_USERS = "temp.user_access AS a"
_TOKENS = "main.token AS t LEFT JOIN temp.user_access AS a ON a.id = t.user"
VALUES = {
    "role": _VALUES.format(one="role", rows=_USERS),
    "access": _VALUES.format(one="product", rows=_USERS),
    "owner.role": _VALUES.format(one="role", rows=_TOKENS),
    "owner.access": _VALUES.format(one="product", rows=_TOKENS),
}
"""The values of a field with the number of rows that have them."""
