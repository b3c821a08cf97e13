"""A fact on its way through Markdown: sealed, so that nothing in it is read as Markdown, HTML or a template.

Markdown has no escape that holds everywhere (not in code, not in a link's target, not across a line end), so facts
are not escaped: each is written as hexadecimal digits between two private characters, which Markdown takes for a
word, and is revealed in the finished output, escaped for that output alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup

_SEAL = re.compile("\ue000([0-9a-f]*)\ue001")


def seal(text: str) -> Markup:
    """The text as a word that Markdown leaves alone. The text holds neither of the two private characters."""
    return Markup(f"\ue000{text.encode('utf-8', 'replace').hex()}\ue001")  # noqa: S704  # digits cannot be markup


def reveal(text: str, escape: Callable[[str], str] = str) -> str:
    """The text with every sealed fact revealed, each passed through ``escape``."""
    return _SEAL.sub(lambda found: escape(bytes.fromhex(found[1]).decode("utf-8", "replace")), text)
