"""Markdown to Slack's mrkdwn: https://docs.slack.dev/messaging/formatting-message-text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it.tree import SyntaxTreeNode

from vigie.documents.markdown import MESSAGES
from vigie.documents.sealed_fact import reveal

# Slack has no escape for its marks; a zero-width space after one makes it an ordinary character.
_BREAK = "\u200b"
_MARK = re.compile(r"[*~`]|(?<![^\W_])_|_(?![^\W_])")
_QUOTE = re.compile(r"^&gt;", re.MULTILINE)

# Slack formats only between a mark and something that is no word: where a word touches, it needs the space too.
_EDGE = "\ue002"
_TOUCHED = re.compile("(?<=[\\w*_~])\ue002+(?=[*_~])|(?<=[*_~])\ue002+(?=[\\w*_~])")


def to_mrkdwn(text: str) -> str:
    """The mrkdwn of a message, its sealed facts revealed. Marks in plain text and in facts are not formatting."""
    written = _blocks(SyntaxTreeNode(MESSAGES.parse(text.replace(_EDGE, ""))).children)
    return _TOUCHED.sub(_BREAK, written).replace(_EDGE, "")


def literal(text: str) -> str:
    """The text as Slack shows it unchanged: no link, no mention, no formatting."""
    return _QUOTE.sub(f"{_BREAK}&gt;", _MARK.sub(lambda mark: mark[0] + _BREAK, _escaped(text)))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _blocks(nodes: Sequence[SyntaxTreeNode], between: str = "\n\n") -> str:
    return between.join(_block(node) for node in nodes)


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "heading":
            return _marked("*", _inline(node.children, bold=True))
        case "bullet_list" | "ordered_list":
            return _list(node)
        case "blockquote":
            return "\n".join(f"> {line}".rstrip() for line in _blocks(node.children).split("\n"))
        case "fence" | "code_block":
            code = _escaped(reveal(node.content)).replace("```", f"`{_BREAK}`{_BREAK}`")
            return f"```\n{code.rstrip()}\n```"
        case "hr":
            return "———"
        case "paragraph" | "inline":
            return _inline(node.children)
        case other:
            raise AssertionError(other)


def _list(node: SyntaxTreeNode) -> str:
    first = int(node.attrs.get("start", 1))
    tight = all(part.hidden for item in node.children for part in item.children if part.type == "paragraph")
    items = []
    for number, item in enumerate(node.children, start=first):
        sign = "•" if node.type == "bullet_list" else f"{number}."
        lines = _blocks(item.children, "\n" if tight else "\n\n").split("\n")
        items.append("\n".join([f"{sign} {lines[0]}", *(f"    {line}".rstrip() for line in lines[1:])]))
    return ("\n" if tight else "\n\n").join(items)


def _inline(nodes: Sequence[SyntaxTreeNode], *, bold: bool = False) -> str:
    return "".join(_span(node, bold=bold) for node in nodes)


def _span(node: SyntaxTreeNode, *, bold: bool) -> str:
    match node.type:
        case "text":
            return literal(reveal(node.content))
        case "softbreak" | "hardbreak":
            return "\n"
        case "code_inline":
            code = reveal(node.content)
            plain = "`" in code or "\n" in code or not code.strip()
            return literal(code) if plain else f"`{_escaped(code)}`"
        case "strong":
            inner = _inline(node.children, bold=True)
            return inner if bold else _marked("*", inner)
        case "em":
            return _marked("_", _inline(node.children, bold=bold))
        case "s":
            return _marked("~", _inline(node.children, bold=bold))
        case "link":
            href = str(node.attrs["href"]).replace("|", "%7C")
            label = " ".join(_inline(node.children, bold=True).split())
            return f"<{_escaped(href)}|{label}>" if label else f"<{_escaped(href)}>"
        case "inline":
            return _inline(node.children, bold=bold)
        case other:
            raise AssertionError(other)


def _marked(mark: str, inner: str) -> str:
    """The text between two marks; as it is where Slack would not take them for formatting."""
    inner = inner.strip(_EDGE)
    if not inner or inner != inner.strip() or "\n" in inner:
        return inner
    return f"{_EDGE}{mark}{inner}{mark}{_EDGE}"
