"""The outline of a Markdown page: its headings, and the blocks under each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image").enable("table")
_IN_TEXT = re.compile(r"[\[<]|\A\s*(\*\*|__)")
"""What anybody asks of a text that is no heading: its links, and whether it begins in bold."""

_IN_HEADING = re.compile(r"[\[<*_`\\&\n]")


def _inline(state: StateCore) -> None:
    """markdown-it's rule *inline*, a third of the time of reading a page, for those texts alone that somebody reads."""
    before = ""
    for token in state.tokens:
        if token.type == "inline":
            pattern = _IN_HEADING if before == "heading_open" else _IN_TEXT
            if pattern.search(token.content):
                token.children = []
                state.md.inline.parse(token.content, state.md, state.env, token.children)
            else:
                token.children = [Token("text", "", 0, content=token.content)]
        before = token.type


_MARKDOWN.core.ruler.at("inline", _inline)


class Block(NamedTuple):
    """A block at the left margin. ``start`` and ``end`` are lines of the page, counted from 0, ``end`` not in it."""

    kind: str
    start: int
    end: int
    tokens: Sequence[Token]


class Link(NamedTuple):
    """A link, its words, and the line of the paragraph in which it stands (counted from 0)."""

    label: str
    target: str
    line: int


class Row(NamedTuple):
    """A row of a table: its line (counted from 0), and the words of its cells."""

    line: int
    cells: Sequence[str]


class Section(NamedTuple):
    """A heading and the blocks up to the next one. Level 0 is what stands before the first heading."""

    level: int
    title: str
    anchor: str
    line: int
    blocks: Sequence[Block]


def sections(page: str) -> list[Section]:
    """Cut a page at its headings."""
    found = [Section(0, "", "", 0, [])]
    for block in _blocks(_MARKDOWN.parse(page)):
        if block.kind == "heading":
            title = _words(block.tokens[1].children or [])
            level = int(block.tokens[0].tag[1:])
            found.append(Section(level, title, anchor_of(title), block.start, []))
        else:
            found[-1] = found[-1]._replace(blocks=[*found[-1].blocks, block])
    return found


def anchor_of(title: str) -> str:
    """The anchor that GitHub and GitLab give to a heading: small letters, '-' for spaces, no punctuation."""
    title = unicodedata.normalize("NFC", title).strip().lower()
    return re.sub(r"[^\w\- ]", "", title).replace(" ", "-")


def links(tokens: Sequence[Token]) -> Iterator[Link]:
    """Every link in these tokens."""
    for token in tokens:
        if token.type != "inline":
            continue
        line = token.map[0] if token.map else 0
        children = token.children or []
        for number, child in enumerate(children):
            if child.type == "link_open":
                target = unicodedata.normalize("NFC", unquote(str(child.attrGet("href") or "")))
                yield Link(_words(children[number:]).strip(), target, line)


def only_link(item: Sequence[Token]) -> Link | None:
    """The link of a list's item that is one link and nothing else."""
    if [token.type for token in item] != ["paragraph_open", "inline", "paragraph_close"]:
        return None
    children = item[1].children or []
    opens = [child for child in children if child.type == "link_open"]
    if len(opens) != 1 or children[0] is not opens[0] or children[-1].type != "link_close":
        return None
    return next(links(item))


def items(block: Block) -> list[Sequence[Token]]:
    """The items of a list, each without its own brackets."""
    found: list[list[Token]] = []
    for token in block.tokens[1:-1]:
        if token.type == "list_item_open" and token.level == 1:
            found.append([])
        elif token.type != "list_item_close" or token.level != 1:
            found[-1].append(token)
    return [*found]


def rows(block: Block) -> list[Row]:
    """The rows of a table, its head first."""
    found: list[Row] = []
    for token in block.tokens:
        if token.type == "tr_open":
            found.append(Row((token.map or [block.start])[0], []))
        elif token.type == "inline":
            found[-1] = found[-1]._replace(cells=[*found[-1].cells, token.content.strip()])
    return found


def first_bold(block: Block) -> str:
    """The bold words with which a quote begins, empty where it does not begin with any."""
    inline = next((token for token in block.tokens if token.type == "inline"), None)
    children = [child for child in (inline.children or [] if inline else []) if child.type != "text" or child.content]
    if not children or children[0].type != "strong_open":
        return ""
    end = next(number for number, child in enumerate(children) if child.type == "strong_close")
    return _words(children[1:end])


def only_paragraph_link(block: Block) -> Link | None:
    """The link of a paragraph that is one link and nothing else."""
    return only_link(block.tokens) if block.kind == "paragraph" else None


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    begun = 0
    for number, token in enumerate(tokens):
        if token.level != 0 or token.nesting == 1:
            if token.level == 0:
                begun = number
            continue
        if token.nesting == 0:
            begun = number
        start, end = tokens[begun].map or (0, 0)
        yield Block(token.type.removesuffix("_close"), start, end, tokens[begun : number + 1])


def _words(children: Sequence[Token]) -> str:
    """The words of inline tokens, up to the end of a link where they begin with one."""
    words = []
    for child in children:
        if child.type == "link_close" and children[0].type == "link_open":
            break
        if child.type in {"text", "code_inline"}:
            words.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            words.append(" ")
    return "".join(words)
