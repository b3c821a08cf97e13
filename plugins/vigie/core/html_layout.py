"""HTML laid out as text, as people see it: lines and tables, without what is hidden, in time that grows with its size.

Nothing is padded, indented or copied from level to level: a page whose layout is a product (a wide cell beside many
lines) costs no more than its text. The parser (libxml2) is read as it goes: no tree is built, nothing recurses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lxml import etree

from vigie.core.html_sight import has_size, hides, is_seen
from vigie.core.html_style import Element, Styles
from vigie.core.text_flow import TextFlow
from vigie.core.text_table import TextTable

_UNSEEN = frozenset(
    ["head", "link", "meta", "script", "style", "title", "template", "rt", "rp", "datalist", "noembed", "noframes"]
)
_BLOCKS = frozenset([
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hgroup", "hr", "html", "layer", "legend", "li", "listing", "main", "menu", "nav", "ol", "optgroup",
    "option", "p", "plaintext", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
    "ul", "xmp",
])  # fmt: skip
_PARTED = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "figure"])
"""An empty line stands above and below."""

_WRITTEN_OUT = frozenset(["pre", "xmp", "listing", "plaintext", "textarea"])
_BULLETS = ("* ", "+ ", "o ", "- ")
_TABLES = 100
"""Tables within tables. What is deeper is read as lines, not in columns."""

_SHOWN_INPUTS = frozenset(["", "text", "submit", "button", "reset", "email", "number", "search", "tel", "url", "date"])


class _Open(NamedTuple):
    """An element that has begun: what holds in it, and where its text goes."""

    element: Element
    flow: TextFlow
    table: TextTable | None
    is_table: bool
    hidden: bool
    seen: bool
    sized: bool
    written_out: bool
    tables: int
    lists: int


class _Page:
    """Hears of each mark and text from the parser, and writes."""

    def __init__(self, styles: Styles, depth: int) -> None:
        self._styles = styles
        self._depth = depth
        self._out = TextFlow()
        self._root = _Open(Element("", {}), self._out, None, False, False, True, True, False, 0, 0)
        self._stack: list[_Open] = []
        self._elements: list[Element] = []
        self._open: dict[str, int] = {}
        self._numbers: list[int | None] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if len(self._stack) >= self._depth:
            raise _TooDeep
        above = self._stack[-1] if self._stack else self._root
        tag = tag.lower()
        element = Element(tag, attributes)
        properties = {} if above.hidden else self._styles.of(element, self._elements)
        hidden = above.hidden or tag in _UNSEEN or "hidden" in attributes or hides(properties)
        seen = is_seen(properties, before=above.seen)
        sized = True if tag == "font" and attributes.get("size") else has_size(properties, before=above.sized)
        white = properties.get("white-space")
        written_out = white.startswith("pre") if white else above.written_out or tag in _WRITTEN_OUT
        flow, table, tables, lists, is_table = above.flow, above.table, above.tables, above.lists, False
        if not hidden:
            if tag == "table" and tables < _TABLES:
                above.flow.begin_line()
                table, is_table = TextTable(), True
                flow, tables = table.beside, tables + 1
            elif tag == "tr" and table is not None:
                table.end_row()
            elif tag in {"td", "th"} and table is not None:
                flow = TextFlow()
                table.cells.append(flow)
            elif tag in {"td", "th"}:
                flow.write(" ", written_out=False)
            elif tag == "br":
                flow.end_line()
            elif (properties.get("display") or "block") in {"block", "list-item", "flex", "table"} and (
                tag in _BLOCKS or properties.get("display")
            ):
                flow.begin_line(parted=tag in _PARTED)
            lists += tag in {"ol", "ul", "menu", "dir"}
            if tag in {"ol", "ul", "menu", "dir"}:
                self._numbers.append(_number(attributes.get("start"), 1) if tag == "ol" else None)
        now = _Open(element, flow, table, is_table, hidden, seen, sized, written_out, tables, lists)
        self._stack.append(now)
        self._elements.append(element)
        self._open[tag] = self._open.get(tag, 0) + 1
        if not hidden:
            self._write_of(now, tag, attributes)

    def _write_of(self, now: _Open, tag: str, attributes: Mapping[str, str]) -> None:
        """What an element itself says."""
        said = ""
        if tag == "li" and now.seen and now.sized:
            said = self._bullet(now, attributes)
        elif tag == "q":
            said = '"'
        elif tag in {"img", "area"} and not {attributes.get("width"), attributes.get("height")} & {"0", "1"}:
            said = attributes.get("alt") or attributes.get("title") or ""
        elif tag == "input" and attributes.get("type", "").lower() in _SHOWN_INPUTS:
            said = attributes.get("value") or ""
        elif tag == "input" and attributes.get("type", "").lower() == "image":
            said = attributes.get("alt") or ""
        if said and now.seen and (now.sized or tag in {"img", "area", "input"}):
            now.flow.write(said, written_out=False)

    def _bullet(self, now: _Open, attributes: Mapping[str, str]) -> str:
        if not self._numbers or self._numbers[-1] is None:
            return _BULLETS[max(0, now.lists - 1) % len(_BULLETS)]
        number = _number(attributes.get("value"), self._numbers[-1])
        self._numbers[-1] = number + 1
        return f"{number}. "

    def end(self, tag: str) -> None:
        """An element ends, and whatever is still open in it."""
        tag = tag.lower()
        if not self._open.get(tag):
            return
        while self._stack:
            ended = self._stack.pop()
            self._elements.pop()
            self._open[ended.element.tag] -= 1
            self._left(ended)
            if ended.element.tag == tag:
                return

    def _left(self, ended: _Open) -> None:
        if ended.hidden:
            return
        tag = ended.element.tag
        if ended.is_table and ended.table is not None:
            ended.table.end_row()
            ended.table.beside.begin_line()
            around = (self._stack[-1] if self._stack else self._root).flow
            around.take(ended.table.beside.lines)
            around.take(ended.table.lines.lines)
        elif tag in {"td", "th"}:
            ended.flow.write(" ", written_out=False)
        elif tag == "q" and ended.seen and ended.sized:
            ended.flow.write('"', written_out=False)
        elif tag in _BLOCKS and tag not in {"tr", "tbody", "thead", "tfoot"}:
            ended.flow.begin_line(parted=tag in _PARTED)
        if tag in {"ol", "ul", "menu", "dir"} and self._numbers:
            self._numbers.pop()

    def data(self, text: str) -> None:
        """Text stands here."""
        now = self._stack[-1] if self._stack else self._root
        if not now.hidden and now.seen and now.sized:
            now.flow.write(text, written_out=now.written_out)

    def comment(self, text: str) -> None:
        """Nobody sees a comment."""

    def pi(self, target: str, text: str | None = None) -> None:
        """Nor an instruction."""

    def close(self) -> str:
        """The whole text."""
        while self._stack:
            self.end(self._stack[-1].element.tag)
        self._out.begin_line()
        return "\n".join(self._out.lines)


def _number(written: str | None, otherwise: int) -> int:
    return int(written) if written and written.isascii() and written.isdigit() and len(written) < 7 else otherwise


class _TooDeep(Exception):  # it only ends the parser
    """An element stands deeper than can be afforded."""


_STEPS = 200_000_000
"""libxml2 looks through all open elements for each end of one that was never opened: so many steps take a second."""


_CHUNK = 8_192
"""The parser ends for an exception behind a chunk, not within."""


def lay_out(marked: str, styles: Styles | None = None) -> str | None:
    """HTML as text, ``styles`` are those of its sheets; None where it is nested too deeply for its ends of elements.

    Never raises for what the HTML holds.
    """
    page = _Page(styles or Styles(), max(1_000, _STEPS // (marked.count("</") + 1)))
    parser = etree.HTMLParser(target=page, encoding="utf-8")
    try:
        for place in range(0, len(marked), _CHUNK):
            parser.feed(marked[place : place + _CHUNK].encode("utf-8", "replace"))
        parser.close()
    except _TooDeep:
        return None
    except etree.LxmlError:  # an empty document, or one that the parser gives up: what was read stands
        pass
    return page.close()
