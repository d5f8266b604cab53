"""Derives the next query from the one on screen, or says why there is none."""

from tokendesk.filtering.fields import FieldTable, Kind
from tokendesk.filtering.format import add, drop, drop_last, excluding_condition, matching_condition
from tokendesk.model.findings import row_findings
from tokendesk.views.columns_of_panes import PaneColumn
from tokendesk.views.panes import Pane
from tokendesk.views.query import Query
from tokendesk.views.reader import Row


def narrowed_by_value(query: Query, pane: Pane, column: PaneColumn, row: Row, *, keeps: bool) -> Query | str:
    """Keep only the rows with the value of this cell, or only those without it."""
    if column.kind == "findings":
        named = row_findings(row["findings"])
        if not named:
            return "This row has no findings."
        text = f"is:{named[0].name}"
        return query.narrowed(add(query.filter, text if keeps else f"-{text}"))
    field = pane.fields.find(column.name)
    if field is None or field.kind is Kind.FLAG:
        return f"The filter has no field for {column.title}."
    condition = matching_condition if keeps else excluding_condition
    return query.narrowed(add(query.filter, condition(field, row[column.key])))


def drop_last_condition(query: Query, fields: FieldTable) -> Query | str:
    if query.filter:
        return query.narrowed(drop_last(query.filter, fields))
    if query.scopes:
        return query._replace(scopes=query.scopes[:-1])
    return "There is no condition to drop."


def drop_chip(query: Query, number: int, fields: FieldTable) -> Query:
    """Drop chip `number` of the title: scopes come first, then the conditions of the filter."""
    if number < len(query.scopes):
        return query._replace(scopes=query.scopes[:number] + query.scopes[number + 1 :])
    return query.narrowed(drop(query.filter, number - len(query.scopes), fields))


def sorted_by_column(query: Query, pane: Pane, column: PaneColumn, *, more: bool) -> Query | str:
    """Sort by `column`, reversed if it sorts already; `more` keeps the earlier sort columns."""
    if column.kind == "findings":
        return "Findings have no order. Choose another column with h and l."
    now = query.sort or pane.default_sort
    turned = f"-{column.name}" if column.name in now else column.name
    kept = tuple(name for name in now if name.removeprefix("-") != column.name) if more else ()
    return query.sorted_by(*kept, turned)
