"""Checks whether an entry was undone. An undo may be undone itself."""

import sqlite3


def is_in_effect(db: sqlite3.Connection, entry_id: str, schema: str = "main") -> bool:
    """Return whether an entry is in effect: not undone, or its undo was undone."""

    def undone_by(named: str) -> list[str]:
        sql = f"SELECT undo_id FROM {schema}.undoing WHERE entry_id = ?"
        return [row[0] for row in db.execute(sql, (named,))]

    if not (first := undone_by(entry_id)):
        return True
    # Without recursion: a chain of undos may be longer than Python's stack. An undo names an id that is a hash of
    # earlier content, so there are no cycles; cycles in an edited file must not loop forever.
    undoing = {entry_id: first}
    known: dict[str, bool] = {}
    waiting = [entry_id]
    while waiting:
        last = waiting[-1]
        ahead = [by for by in undoing[last] if by not in undoing]
        if ahead:
            undoing.update((by, undone_by(by)) for by in ahead)
            waiting += ahead
        else:
            known[waiting.pop()] = not any(known.get(by, False) for by in undoing[last])
    return known[entry_id]
