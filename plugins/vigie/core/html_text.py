"""The text of an HTML page of any length: what nobody sees is taken out first, then its head and its end are laid out."""

from __future__ import annotations

import html
import re
from typing import NamedTuple

from vigie.core.html_layout import lay_out
from vigie.core.html_style import Styles
from vigie.core.long_text import ends, mark, told

MARKED = 400_000
"""Characters of HTML that are laid out, styles, scripts and comments not counted."""

_BEGINS = re.compile(r"<(?:!--|style\b|script\b)", re.IGNORECASE)
_ENDS = {
    "<!-": re.compile(r"--!?>"),
    "<st": re.compile(r"</style\b", re.IGNORECASE),
    "<sc": re.compile(r"</script\b", re.IGNORECASE),
}


class Page(NamedTuple):
    """The text of a page, sentences about what of it was left unread, and what it cost.

    The cost is the characters that were laid out, and as many more as questions were asked of its style sheets.
    """

    text: str
    curtailed: tuple[str, ...] = ()
    cost: int = 0


def html_text(marked: str, most: int = MARKED) -> Page:
    """HTML as text, its tables in columns; of a page with more than ``most`` characters the head and the end."""
    bare, sheets = _bare(marked)
    styles = Styles(sheets)
    read = ends(bare, min(most, MARKED), begin="<")
    text = _laid_out(read.head, styles)
    if not read.between:
        return Page(text, (), len(bare) + styles.asked)
    both = f"{text}\n{mark(read.between)}\n{_laid_out(read.end, styles)}"
    return Page(both, (told("HTML", len(bare), read),), len(read.head) + len(read.end) + styles.asked)


def _laid_out(marked: str, styles: Styles) -> str:
    """The text; without its tags alone where it is nested too deeply to be laid out."""
    text = lay_out(marked, styles)
    if text is None:
        text = _LINE.sub("\n", marked)
        text = html.unescape(_LONG_REFERENCE.sub("\ufffd", _TAG.sub(" ", text)))
    return text


_LINE = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_LONG_REFERENCE = re.compile(r"&#\d{8,};?")  # html.unescape raises for 4,300 digits


def _bare(marked: str) -> tuple[str, list[str]]:
    """The page without its styles, scripts and comments; and its styles."""
    kept: list[str] = []
    sheets: list[str] = []
    place = 0
    while begins := _BEGINS.search(marked, place):
        kept.append(marked[place : begins.start()])
        kind = begins[0][:3].lower()
        opened = begins.start() + 2 if kind == "<!-" else marked.find(">", begins.end()) + 1
        ended = _ENDS[kind].search(marked, opened) if opened else None
        if kind == "<st" and opened:
            sheets.append(marked[opened : ended.start() if ended else len(marked)])
        if ended is None:
            return "".join(kept), sheets
        place = ended.end() if kind == "<!-" else marked.find(">", ended.end()) + 1 or len(marked)
    return "".join([*kept, marked[place:]]), sheets
