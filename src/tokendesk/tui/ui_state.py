"""Remembers filters, views, columns, theme and triage position between sessions."""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from tokendesk.input_files import read_text
from tokendesk.model.bounds import STATE_BYTES
from tokendesk.paths import make_private, open_private
from tokendesk.tui.saved_views import SavedView, as_json, read_views

_MOST = 50


class UiState:
    """`ui.json` of a profile. An unreadable file counts as empty, and is kept as `ui.unreadable`.

    Each change is made to the file as it is then: another tokendesk on this profile may have changed it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._unwritten: list[Callable[[], object]] = []
        """Changes that could not be written yet."""
        self._is_unreadable = False
        """Whether there is a file that cannot be read: it is kept, as it may be mended by hand."""
        self._kept = self._read()

    def _read(self) -> dict[str, Any]:
        self._is_unreadable = False
        try:
            found = json.loads(read_text(self.path, STATE_BYTES))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError):
            found = None
        self._is_unreadable = not isinstance(found, dict)
        return _whole(found) if isinstance(found, dict) else {}

    def history(self, pane: str) -> list[str]:
        """Return the filters kept with enter, newest last."""
        found = self._of("history").get(pane)
        return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []

    def remember(self, pane: str, text: str) -> None:
        def change() -> None:
            others = [kept for kept in self.history(pane) if kept != text]
            self._of("history")[pane] = [*others, text][-_MOST:]

        self._change(change)

    def views(self) -> list[SavedView]:
        return list(read_views(self._kept.get("views"), self._of("saved")))

    def save_view(self, view: SavedView) -> bool:
        """Save a view in place of one with its name and pane; return whether the file could be written."""
        return self._change(lambda: self._keep_views([*self._others(view), view]))

    def delete_view(self, view: SavedView) -> bool:
        """Delete a view; return whether the file could be written."""
        return self._change(lambda: self._keep_views(self._others(view)))

    def _others(self, view: SavedView) -> list[SavedView]:
        return [kept for kept in self.views() if (kept.name, kept.query.pane) != (view.name, view.query.pane)]

    def _keep_views(self, views: Iterable[SavedView]) -> None:
        self._kept["views"] = [as_json(view) for view in views]
        self._kept.pop("saved", None)  # the filters that 0.1 saved are among them

    def columns(self, pane: str) -> tuple[str, ...]:
        """Return the names of the columns chosen for a pane; none where nobody chose."""
        found = self._of("columns").get(pane)
        return tuple(name for name in found if isinstance(name, str)) if isinstance(found, list) else ()

    def choose_columns(self, pane: str, names: Sequence[str]) -> None:
        """Keep the columns of a pane; without `names` its default ones are shown again."""
        self._change(lambda: self._of("columns").update({pane: list(names)}))

    def grouping(self, pane: str) -> tuple[tuple[str, ...], str]:
        """Return the columns that rows of a pane were counted by last, and the order of the groups; none at first."""
        from tokendesk.views.groups import ORDERS

        found = self._of("grouping").get(pane)
        by, order = (found.get("by"), found.get("order")) if isinstance(found, dict) else (None, None)
        names = tuple(name for name in by if isinstance(name, str)) if isinstance(by, list) else ()
        return names[:2], order if isinstance(order, str) and order.removeprefix("-") in ORDERS else ""

    def keep_grouping(self, pane: str, by: Sequence[str], order: str) -> None:
        if self.grouping(pane) != (tuple(by), order):
            self._change(lambda: self._of("grouping").update({pane: {"by": list(by), "order": order}}))

    def theme(self, configured: str) -> str:
        """Return the theme chosen last, or that of config.toml if it has changed since."""
        kept = self._of("theme")
        chosen = kept.get("chosen")
        return chosen if isinstance(chosen, str) and kept.get("instead_of") == configured else configured

    def remember_theme(self, name: str, configured: str) -> None:
        self._change(lambda: self._kept.update(theme={"chosen": name, "instead_of": configured}))

    def triage(self) -> tuple[str | None, frozenset[str]]:
        """Return the id of the token at which triage was left, and the ids of skipped tokens."""
        kept = self._of("triage")
        at, skipped = kept.get("at"), kept.get("skipped")
        found = skipped if isinstance(skipped, list) else []
        return at if isinstance(at, str) else None, frozenset(one for one in found if isinstance(one, str))

    def leave_triage(self, at: str | None, skipped: Iterable[str]) -> None:
        kept = {"at": at, "skipped": list(skipped)}
        if self._of("triage") != kept:
            self._change(lambda: self._kept.update(triage=kept))

    def _of(self, part: str) -> dict[str, Any]:
        found = self._kept.get(part)
        if not isinstance(found, dict):
            found = self._kept[part] = {}
        return found

    def read_again(self) -> None:
        """Take over what another tokendesk changed."""
        self._kept = self._read() or self._kept
        for change in self._unwritten:
            change()

    def _change(self, change: Callable[[], object]) -> bool:
        """Make a change to the file as it is now; return whether it could be written."""
        self._unwritten.append(change)
        self.read_again()
        if self._write():
            self._unwritten.clear()
        return not self._unwritten

    def _name_for_unreadable(self) -> Path:
        names = (self.path.with_suffix(f".unreadable{number or ''}") for number in count())
        return next(name for name in names if not name.exists())

    def _write(self) -> bool:
        draft = self.path.with_suffix(".new")
        try:
            make_private(self.path.parent)
            draft.unlink(missing_ok=True)
            with open_private(draft, must_be_new=True) as file:
                file.write(json.dumps(_whole(self._kept), ensure_ascii=False, indent=1))
            if self._is_unreadable:
                self.path.replace(self._name_for_unreadable())
            draft.replace(self.path)
        except OSError:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            return False
        return True


def _whole(kept: dict[str, Any]) -> dict[str, Any]:
    """Replace lone surrogates, which terminals and databases reject."""
    found: dict[str, Any] = json.loads(json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace"))
    return found
