"""Page Up and Page Down in a list that is not drawn, as in a terminal of a few lines."""

from typing import TYPE_CHECKING

from textual.dom import DOMNode
from textual.widgets import OptionList

if TYPE_CHECKING:
    from textual.actions import ActionParseResult


def is_paging_unseen(screen: DOMNode, action: "str | ActionParseResult") -> bool:
    """Return whether `action` pages through a list without a height: Textual fails where it has no lines yet."""
    words = action if isinstance(action, str) else " ".join(map(str, action))
    return "page_" in words and any(not options.size.height for options in screen.query(OptionList))
