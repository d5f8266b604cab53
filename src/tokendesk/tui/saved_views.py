"""Views with a name: what the screen shows, as it is kept in `ui.json`."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tokendesk.model.text import printable
from tokendesk.tui.availability import PANES as PANE_TITLES
from tokendesk.views.query import PANES, Query, Scope


class SavedView(NamedTuple):
    """`query`: pane, filter, sort, columns and grouping. The name is unique within the pane."""

    name: str
    query: Query


def describe_view(query: Query) -> str:
    """Return what a view shows: `Tokens: idle:>90d, by owner`."""
    parts = [*query.titles()] or ["all of them"]
    if query.sort:
        arrows = (f"{name.removeprefix('-')} {'▼' if name.startswith('-') else '▲'}" for name in query.sort)
        parts.append(f"sorted by {', '.join(arrows)}")
    if query.columns:
        parts.append("its own columns")
    if query.by:
        parts.append(f"by {' and '.join(query.by)}")
    return printable(f"{PANE_TITLES[query.pane]}: {', '.join(parts)}")


def as_json(view: SavedView) -> dict[str, Any]:
    name, query = view
    found: dict[str, Any] = {
        "name": name,
        "pane": query.pane,
        "filter": query.filter,
        "scopes": [list(scope) for scope in query.scopes],
    }
    return found | {"sort": list(query.sort), "columns": list(query.columns), "by": list(query.by)}


def read_views(kept: object, filters: Mapping[str, object]) -> Iterator[SavedView]:
    """Yield the views in `kept`, as `as_json` wrote them, and the saved filters of 0.1 by pane; skip all else."""
    for found in kept if isinstance(kept, list) else []:
        if isinstance(found, dict) and isinstance(found.get("name"), str) and found.get("pane") in PANES:
            text = found.get("filter")
            query = Query(found["pane"], tuple(_scopes(found.get("scopes"))), text if isinstance(text, str) else "")
            sort, columns, by = (tuple(_texts(found.get(name))) for name in ("sort", "columns", "by"))
            yield SavedView(found["name"], query._replace(sort=sort, columns=columns, by=by[:2]))
    for pane in PANES:
        of_pane = filters.get(pane)
        for name, text in of_pane.items() if isinstance(of_pane, dict) else ():
            if isinstance(text, str):
                yield SavedView(str(name), Query(pane, filter=text))


def _texts(found: object) -> Iterator[str]:
    yield from (each for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def _scopes(found: object) -> Iterator[Scope]:
    for each in found if isinstance(found, list) else []:
        if isinstance(each, list) and len(each) == len(Scope._fields) and all(isinstance(text, str) for text in each):
            yield Scope(*each)
