"""Detects paging in a list without height, in which Textual crashes."""

from typing import TYPE_CHECKING

from textual.dom import DOMNode
from textual.widgets import OptionList

if TYPE_CHECKING:
    from textual.actions import ActionParseResult


def is_paging_unseen(screen: DOMNode, action: "str | ActionParseResult") -> bool:
    """Return whether `action` pages in a list without lines, as in a tiny terminal."""
    words = action if isinstance(action, str) else " ".join(map(str, action))
    return "page_" in words and any(not options.size.height for options in screen.query(OptionList))
