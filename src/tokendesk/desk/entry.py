"""One entry, and its id.

An entry's id is the SHA-256 of the canonical JSON of (desk id, sequence, time, author, kind, payload): sorted
keys, no spaces, UTF-8. An edit shows by the id, a loss by a gap in the sequence, a copied desk by two ids at
one place. This format is fixed.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Entry(NamedTuple):
    desk_id: str
    sequence: int
    time: str
    author: str
    kind: str
    payload: Mapping[str, Any]

    @property
    def entry_id(self) -> str:
        import hashlib

        fields = [self.desk_id, self.sequence, self.time, self.author, self.kind, self.payload]
        return hashlib.sha256(canonical(fields).encode()).hexdigest()


def canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
