"""The text of an HTML page of any length: what nobody sees is taken out first, then its head and its end are laid out."""

from __future__ import annotations

import html
import re
from typing import NamedTuple

from vigie.core.html_layout import lay_out
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
    """The text of a page, and sentences about what of it was left unread."""

    text: str
    curtailed: tuple[str, ...] = ()


def html_text(marked: str) -> Page:
    """HTML as text, its tables in columns; of a very long page the head and the end."""
    bare, sheets = _bare(marked)
    read = ends(bare, MARKED, begin="<")
    text = _laid_out(read.head, sheets)
    if not read.between:
        return Page(text)
    both = f"{text}\n{mark(read.between)}\n{_laid_out(read.end, sheets)}"
    return Page(both, (told("HTML", len(bare), read),))


def _laid_out(marked: str, sheets: list[str]) -> str:
    """The text; without its tags alone where it is nested too deeply to be laid out."""
    text = lay_out(marked, sheets)
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
