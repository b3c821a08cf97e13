"""Markdown to HTML: raw HTML is text, and a link leads to an address of the web or a mailbox, or is no link."""

from __future__ import annotations

import re
from html import escape

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink

from vigie.documents.sealed_fact import reveal

_SAFE = re.compile(r"(https?://|mailto:)[^\s]", re.IGNORECASE)
_INSIDE = re.compile(r"(#|[\w./-]+\.md$)")
_ATTRIBUTE = re.compile(r"(?:href|src)\s*=\s*[\"']?$", re.IGNORECASE)


class _Markdown(MarkdownIt):
    """CommonMark without raw HTML and pictures, where a line end is a line end, as in mail and Slack."""

    def __init__(self, *, inside: bool) -> None:
        super().__init__("commonmark", {"html": False, "breaks": not inside})
        self.disable("image").enable("strikethrough")
        self._inside = inside
        if inside:
            self.enable("table")

    def normalizeLink(self, url: str) -> str:  # noqa: N802  # markdown-it's name
        return normalizeLink(reveal(url))

    def validateLink(self, url: str) -> bool:  # noqa: N802
        return bool(_SAFE.match(url)) or (self._inside and bool(_INSIDE.match(url)))


MESSAGES = _Markdown(inside=False)
"""The parser of messages: its text may hold sealed facts."""

_PAGES = _Markdown(inside=True)


def to_html(text: str) -> str:
    """The HTML of a message; sealed facts in it stay sealed (``reveal_html`` opens them)."""
    return str(MESSAGES.render(text))


def page_html(text: str) -> str:
    """The HTML of a page of ours, such as a procedure: it may also link to its own headings and to other pages."""
    return str(_PAGES.render(text))


def reveal_html(text: str) -> str:
    """The HTML with every sealed fact revealed as text; in ``href`` and ``src`` only as a safe address."""
    pieces = re.split("(\ue000[0-9a-f]*\ue001)", text)
    for number in range(1, len(pieces), 2):
        fact = reveal(pieces[number])
        if _ATTRIBUTE.search(pieces[number - 1]):
            pieces[number] = escape(fact) if _SAFE.match(fact) else "#"
        else:
            pieces[number] = escape(fact).replace("\n", "<br>\n")
    return "".join(pieces)
